//! What a service says of a run of a workflow in the token that it gives to it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A service that runs workflows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkflowService {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI/CD.
    GitLab,
}

impl WorkflowService {
    /// The spelling in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
        }
    }

    /// What people know it as.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub Actions",
            Self::GitLab => "GitLab CI/CD",
        }
    }
}

/// An instance of such a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowIssuer {
    /// What it is.
    pub service: WorkflowService,
    /// The issuer of its tokens, as it writes itself.
    pub address: String,
}

/// The issuer of the one GitHub that everybody uses; its repositories are elsewhere.
const GITHUB_ISSUER: &str = "https://token.actions.githubusercontent.com";

impl WorkflowIssuer {
    /// Those that everybody uses.
    pub fn usual() -> Vec<Self> {
        vec![
            Self { service: WorkflowService::GitHub, address: GITHUB_ISSUER.to_owned() },
            Self { service: WorkflowService::GitLab, address: "https://gitlab.com".to_owned() },
        ]
    }

    /// Where its repositories are: scheme and host.
    pub fn server(&self) -> String {
        if self.address == GITHUB_ISSUER {
            return "https://github.com".to_owned();
        }
        url::Url::parse(&self.address).map_or_else(|_| self.address.clone(), |url| url.origin().ascii_serialization())
    }
}

/// A run of a workflow: public facts, kept with what it has published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowRun {
    /// The service.
    pub service: WorkflowService,
    /// The repository: `owner/name`, or the path of a project.
    pub repository: String,
    /// The file of the workflow: its name, on GitLab its path.
    pub workflow: String,
    /// The environment that it runs in.
    pub environment: Option<String>,
    /// What it was started for: a branch or a tag.
    pub reference: String,
    /// The commit, as its hash.
    pub commit: String,
    /// The page of the run.
    pub run_url: String,
    /// The page of the commit.
    pub commit_url: String,
}

/// What a token says of its run, and what of it never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claimed {
    pub(super) run: WorkflowRun,
    pub(super) repository_id: String,
    pub(super) owner_id: String,
}

/// Why a run may not publish, whatever it runs for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RunError {
    /// Something is missing.
    #[error("its {0} is missing or of another form")]
    Claim(&'static str),
    /// Anybody can start such a run, with the rights of the repository.
    #[error(
        "it was started by {0}, which strangers may cause; start the workflow by a push, a tag, a release or by hand"
    )]
    Trigger(String),
}

/// What only those start at GitHub who may write to the repository, and its own timer.
const TRIGGERS: [&str; 7] =
    ["create", "deployment", "push", "release", "repository_dispatch", "schedule", "workflow_dispatch"];

/// The same at GitLab: not what a merge request starts, which may have the code of a stranger.
const PIPELINE_SOURCES: [&str; 8] =
    ["api", "chat", "parent_pipeline", "pipeline", "push", "schedule", "trigger", "web"];

/// Reads what a token says.
pub(super) fn read(issuer: &WorkflowIssuer, claims: &Map<String, Value>) -> Result<Claimed, RunError> {
    let optional = |name: &'static str| match claims.get(name) {
        Some(Value::String(text)) if !text.is_empty() && text.len() <= 500 && !text.contains(model::is_unseen) => {
            Some(text.clone())
        }
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let text = |name: &'static str| optional(name).ok_or(RunError::Claim(name));
    let server = issuer.server();
    match issuer.service {
        WorkflowService::GitHub => {
            let repository = text("repository")?;
            // owner/name/.github/workflows/file@reference
            let workflow = text("workflow_ref")?;
            let beginning = format!("{repository}/.github/workflows/");
            let workflow = workflow.strip_prefix(&beginning).and_then(|rest| rest.split('@').next());
            let workflow = workflow.filter(|file| !file.is_empty() && !file.contains('/'));
            let workflow = workflow.ok_or(RunError::Claim("workflow_ref"))?.to_owned();
            let trigger = text("event_name")?;
            if !TRIGGERS.contains(&trigger.as_str()) {
                return Err(RunError::Trigger(trigger));
            }
            let commit = commit(&text("sha")?).ok_or(RunError::Claim("sha"))?;
            let run = number(&text("run_id")?).ok_or(RunError::Claim("run_id"))?;
            Ok(Claimed {
                repository_id: text("repository_id")?,
                owner_id: text("repository_owner_id")?,
                run: WorkflowRun {
                    service: issuer.service,
                    run_url: format!("{server}/{repository}/actions/runs/{run}"),
                    commit_url: format!("{server}/{repository}/commit/{commit}"),
                    repository,
                    workflow,
                    environment: optional("environment"),
                    reference: text("ref")?,
                    commit,
                },
            })
        }
        WorkflowService::GitLab => {
            let repository = text("project_path")?;
            // host/group/project//path@reference
            let workflow = text("ci_config_ref_uri")?;
            let host = server.split("://").nth(1).unwrap_or_default();
            let workflow = workflow.strip_prefix(&format!("{host}/{repository}//"));
            let workflow = workflow.and_then(|rest| rest.split('@').next()).filter(|file| !file.is_empty());
            let workflow = workflow.ok_or(RunError::Claim("ci_config_ref_uri"))?.to_owned();
            let trigger = text("pipeline_source")?;
            if !PIPELINE_SOURCES.contains(&trigger.as_str()) {
                return Err(RunError::Trigger(trigger));
            }
            let commit = commit(&text("sha")?).ok_or(RunError::Claim("sha"))?;
            let job = number(&text("job_id")?).ok_or(RunError::Claim("job_id"))?;
            Ok(Claimed {
                repository_id: text("project_id")?,
                owner_id: text("namespace_id")?,
                run: WorkflowRun {
                    service: issuer.service,
                    run_url: format!("{server}/{repository}/-/jobs/{job}"),
                    commit_url: format!("{server}/{repository}/-/commit/{commit}"),
                    repository,
                    workflow,
                    environment: optional("environment"),
                    reference: text("ref")?,
                    commit,
                },
            })
        }
    }
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}

