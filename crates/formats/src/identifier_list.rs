//! Comma-separated identifiers, as in the `requires` of a control file.
//!
//! Source: `src/backend/utils/adt/varlena.c` (`SplitIdentifierString`).

/// The longest identifier in bytes (`NAMEDATALEN - 1`); longer ones are cut.
const LONGEST: usize = 63;

/// The text is no list of identifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a comma-separated list of identifiers")]
pub struct InvalidList;

const fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

fn truncate(identifier: &mut String) {
    let mut end = identifier.len().min(LONGEST);
    while !identifier.is_char_boundary(end) {
        end -= 1;
    }
    identifier.truncate(end);
}

/// Splits `text`: identifiers without quotes are folded to lower case, quoted ones are taken as they are.
pub fn split(text: &str) -> Result<Vec<String>, InvalidList> {
    let mut identifiers = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    if rest.is_empty() {
        return Ok(identifiers);
    }
    loop {
        let mut identifier = String::new();
        if let Some(mut quoted) = rest.strip_prefix('"') {
            loop {
                let end = quoted.find('"').ok_or(InvalidList)?;
                identifier.push_str(&quoted[..end]);
                quoted = &quoted[end + 1..];
                match quoted.strip_prefix('"') {
                    Some(more) => {
                        identifier.push('"');
                        quoted = more;
                    }
                    None => break,
                }
            }
            rest = quoted;
        } else {
            let end = rest.find(|letter| letter == ',' || is_space(letter)).unwrap_or(rest.len());
            if end == 0 {
                return Err(InvalidList);
            }
            identifier = rest[..end].to_ascii_lowercase();
            rest = &rest[end..];
        }
        truncate(&mut identifier);
        identifiers.push(identifier);
        rest = rest.trim_start_matches(is_space);
        if rest.is_empty() {
            return Ok(identifiers);
        }
        rest = rest.strip_prefix(',').ok_or(InvalidList)?.trim_start_matches(is_space);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn follows_postgres() {
        let list = |names: &[&str]| Ok(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(split(""), list(&[]));
        assert_eq!(split("  "), list(&[]));
        assert_eq!(split("cube"), list(&["cube"]));
        assert_eq!(split(" Cube , \"uuid-ossp\",\"A\"\"b\" "), list(&["cube", "uuid-ossp", "A\"b"]));
        assert_eq!(split("uuid-ossp"), list(&["uuid-ossp"]));
        for bad in [",", "a,", ",a", "a b", "\"a", "a,,b", "\"a\"b"] {
            assert_eq!(split(bad), Err(InvalidList), "{bad}");
        }
        assert_eq!(split(&"ä".repeat(40)).map(|names| names[0].len()), Ok(62));
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,100}") {
            let _ = split(&text);
        }
    }
}
