use url::Url;

use super::{Issuer, WebClient};

/// Where else people have accounts, as the configuration says.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderSettings {
    /// What people know it as.
    pub name: String,
    /// By what it knows this registry.
    pub client_id: String,
    /// By what it knows that it is this registry.
    pub client_secret: String,
    /// How it is spoken to.
    pub kind: ProviderKind,
}

/// How a provider is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// As GitHub is: OAuth 2, and an API of its own.
    GitHub {
        /// Where people log in: `https://github.com`.
        server: Url,
        /// Where its API is: `https://api.github.com`.
        api: Url,
    },
    /// By OpenID Connect.
    OpenId {
        /// The issuer, as it writes itself.
        issuer: String,
    },
}

// The secret is nobody's business.
impl std::fmt::Debug for ProviderSettings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ProviderSettings")
            .field("name", &self.name)
            .field("client_id", &self.client_id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A provider that people log in at.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    /// What stands in addresses.
    pub(crate) slug: String,
    pub(crate) settings: ProviderSettings,
    /// Who signs its tokens; GitHub signs none.
    pub(crate) issuer: Option<Issuer>,
}

/// Makes of settings what speaks to providers. No connection is opened yet.
pub(crate) fn providers(settings: Vec<ProviderSettings>, client: &WebClient) -> Vec<Provider> {
    let mut providers: Vec<Provider> = Vec::new();
    for settings in settings {
        let slug = slug(&settings.name);
        let same = providers.iter().filter(|provider| provider.slug == slug).count();
        let slug = if same == 0 { slug } else { format!("{slug}-{}", same + 1) };
        let issuer = match &settings.kind {
            ProviderKind::GitHub { .. } => None,
            ProviderKind::OpenId { issuer } => Some(Issuer::new(issuer, client.clone())),
        };
        providers.push(Provider { slug, settings, issuer });
    }
    providers
}

/// A name as it stands in addresses: letters and digits with hyphens between.
fn slug(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if slug.is_empty() { "provider".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_have_addresses_of_their_own() {
        let named = |name: &str| ProviderSettings {
            name: name.to_owned(),
            client_id: "id".to_owned(),
            client_secret: "hush".to_owned(),
            kind: ProviderKind::OpenId { issuer: "https://issuer.test".to_owned() },
        };
        let settings =
            ["GitHub", "Example: Single Sign-on", "example single sign on", "Ünïcode", "—"].map(named).to_vec();
        assert!(!format!("{settings:?}").contains("hush"));
        let client = WebClient::new().expect("a client");
        let slugs: Vec<String> = providers(settings, &client).into_iter().map(|provider| provider.slug).collect();
        assert_eq!(slugs, ["github", "example-single-sign-on", "example-single-sign-on-2", "n-code", "provider"]);
    }
}
