//! The `name = value` syntax that PostgreSQL's control files share with `postgresql.conf`.
//!
//! Source: `src/backend/utils/misc/guc-file.l` (`ParseConfigFp`, `DeescapeQuotedString`). Works on bytes, since a
//! quoted value may hold any of them.

use crate::quoted::quoted;

/// One assignment of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name, in the case in which it is written.
    pub name: String,
    /// The value with quotes and escapes resolved; bytes that are not UTF-8 are replaced by U+FFFD.
    pub value: String,
    /// The line it stands on, counted from 1.
    pub line: u32,
}

/// The text does not follow the syntax.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// A token that cannot stand where it stands.
    #[error("syntax error in line {line}, near token {:?}", quoted(token.as_bytes()))]
    Token {
        /// The line, counted from 1.
        line: u32,
        /// What stands there.
        token: String,
    },
    /// A line that ends too early.
    #[error("syntax error in line {line}, near end of line")]
    EndOfLine {
        /// The line, counted from 1.
        line: u32,
    },
    /// An `include` directive: a file in an archive must not read other files.
    #[error("line {line} includes another file, which is not supported here")]
    Include {
        /// The line, counted from 1.
        line: u32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Identifier,
    QualifiedIdentifier,
    Quoted,
    Unquoted,
    Integer,
    Real,
    Equals,
    EndOfLine,
    EndOfFile,
    Invalid,
}

struct Token<'a> {
    kind: Kind,
    text: &'a [u8],
}

struct Lexer<'a> {
    rest: &'a [u8],
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

const fn is_letter_or_digit(byte: u8) -> bool {
    is_letter(byte) || byte.is_ascii_digit()
}

fn count(bytes: &[u8], matches: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| matches(**byte)).count()
}

fn sign(bytes: &[u8]) -> usize {
    usize::from(matches!(bytes.first(), Some(b'-' | b'+')))
}

/// The length of `{SIGN}?({DIGIT}+|0x{HEXDIGIT}+){UNIT_LETTER}*`, or 0.
fn integer_length(bytes: &[u8]) -> usize {
    let start = sign(bytes);
    let digits = count(&bytes[start..], |byte| byte.is_ascii_digit());
    let hexadecimal = match bytes[start..] {
        [b'0', b'x', ref digits @ ..] => count(digits, |byte| byte.is_ascii_hexdigit()),
        _ => 0,
    };
    let number = if hexadecimal > 0 { 2 + hexadecimal } else { digits };
    if number == 0 {
        return 0;
    }
    start + number + count(&bytes[start + number..], |byte| byte.is_ascii_alphabetic())
}

/// The length of `{SIGN}?{DIGIT}*"."{DIGIT}*({EXPONENT})?`, or 0.
fn real_length(bytes: &[u8]) -> usize {
    let mut end = sign(bytes);
    end += count(&bytes[end..], |byte| byte.is_ascii_digit());
    if bytes.get(end) != Some(&b'.') {
        return 0;
    }
    end += 1;
    end += count(&bytes[end..], |byte| byte.is_ascii_digit());
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let exponent = end + 1 + sign(&bytes[end + 1..]);
        let digits = count(&bytes[exponent..], |byte| byte.is_ascii_digit());
        if digits > 0 {
            end = exponent + digits;
        }
    }
    end
}

/// The length of `\'([^'\\\n]|\\.|\'\')*\'`, or 0.
fn quoted_length(bytes: &[u8]) -> usize {
    if bytes.first() != Some(&b'\'') {
        return 0;
    }
    let mut at = 1;
    loop {
        match bytes[at..] {
            [b'\'', b'\'', ..] => at += 2,
            [b'\'', ..] => return at + 1,
            [b'\\', next, ..] if next != b'\n' => at += 2,
            [b'\\' | b'\n', ..] | [] => return 0,
            _ => at += 1,
        }
    }
}

