//! Code with its words marked: `<span class="code-keyword">` and the like. What a class looks like is the style sheet's.

use std::{fmt::Write as _, sync::LazyLock};

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

/// Bytes of code that are looked at; a block with more stays plain.
const LONGEST: usize = 32 << 10;
/// Likewise of one line: what looks for words in it takes longer than its length says.
const LONGEST_LINE: usize = 2000;

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// The first that a scope begins with decides; none means plain.
static CLASSES: LazyLock<Vec<(Scope, Option<&'static str>)>> = LazyLock::new(|| {
    let class = |scope: &str, class| (Scope::new(scope).unwrap_or_default(), class);
    vec![
        class("comment", Some("code-comment")),
        class("string", Some("code-string")),
        class("constant", Some("code-constant")),
        class("keyword.operator", None),
        class("keyword", Some("code-keyword")),
        class("storage", Some("code-keyword")),
        class("entity.name", Some("code-name")),
        class("support.function", Some("code-name")),
    ]
});

/// All classes that are used.
pub(super) const NAMES: [&str; 5] = ["code-comment", "code-string", "code-constant", "code-keyword", "code-name"];

/// The code as HTML; escaped, and no more than that where its language is not known or it is too long.
pub(super) fn highlight(language: &str, code: &str) -> String {
    let is_short = code.len() <= LONGEST && code.lines().all(|line| line.len() <= LONGEST_LINE);
    let marked = syntax(language).filter(|_| is_short).and_then(|syntax| mark(syntax, code));
    marked.unwrap_or_else(|| escaped(code))
}

fn syntax(language: &str) -> Option<&'static SyntaxReference> {
    let language = language.split([' ', ',', '{']).next().unwrap_or_default().to_ascii_lowercase();
    let token = match language.as_str() {
        "" | "text" | "txt" => return None,
        "pgsql" | "plpgsql" | "postgres" | "postgresql" | "psql" => "sql",
        "console" | "shell" | "shell-session" | "zsh" => "bash",
        other => other,
    };
    SYNTAXES.find_syntax_by_token(token)
}

/// None where the grammar fails.
fn mark(syntax: &SyntaxReference, code: &str) -> Option<String> {
    let mut state = ParseState::new(syntax);
    let mut scopes = ScopeStack::new();
    let mut marked = Marked::default();
    for line in code.split_inclusive('\n') {
        let mut begin = 0;
        for (at, operation) in state.parse_line(line, &SYNTAXES).ok()? {
            marked.add(line.get(begin..at)?, class(&scopes));
            scopes.apply(&operation).ok()?;
            begin = at;
        }
        marked.add(line.get(begin..)?, class(&scopes));
    }
    Some(marked.finish())
}

/// What the innermost scope that says something says.
fn class(scopes: &ScopeStack) -> Option<&'static str> {
    let said = |scope: &Scope| CLASSES.iter().find(|(known, _)| known.is_prefix_of(*scope));
    scopes.as_slice().iter().rev().find_map(said)?.1
}

/// Pieces of the same class stand in one element, with the spaces between them but not those behind them.
#[derive(Default)]
struct Marked {
    html: String,
    spaces: String,
    open: Option<&'static str>,
}

impl Marked {
    fn add(&mut self, piece: &str, class: Option<&'static str>) {
        let text = piece.trim_end();
        if !text.is_empty() {
            if self.open != class {
                self.close();
            }
            self.html.push_str(&std::mem::take(&mut self.spaces));
            if let (None, Some(class)) = (self.open, class) {
                // Writing into memory does not fail.
                let _ = write!(self.html, "<span class=\"{class}\">");
            }
            self.open = class;
            self.html.push_str(&escaped(text));
        }
        self.spaces.push_str(&piece[text.len()..]);
    }

    fn close(&mut self) {
        if self.open.take().is_some() {
            self.html.push_str("</span>");
        }
    }

    fn finish(mut self) -> String {
        self.close();
        self.html + &self.spaces
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_what_languages_are_made_of() {
        let html = highlight("sql", "SELECT 'a<b' AS x, 42; -- why\n");
        for part in [
            "<span class=\"code-keyword\">SELECT</span>",
            "<span class=\"code-string\">'a&lt;b'</span>",
            "<span class=\"code-constant\">42</span>",
            "<span class=\"code-comment\">-- why",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        for language in ["sql", "plpgsql", "bash", "console", "c", "python", "rust", "json", "yaml", "makefile"] {
            assert!(syntax(language).is_some(), "{language}");
        }
        for class in html.split("class=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(NAMES.contains(&class), "{class}");
        }
    }

    #[test]
    fn what_it_does_not_know_stays_as_it_is() {
        assert_eq!(highlight("nonsense", "a < b & c"), "a &lt; b &amp; c");
        assert_eq!(highlight("", "<script>"), "&lt;script&gt;");
        let long = format!("select {}", "x".repeat(LONGEST_LINE));
        assert_eq!(highlight("sql", &long), long);
        assert_eq!(highlight("sql", &"select 1;\n".repeat(LONGEST)), "select 1;\n".repeat(LONGEST));
    }

    #[test]
    fn nothing_but_marks_is_added() {
        for code in
            ["$$\nbegin\n  perform 'x';\nend\n$$ language plpgsql;", "'never ends\n", "ü — \u{1F418}\n\n\n", "/* a"]
        {
            let html = highlight("sql", code);
            let mut plain = String::new();
            let mut rest = html.as_str();
            while let Some((before, tag)) = rest.split_once('<') {
                plain.push_str(before);
                rest = tag.split_once('>').map_or("", |(_, rest)| rest);
            }
            plain.push_str(rest);
            assert_eq!(plain, code);
        }
    }
}
