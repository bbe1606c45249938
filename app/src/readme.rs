//! READMEs of strangers as HTML: without scripts, without anything that a browser would load, with links that help nobody's
//! ranking.

use std::collections::HashSet;

use ammonia::{Builder, UrlRelative};
use comrak::{
    Arena, Options, format_html,
    nodes::{AstNode, NodeValue},
    parse_document,
};

/// Bytes that are rendered; of what is longer only the beginning is shown, as it was written.
const LONGEST: usize = 256 << 10;
/// By how many levels headings go down: above them are those of the page and of the section.
const ABOVE: u8 = 2;

/// Renders the README at `path`. `repository` is where its relative links lead.
pub(crate) fn render(path: &str, text: &str, repository: Option<&str>) -> String {
    let is_markdown = matches!(extension(path).as_str(), "" | "md" | "markdown");
    if !is_markdown || text.len() > LONGEST {
        let end = text.floor_char_boundary(LONGEST.min(text.len()));
        let text = text[..end].replace('&', "&amp;").replace('<', "&lt;");
        return format!("<pre tabindex=\"0\">{text}</pre>");
    }
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    // What is dangerous is taken out afterwards, from the result.
    options.render.r#unsafe = true;
    let arena = Arena::new();
    let root = parse_document(&arena, text, &options);
    for node in root.descendants() {
        soften(node);
    }
    let mut html = String::new();
    // Writing into memory does not fail.
    let _ = format_html(root, &options, &mut html);
    let html = cleaner(repository).clean(&html).to_string();
    // Long lines and wide tables scroll, for the keyboard too.
    html.replace("<pre>", "<pre tabindex=\"0\">").replace("<table>", "<table tabindex=\"0\">")
}

fn extension(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// Moves headings down, and puts the description of a picture in its place: nothing is loaded from elsewhere.
fn soften<'a>(node: &'a AstNode<'a>) {
    let mut data = node.data.borrow_mut();
    match &mut data.value {
        NodeValue::Heading(heading) => heading.level = (heading.level + ABOVE).min(6),
        // What was its description becomes what is read; a link around it stays.
        NodeValue::Image(_) => data.value = NodeValue::Emph,
        _ => {}
    }
}

fn cleaner(repository: Option<&str>) -> Builder<'static> {
    let mut builder = Builder::default();
    builder
        .rm_tags(["img", "map", "area", "h1", "h2"])
        .add_tags(["input"])
        .tag_attributes(
            [
                ("a", HashSet::from(["href", "title"])),
                ("input", HashSet::from(["type", "checked", "disabled"])),
                ("td", HashSet::from(["align"])),
                ("th", HashSet::from(["align"])),
                ("ol", HashSet::from(["start"])),
            ]
            .into(),
        )
        .generic_attributes(HashSet::from(["dir", "lang"]))
        .set_tag_attribute_value("input", "disabled", "")
        .set_tag_attribute_value("input", "type", "checkbox")
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("nofollow ugc noopener"))
        .url_relative(base(repository).map_or(UrlRelative::Deny, UrlRelative::RewriteWithBase));
    builder
}

/// Where files of a repository are seen, as far as its host is known for it.
fn base(repository: Option<&str>) -> Option<ammonia::Url> {
    let repository = repository?.trim_end_matches('/').trim_end_matches(".git");
    let path = repository.strip_prefix("https://github.com/")?;
    let is_repository = path.split('/').count() == 2 && path.split('/').all(|part| !part.is_empty());
    is_repository.then(|| format!("{repository}/blob/HEAD/").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markdown(text: &str) -> String {
        render("README.md", text, Some("https://github.com/example/example"))
    }

    #[test]
    fn nothing_runs_and_nothing_is_loaded() {
        for text in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\" onclick=\"alert(1)\">x</a>",
            "[x](javascript:alert(1)) [y](data:text/html,x)",
            "<svg><script>alert(1)</script></svg>",
            "<style>body { display: none }</style><p style=\"position: fixed\">x</p>",
            "<iframe src=\"https://example.org\"></iframe><object data=x></object><form action=x><button>x</button></form>",
            "![a picture](https://example.org/x.png)",
            "<p id=\"content\" class=\"fixed\">x</p>",
        ] {
            let html = markdown(text);
            for bad in [
                "<script",
                "onerror",
                "onclick",
                "javascript:",
                "data:",
                "<style",
                "style=",
                "<iframe",
                "<object",
                "<form",
                "<img",
                "src=",
                "id=",
                "class=",
            ] {
                assert!(!html.contains(bad), "{text}: {html}");
            }
        }
        assert!(
            markdown("[![Build status](https://example.org/x.svg)](https://example.org/build)")
                .contains("Build status")
        );
    }

    #[test]
    fn links_lead_where_they_should() {
        let html = markdown("[a](docs/a.md) [b](https://example.org/) <https://example.org/c>");
        assert!(html.contains("href=\"https://github.com/example/example/blob/HEAD/docs/a.md\""), "{html}");
        assert_eq!(html.matches("rel=\"nofollow ugc noopener\"").count(), 3, "{html}");
        let html = render("README.md", "[a](docs/a.md)", Some("https://example.org/x/y"));
        assert!(!html.contains("href"), "{html}");
    }

    #[test]
    fn headings_go_below_those_of_the_page() {
        let html = markdown("# One\n\n## Two\n\n###### Six\n\n<h1>Raw</h1>\n");
        assert!(
            html.contains("<h3>One</h3>") && html.contains("<h4>Two</h4>") && html.contains("<h6>Six</h6>"),
            "{html}"
        );
        assert!(!html.contains("<h1"), "{html}");
    }

    #[test]
    fn other_texts_are_shown_as_they_were_written() {
        assert_eq!(render("README.txt", "a < b\n", None), "<pre tabindex=\"0\">a &lt; b\n</pre>");
        let long = "ü".repeat(LONGEST);
        assert!(render("README", &long, None).starts_with("<pre"), "no longer than it has to be");
    }
}