fn commit(text: &str) -> Option<String> {
    let is_hash = (40..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn github() -> Value {
        json!({
            "repository": "ada/pg_example",
            "repository_id": "74",
            "repository_owner": "ada",
            "repository_owner_id": "65",
            "workflow_ref": "ada/pg_example/.github/workflows/release.yml@refs/tags/v1.0.0",
            "event_name": "release",
            "ref": "refs/tags/v1.0.0",
            "sha": "0123456789abcdef0123456789abcdef01234567",
            "run_id": "123456",
        })
    }

    fn claimed(issuer: &WorkflowIssuer, claims: &Value) -> Result<Claimed, RunError> {
        read(issuer, claims.as_object().expect("an object"))
    }

    #[test]
    fn reads_what_github_says() {
        let [github_com, _] = WorkflowIssuer::usual().try_into().expect("two");
        let found = claimed(&github_com, &github()).expect("a run");
        assert_eq!((found.repository_id.as_str(), found.owner_id.as_str()), ("74", "65"));
        assert_eq!(found.run.workflow, "release.yml");
        assert_eq!(found.run.run_url, "https://github.com/ada/pg_example/actions/runs/123456");
        assert_eq!(found.run.environment, None);
        for (name, value) in [
            ("repository_id", json!(null)),
            // A workflow of another repository, and other files.
            ("workflow_ref", json!("eve/pg_example/.github/workflows/release.yml@refs/heads/main")),
            ("workflow_ref", json!("ada/pg_example/.github/workflows/../release.yml@refs/heads/main")),
            ("workflow_ref", json!("ada/pg_example/.github/workflows/@refs/heads/main")),
            ("sha", json!("main")),
            ("run_id", json!("../../evil")),
            ("ref", json!("refs/heads/\u{202e}main")),
        ] {
            let mut claims = github();
            claims[name] = value.clone();
            assert!(matches!(claimed(&github_com, &claims), Err(RunError::Claim(_))), "{name} {value}");
        }
        for trigger in ["pull_request_target", "workflow_run", "issue_comment", "fork", "pull_request"] {
            let mut claims = github();
            claims["event_name"] = json!(trigger);
            assert_eq!(claimed(&github_com, &claims), Err(RunError::Trigger(trigger.to_owned())));
        }
    }

    #[test]
    fn reads_what_gitlab_says() {
        let issuer =
            WorkflowIssuer { service: WorkflowService::GitLab, address: "https://gitlab.example.org".to_owned() };
        let claims = json!({
            "project_path": "ada/tools/pg_example",
            "project_id": "22",
            "namespace_id": 7,
            "ci_config_ref_uri": "gitlab.example.org/ada/tools/pg_example//.gitlab-ci.yml@refs/heads/main",
            "ref": "main",
            "sha": "0123456789ABCDEF0123456789abcdef01234567",
            "job_id": "302",
            "pipeline_source": "push",
            "environment": "release",
        });
        let found = claimed(&issuer, &claims).expect("a run");
        assert_eq!((found.repository_id.as_str(), found.owner_id.as_str()), ("22", "7"));
        assert_eq!(found.run.workflow, ".gitlab-ci.yml");
        assert_eq!(found.run.run_url, "https://gitlab.example.org/ada/tools/pg_example/-/jobs/302");
        assert_eq!(found.run.environment.as_deref(), Some("release"));
        assert!(found.run.commit.starts_with("0123456789abcdef"));
        let mut merge = claims.clone();
        merge["pipeline_source"] = json!("merge_request_event");
        assert_eq!(claimed(&issuer, &merge), Err(RunError::Trigger("merge_request_event".to_owned())));
        let mut foreign = claims;
        foreign["ci_config_ref_uri"] = json!("gitlab.example.org/eve/other//.gitlab-ci.yml@refs/heads/main");
        assert!(claimed(&issuer, &foreign).is_err());
    }
}
