//! Names in messages: those from strangers can be huge.

/// Characters of a name that a message repeats.
const QUOTED_CHARACTERS: usize = 100;

/// The beginning of a name: 100 characters, and a sign where there were more.
pub(crate) fn quoted(name: &[u8]) -> String {
    // No character has more than four bytes.
    let beginning = &name[..name.len().min(4 * QUOTED_CHARACTERS + 4)];
    let text = String::from_utf8_lossy(beginning);
    match text.char_indices().nth(QUOTED_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_a_hundred_characters_of_a_name_at_most() {
        assert_eq!(quoted("ä".repeat(100).as_bytes()), "ä".repeat(100));
        assert_eq!(quoted("ä".repeat(101).as_bytes()), format!("{}…", "ä".repeat(100)));
        assert_eq!(quoted("\u{10348}".repeat(1000).as_bytes()), format!("{}…", "\u{10348}".repeat(100)));
        assert_eq!(quoted(b"a\xff"), "a\u{fffd}");
        assert_eq!(quoted(&[0xff; 1000]).chars().count(), 101);
    }
}
