use model::{NamePattern, TokenAction};

/// What a token with this action may do, as the words of a choice and in a sentence.
pub(super) const fn action_words(action: TokenAction) -> (&'static str, &'static str) {
    match action {
        TokenAction::PublishNew => {
            ("Publish new packages", "Packages whose names are not there yet. You become their owner.")
        }
        TokenAction::PublishUpdate => ("Publish releases", "Further releases and files of packages that are there."),
        TokenAction::Yank => ("Withdraw releases", "Yank them, take that back, and delete them."),
        TokenAction::Owners => ("Change owners", "Say who else may publish and look after a package."),
        TokenAction::Account => (
            "Look after the account",
            "See and revoke its tokens and sessions through the API, and make tokens that may do no more than this one.",
        ),
        TokenAction::Admin => ("Administer the registry", "Only for those who are administrators."),
    }
}

/// Which packages a pattern matches, in words.
pub(super) fn pattern_words(pattern: &NamePattern) -> String {
    let text = pattern.to_string();
    match text.strip_suffix('*') {
        Some("") => "every package".to_owned(),
        Some(beginning) => format!("packages whose names begin with {beginning}"),
        None => format!("the package {text}"),
    }
}

/// What somebody typed as patterns, each with what it matches or why it is none.
pub(super) fn explained(patterns: &str) -> Vec<(String, String)> {
    patterns
        .split_whitespace()
        .map(|text| {
            let words = match text.parse::<NamePattern>() {
                Ok(pattern) => pattern_words(&pattern),
                Err(error) => error.to_string(),
            };
            (text.to_owned(), words)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_told_in_words() {
        let explained = explained(" pg_*  hstore * a*b ");
        let words: Vec<&str> = explained.iter().map(|(_, words)| words.as_str()).collect();
        assert_eq!(words[..3], ["packages whose names begin with pg_", "the package hstore", "every package"]);
        assert!(words[3].starts_with("a pattern is"), "{}", words[3]);
        assert_eq!(explained[3].0, "a*b");
    }
}
