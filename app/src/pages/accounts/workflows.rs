//! What is put into a repository so that its workflow publishes: complete, to be copied.

use registry::WorkflowService;

/// What a workflow is for.
pub(super) struct Workflow<'a> {
    /// The service that runs it.
    pub(super) service: WorkflowService,
    /// The package.
    pub(super) package: &'a str,
    /// The environment that it runs in.
    pub(super) environment: Option<&'a str>,
    /// The address of this registry, without a slash behind it.
    pub(super) registry: &'a str,
}

/// What a file is published by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The source, by curl.
    Source,
    /// A binary, by the trunk command.
    Trunk,
}

/// Shell: exchanges `$id_token` for a token of this registry, in `$token`.
const EXCHANGE: &str = r#"token=$(curl --fail-with-body --silent --show-error \
  --header "Content-Type: application/json" --header "Accept: text/plain" \
  --data "{\"token\":\"$id_token\",\"package\":\"PACKAGE\"}" \
  REGISTRY/api/v1/trusted-publishing/tokens) || { echo "$token"; exit 1; }"#;

/// Shell: publishes the source of `$version`.
const SOURCE: &str = r#"git archive --format zip --prefix "PACKAGE-$version/" --output "PACKAGE-$version.zip" HEAD
curl --fail-with-body --silent --show-error --upload-file "PACKAGE-$version.zip" \
  --header "Authorization: Bearer $token" --header "Content-Type: application/zip" \
  "REGISTRY/api/v1/packages/PACKAGE/$version""#;

/// Shell: publishes a binary of `$version`, built before.
const TRUNK: &str = r#"TRUNK_API_TOKEN=$token trunk publish PACKAGE --version "$version" \
  --file "PACKAGE-$version.tar.gz" --registry REGISTRY
# The command ends as if all were well also where it was refused.
curl --fail --silent --show-error --output /dev/null "REGISTRY/api/v1/packages/PACKAGE/$version""#;

/// Shell: a token of the run, from GitHub.
const GITHUB_TOKEN: &str = r#"id_token=$(curl --fail --silent --show-error \
  --header "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \
  "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=REGISTRY" | sed -E 's/.*"value" *: *"([^"]+)".*/\1/')"#;

impl Workflow<'_> {
    /// The whole file.
    pub(super) fn file(&self, way: Way) -> String {
        let text = match self.service {
            WorkflowService::GitHub => self.github(way),
            WorkflowService::GitLab => self.gitlab(way),
        };
        text.replace("PACKAGE", self.package).replace("REGISTRY", self.registry)
    }

    fn github(&self, way: Way) -> String {
        let environment =
            self.environment.map(|name| format!("    environment: {}\n", quoted(name))).unwrap_or_default();
        let before = match way {
            Way::Source => String::new(),
            Way::Trunk => {
                "      # Build PACKAGE-$version.tar.gz here: trunk build, or what you build with.\n".to_owned()
            }
        };
        let script = [
            "set -o pipefail",
            "version=${GITHUB_REF_NAME#v}",
            GITHUB_TOKEN,
            EXCHANGE,
            "echo \"::add-mask::$token\"",
            publish(way),
        ]
        .join("\n");
        format!(
            "name: Publish\non:\n  push:\n    tags: [\"v*\"]\njobs:\n  publish:\n    runs-on: ubuntu-latest\n{environment}    \
             permissions:\n      contents: read\n      id-token: write\n    steps:\n      - uses: actions/checkout@v4\n        with:\n          persist-credentials: false\n{before}      \
             - name: Publish\n        run: |\n{}",
            indented(&script, 10)
        )
    }

    fn gitlab(&self, way: Way) -> String {
        let environment = self.environment.map(|name| format!("  environment: {}\n", quoted(name))).unwrap_or_default();
        let before = match way {
            Way::Source => String::new(),
            Way::Trunk => {
                "    # Build PACKAGE-$version.tar.gz before: trunk build, or what you build with.\n".to_owned()
            }
        };
        let script = ["version=${CI_COMMIT_TAG#v}", "id_token=$PGINSTALL_ID_TOKEN", EXCHANGE, publish(way)].join("\n");
        format!(
            "publish:\n  rules:\n    - if: $CI_COMMIT_TAG =~ /^v/\n{environment}  id_tokens:\n    PGINSTALL_ID_TOKEN:\n      \
             aud: REGISTRY\n  script:\n{before}    - |\n{}",
            indented(&script, 6)
        )
    }
}

const fn publish(way: Way) -> &'static str {
    match way {
        Way::Source => SOURCE,
        Way::Trunk => TRUNK,
    }
}

fn indented(text: &str, spaces: usize) -> String {
    let margin = " ".repeat(spaces);
    text.lines().map(|line| format!("{margin}{line}")).collect::<Vec<_>>().join("\n")
}

/// A text as a value of YAML (section 7.3.2 of version 1.2.2).
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_for_this_package_and_registry() {
        for service in [WorkflowService::GitHub, WorkflowService::GitLab] {
            for way in [Way::Source, Way::Trunk] {
                let workflow = Workflow {
                    service,
                    package: "pg_example",
                    environment: Some("it's: release"),
                    registry: "https://registry.test",
                };
                let file = workflow.file(way);
                assert!(!file.contains("PACKAGE") && !file.contains("REGISTRY"), "{file}");
                assert!(file.contains("environment: 'it''s: release'"), "{file}");
                assert!(file.contains("https://registry.test/api/v1/trusted-publishing/tokens"), "{file}");
            }
        }
    }
}
