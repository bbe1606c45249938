//! Who people are elsewhere, and what is asked of them here.

use registry::{ProviderKind, ProviderSettings, SecondFactorRule, WorkflowIssuer, WorkflowService};
use url::Url;

use super::{ConfigError, Values, concerns::flag};

/// Who people are elsewhere, and what is asked of them here.
#[derive(Clone, Debug)]
pub(crate) struct IdentityConfig {
    /// Who may publish only with a second factor.
    pub second_factor_rule: SecondFactorRule,
    /// Whether domains of addresses are looked up.
    pub looks_up_domains: bool,
    /// Where people have accounts that log them in here.
    pub providers: Vec<ProviderSettings>,
    /// Whose workflows can be trusted.
    pub workflow_issuers: Vec<WorkflowIssuer>,
}

impl IdentityConfig {
    /// Reads them.
    pub(super) fn from_values(values: &Values) -> Result<Self, ConfigError> {
        let rule = |text: &str| match text {
            "nobody" => Ok(SecondFactorRule::Nobody),
            "critical" => Ok(SecondFactorRule::Critical),
            "maintainers" => Ok(SecondFactorRule::Maintainers),
            _ => Err("it should be nobody, critical or maintainers".to_owned()),
        };
        let mut providers: Vec<ProviderSettings> = github(values)?.into_iter().collect();
        providers.extend(openid(values)?);
        Ok(Self {
            second_factor_rule: values.parse("second_factor", rule)?.unwrap_or_default(),
            looks_up_domains: values.parse("email_domains", flag)?.unwrap_or(true),
            providers,
            workflow_issuers: values.parse("workflow_issuers", workflow_issuers)?.unwrap_or_default(),
        })
    }
}

fn github(values: &Values) -> Result<Option<ProviderSettings>, ConfigError> {
    let text = |text: &str| Ok(text.to_owned());
    let server = values.parse("github.url", address)?;
    let api = values.parse("github.api_url", address)?;
    let client_id = values.parse("github.client_id", text)?;
    let client_secret = values.parse("github.client_secret", text)?;
    match (client_id, client_secret, server, api) {
        (Some(client_id), Some(client_secret), Some(server), Some(api)) => Ok(Some(ProviderSettings {
            name: "GitHub".to_owned(),
            client_id,
            client_secret,
            kind: ProviderKind::GitHub { server, api },
        })),
        (Some(_), None, ..) => Err(ConfigError::Without { name: "github.client_id", other: "github.client_secret" }),
        (None, Some(_), ..) => Err(ConfigError::Without { name: "github.client_secret", other: "github.client_id" }),
        _ => Ok(None),
    }
}

/// As many of each as there are issuers.
fn openid(values: &Values) -> Result<Vec<ProviderSettings>, ConfigError> {
    let list = |text: &str| Ok(text.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>());
    let issuers = |text: &str| text.split(',').map(|part| issuer(part.trim())).collect::<Result<Vec<_>, _>>();
    let issuers = values.parse("oidc.issuer", issuers)?.unwrap_or_default();
    let [names, ids, secrets] =
        ["oidc.name", "oidc.client_id", "oidc.client_secret"].map(|name| values.parse(name, list));
    let (names, ids, secrets) = (names?.unwrap_or_default(), ids?.unwrap_or_default(), secrets?.unwrap_or_default());
    for (name, count) in
        [("oidc.name", names.len()), ("oidc.client_id", ids.len()), ("oidc.client_secret", secrets.len())]
    {
        if count < issuers.len() {
            return Err(ConfigError::Without { name: "oidc.issuer", other: name });
        }
        if count > issuers.len() {
            return Err(ConfigError::Without { name, other: "oidc.issuer" });
        }
    }
    let providers = issuers.into_iter().zip(names).zip(ids.into_iter().zip(secrets));
    Ok(providers
        .map(|((issuer, name), (client_id, client_secret))| ProviderSettings {
            name,
            client_id,
            client_secret,
            kind: ProviderKind::OpenId { issuer },
        })
        .collect())
}

fn workflow_issuers(text: &str) -> Result<Vec<WorkflowIssuer>, String> {
    let one = |part: &str| {
        let expected = || format!("{part:?} is not github or gitlab, a colon, and the address of an issuer");
        let (service, address) = part.trim().split_once(':').ok_or_else(expected)?;
        let service = match service {
            "github" => WorkflowService::GitHub,
            "gitlab" => WorkflowService::GitLab,
            _ => return Err(expected()),
        };
        Ok(WorkflowIssuer { service, address: issuer(address)? })
    };
    text.split(',').map(one).collect()
}

/// The address of an issuer as it writes itself: with or without a slash at its end.
fn issuer(text: &str) -> Result<String, String> {
    address(text).map(|_| text.to_owned())
}

/// An address of a server that secrets are sent to: https, or this machine.
fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok();
    let is_here = |url: &Url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let is_good = |url: &Url| {
        (url.scheme() == "https" || url.scheme() == "http" && is_here(url))
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    };
    url.filter(is_good).ok_or_else(|| format!("{text:?} is no https address (http is for this machine only)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_https_or_stay_here() {
        for good in
            ["https://issuer.test", "https://issuer.test/realms/a", "http://localhost:9", "http://127.0.0.1:9/x"]
        {
            assert!(issuer(good).is_ok(), "{good}");
        }
        for bad in
            ["", "issuer.test", "http://issuer.test", "http://127.0.0.1.issuer.test", "https://u:p@a", "https://a/?b"]
        {
            assert!(issuer(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn issuers_of_workflows_say_what_they_are() {
        let found = workflow_issuers("github:https://token.test, gitlab:https://gitlab.test").expect("two");
        assert_eq!(
            found[1],
            WorkflowIssuer { service: WorkflowService::GitLab, address: "https://gitlab.test".to_owned() }
        );
        for bad in ["https://token.test", "bitbucket:https://a.test", "github:http://a.test"] {
            assert!(workflow_issuers(bad).is_err(), "{bad}");
        }
    }
}
