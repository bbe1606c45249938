use model::PackageName;

use super::PublisherError;

/// A workflow that a package is to trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPublisher {
    /// The package; one that is still to come belongs to whoever names its publisher.
    pub name: PackageName,
    /// Who signs the tokens of its runs.
    pub issuer: String,
    /// The repository: `owner/name`, or the path of a project.
    pub repository: String,
    /// The file of the workflow.
    pub workflow: String,
    /// The environment that it has to run in; empty for any.
    pub environment: String,
}

/// What was typed, as it is compared with tokens.
pub(super) fn check(new: &NewPublisher) -> Result<(&str, &str, Option<&str>), PublisherError> {
    let is_part = |part: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+');
        !part.is_empty() && part.len() <= 255 && part.bytes().all(allowed) && part != "." && part != ".."
    };
    let repository = new.repository.trim().trim_end_matches('/');
    let repository = repository.strip_suffix(".git").unwrap_or(repository);
    if repository.split('/').count() < 2 || repository.len() > 255 || !repository.split('/').all(is_part) {
        return Err(PublisherError::Repository);
    }
    let workflow = new.workflow.trim();
    let workflow = workflow.strip_prefix(".github/workflows/").unwrap_or(workflow);
    let is_file = std::path::Path::new(workflow).extension().is_some_and(|end| end == "yml" || end == "yaml");
    if workflow.len() > 255 || !workflow.split('/').all(is_part) || !is_file {
        return Err(PublisherError::Workflow);
    }
    let environment = Some(new.environment.trim()).filter(|environment| !environment.is_empty());
    if environment.is_some_and(|text| text.chars().count() > 255 || text.contains(model::is_unseen)) {
        return Err(PublisherError::Environment);
    }
    Ok((repository, workflow, environment))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publisher(repository: &str, workflow: &str) -> NewPublisher {
        NewPublisher {
            name: "pg_example".parse().expect("a name"),
            issuer: String::new(),
            repository: repository.to_owned(),
            workflow: workflow.to_owned(),
            environment: " ".to_owned(),
        }
    }

    #[test]
    fn takes_what_people_paste() {
        for (repository, workflow, expected) in [
            ("ada/pg_example", "release.yml", ("ada/pg_example", "release.yml")),
            (" ada/pg_example.git ", ".github/workflows/release.yaml", ("ada/pg_example", "release.yaml")),
            ("ada/tools/pg_example/", "ci/.gitlab-ci.yml", ("ada/tools/pg_example", "ci/.gitlab-ci.yml")),
        ] {
            let new = publisher(repository, workflow);
            let (repository, workflow, environment) = check(&new).expect("taken");
            assert_eq!((repository, workflow, environment), (expected.0, expected.1, None));
        }
        for repository in ["", "ada", "ada/", "https://github.com/ada/x", "ada/../x", "ada/x y", "ada//x"] {
            let error = check(&publisher(repository, "release.yml")).expect_err(repository);
            assert!(matches!(error, PublisherError::Repository), "{repository}");
        }
        for workflow in ["", "release", "../release.yml", "release.yml@main", "a b.yml", "/release.yml"] {
            let error = check(&publisher("ada/x", workflow)).expect_err(workflow);
            assert!(matches!(error, PublisherError::Workflow), "{workflow}");
        }
    }
}