/// The length of `{ID}"."{ID}`, or 0.
fn qualified_length(bytes: &[u8]) -> usize {
    if !bytes.first().copied().is_some_and(is_letter) {
        return 0;
    }
    let first = count(bytes, is_letter_or_digit);
    match bytes[first..] {
        [b'.', letter, ..] if is_letter(letter) => first + 1 + count(&bytes[first + 1..], is_letter_or_digit),
        _ => 0,
    }
}

impl<'a> Lexer<'a> {
    /// The longest token; of equally long ones the first in the order of the source.
    fn next(&mut self) -> Token<'a> {
        loop {
            let blank = count(self.rest, |byte| matches!(byte, b' ' | b'\t' | b'\r'));
            self.rest = &self.rest[blank..];
            if self.rest.first() != Some(&b'#') {
                break;
            }
            self.rest = &self.rest[count(self.rest, |byte| byte != b'\n')..];
        }
        let rest = self.rest;
        let Some(&first) = rest.first() else { return Token { kind: Kind::EndOfFile, text: rest } };
        let (mut kind, mut length) = match first {
            b'\n' => (Kind::EndOfLine, 1),
            b'=' => (Kind::Equals, 1),
            _ => (Kind::Invalid, 0),
        };
        let starts_with_letter = is_letter(first);
        let identifier = if starts_with_letter { count(rest, is_letter_or_digit) } else { 0 };
        let unquoted = |byte| is_letter_or_digit(byte) || matches!(byte, b'-' | b'.' | b'_' | b':' | b'/');
        for (candidate, candidate_length) in [
            (Kind::Identifier, identifier),
            (Kind::QualifiedIdentifier, qualified_length(rest)),
            (Kind::Quoted, quoted_length(rest)),
            (Kind::Unquoted, if starts_with_letter { count(rest, unquoted) } else { 0 }),
            (Kind::Integer, integer_length(rest)),
            (Kind::Real, real_length(rest)),
        ] {
            if candidate_length > length {
                (kind, length) = (candidate, candidate_length);
            }
        }
        let (text, rest) = rest.split_at(length.max(1));
        self.rest = rest;
        Token { kind, text }
    }
}

/// Resolves the quotes and escapes of a quoted value, given with its outer quotes.
fn unescape(quoted: &[u8]) -> Vec<u8> {
    let inner = &quoted[1..quoted.len() - 1];
    let mut value = Vec::with_capacity(inner.len());
    let mut at = 0;
    while let Some(&byte) = inner.get(at) {
        at += 1;
        match byte {
            b'\\' => {
                let Some(&escaped) = inner.get(at) else { break };
                at += 1;
                value.push(match escaped {
                    b'b' => 0x08,
                    b'f' => 0x0c,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'0'..=b'7' => {
                        let digits = 1 + count(&inner[at..inner.len().min(at + 2)], |byte| matches!(byte, b'0'..=b'7'));
                        let octal = &inner[at - 1..at - 1 + digits];
                        at += digits - 1;
                        octal.iter().fold(0_u8, |number, digit| number.wrapping_shl(3).wrapping_add(digit - b'0'))
                    }
                    other => other,
                });
            }
            b'\'' => {
                at += 1;
                value.push(b'\'');
            }
            _ => value.push(byte),
        }
    }
    value
}

fn lossy(bytes: &[u8]) -> String {
    // PostgreSQL's values are C strings.
    let end = count(bytes, |byte| byte != 0);
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// Reads all assignments in their order; the first error ends the reading, as in PostgreSQL.
pub fn parse(text: &[u8]) -> Result<Vec<Parameter>, SyntaxError> {
    let mut lexer = Lexer { rest: text };
    let mut parameters = Vec::new();
    let mut line = 1;
    let unexpected = |token: &Token<'_>, line| match token.kind {
        Kind::EndOfLine | Kind::EndOfFile => SyntaxError::EndOfLine { line },
        _ => SyntaxError::Token { line, token: String::from_utf8_lossy(token.text).into_owned() },
    };
    loop {
        let name = lexer.next();
        match name.kind {
            Kind::EndOfFile => return Ok(parameters),
            Kind::EndOfLine => {
                line += 1;
                continue;
            }
            Kind::Identifier | Kind::QualifiedIdentifier => {}
            _ => return Err(unexpected(&name, line)),
        }
        let mut value = lexer.next();
        if value.kind == Kind::Equals {
            value = lexer.next();
        }
        let text = match value.kind {
            Kind::Quoted => lossy(&unescape(value.text)),
            Kind::Identifier | Kind::Integer | Kind::Real | Kind::Unquoted => lossy(value.text),
            _ => return Err(unexpected(&value, line)),
        };
        let end = lexer.next();
        if !matches!(end.kind, Kind::EndOfLine | Kind::EndOfFile) {
            return Err(unexpected(&end, line));
        }
        let name = lossy(name.text);
        if ["include", "include_if_exists", "include_dir"].iter().any(|directive| name.eq_ignore_ascii_case(directive))
        {
            return Err(SyntaxError::Include { line });
        }
        parameters.push(Parameter { name, value: text, line });
        line += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(text: &str) -> Result<Vec<(String, String)>, SyntaxError> {
        Ok(parse(text.as_bytes())?.into_iter().map(|parameter| (parameter.name, parameter.value)).collect())
    }

    fn value(text: &str) -> Result<String, SyntaxError> {
        Ok(pairs(&format!("x = {text}"))?.remove(0).1)
    }

    #[test]
    fn reads_names_values_and_comments() {
        let text = "# comment\n\na = 'b' # c\r\nd e\n  f='' \ng.h = i.j/k:l-m_n";
        let expected = [("a", "b"), ("d", "e"), ("f", ""), ("g.h", "i.j/k:l-m_n")];
        assert_eq!(pairs(text), Ok(expected.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()));
    }

    #[test]
    fn resolves_quotes_and_escapes() {
        assert_eq!(value(r"'it''s'"), Ok("it's".to_owned()));
        assert_eq!(value(r"'a\'b\\c\td\101\0601'"), Ok("a'b\\c\tdA01".to_owned()));
        assert_eq!(value(r"'\303\244'"), Ok("ä".to_owned()));
        assert_eq!(value("'# no comment'"), Ok("# no comment".to_owned()));
        assert_eq!(value(r"'a\0b'"), Ok("a".to_owned()));
    }

    #[test]
    fn reads_numbers_as_postgres_does() {
        for number in ["1", "1.0", "-.5", "0x1F", "10kB", "1.5e-3", "."] {
            assert_eq!(value(number), Ok(number.to_owned()), "{number}");
        }
        for (text, token) in [
            ("1.6b", "b"),
            ("1.2.3", ".3"),
            ("1-2", "-2"),
            ("'a' 'b'", "'b'"),
            ("'open", "'"),
            ("$", "$"),
            ("a,b", ","),
        ] {
            assert_eq!(value(text), Err(SyntaxError::Token { line: 1, token: token.to_owned() }), "{text}");
        }
    }

    #[test]
    fn names_the_line_of_an_error() {
        assert_eq!(pairs("a = 1\n\nb =\n"), Err(SyntaxError::EndOfLine { line: 3 }));
        assert_eq!(pairs("a"), Err(SyntaxError::EndOfLine { line: 1 }));
        assert_eq!(pairs("= 1"), Err(SyntaxError::Token { line: 1, token: "=".to_owned() }));
        assert_eq!(pairs("Include 'x'"), Err(SyntaxError::Include { line: 1 }));
    }

    proptest! {
        #[test]
        fn never_panics(text in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&text);
        }

        #[test]
        fn quoting_is_undone(value in "[^\0]{0,40}") {
            let quoted = value.replace('\\', r"\\").replace('\'', "''").replace('\n', r"\n");
            prop_assert_eq!(parse(format!("x='{quoted}'").as_bytes()).map(|mut all| all.remove(0).value), Ok(value));
        }
    }
}
