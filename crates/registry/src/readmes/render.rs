//! READMEs of strangers as HTML: without scripts, without anything that a browser would load, with links that help nobody's
//! ranking.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt::{self, Write},
    sync::{Mutex, PoisonError},
};

use ammonia::{Builder, Url, UrlRelative};
use comrak::{
    Anchorizer, Arena, Options,
    adapters::{HeadingAdapter, HeadingMeta, SyntaxHighlighterAdapter},
    arena_tree::NodeEdge,
    html::format_document_with_plugins,
    nodes::{AstNode, NodeValue, Sourcepos},
    options::Plugins,
    parse_document,
};

use super::highlight;

/// Counts how this file has changed: what an older generation has rendered is rendered anew.
pub(super) const GENERATION: i16 = 1;

/// Bytes that are rendered; of what is longer only the beginning is shown, as it was written.
const LONGEST: usize = 256 << 10;
/// Tags of HTML that are kept. HTML that is not closed makes every element behind it larger: with more of them all are left out.
const MOST_RAW_TAGS: usize = 1000;
/// How deep it may be nested; what is deeper is shown as it was written.
const DEEPEST: usize = 100;
/// By how many levels headings go down: above them are those of the page and of the section.
const ABOVE: u8 = 2;
/// What ids begin with, so that none is one of the page's own.
const ID_PREFIX: &str = "readme-";

/// Renders the README at `path`. `repository` is where its relative links lead.
pub(super) fn render(path: &str, text: &str, repository: Option<&str>) -> String {
    let is_markdown = matches!(extension(path).as_str(), "" | "md" | "markdown");
    if !is_markdown || text.len() > LONGEST {
        return as_written(text);
    }
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    let arena = Arena::new();
    let root = parse_document(&arena, text, &options);
    let mut raw_tags = 0;
    for node in root.descendants() {
        soften(node);
        raw_tags += tags_in(node);
    }
    if depth(root) > DEEPEST {
        return as_written(text);
    }
    options.render.r#unsafe = raw_tags <= MOST_RAW_TAGS;
    let headings = Headings::default();
    let mut plugins = Plugins::default();
    plugins.render.heading_adapter = Some(&headings);
    plugins.render.codefence_syntax_highlighter = Some(&Code);
    let mut html = String::new();
    // Writing into memory does not fail.
    let _ = format_document_with_plugins(root, &options, &mut html, &plugins);
    let html = cleaner(repository).clean(&html).to_string();
    // Long lines and wide tables scroll, for the keyboard too.
    html.replace("<pre>", "<pre tabindex=\"0\">").replace("<table>", "<table tabindex=\"0\">")
}

/// The beginning of a text, as it was written.
fn as_written(text: &str) -> String {
    let end = text.floor_char_boundary(LONGEST.min(text.len()));
    format!("<pre tabindex=\"0\">{}</pre>", text[..end].replace('&', "&amp;").replace('<', "&lt;"))
}

/// How many tags of HTML stand in a node as they are.
fn tags_in<'a>(node: &'a AstNode<'a>) -> usize {
    match &node.data.borrow().value {
        NodeValue::HtmlBlock(block) => block.literal.matches('<').count(),
        NodeValue::HtmlInline(html) => html.matches('<').count(),
        _ => 0,
    }
}

/// How deep blocks and marks are nested.
fn depth<'a>(root: &'a AstNode<'a>) -> usize {
    let (mut deepest, mut level) = (0_usize, 0_usize);
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(_) => {
                level += 1;
                deepest = deepest.max(level);
            }
            NodeEdge::End(_) => level -= 1,
        }
    }
    deepest
}

/// Headings that can be linked to.
#[derive(Default)]
struct Headings(Mutex<Anchorizer>);

impl HeadingAdapter for Headings {
    fn enter(&self, output: &mut dyn Write, heading: &HeadingMeta, _: Option<Sourcepos>) -> fmt::Result {
        let id = self.0.lock().unwrap_or_else(PoisonError::into_inner).anchorize(&heading.content);
        write!(output, "<h{} id=\"{}\">", heading.level, id.replace('&', "&amp;").replace('"', "&quot;"))
    }

    fn exit(&self, output: &mut dyn Write, heading: &HeadingMeta) -> fmt::Result {
        writeln!(output, "</h{}>", heading.level)
    }
}

/// Code in the colours of its language.
struct Code;

impl SyntaxHighlighterAdapter for Code {
    fn write_highlighted(&self, output: &mut dyn Write, language: Option<&str>, code: &str) -> fmt::Result {
        output.write_str(&highlight::highlight(language.unwrap_or_default(), code))
    }

    fn write_pre_tag(&self, output: &mut dyn Write, _: HashMap<&'static str, Cow<'_, str>>) -> fmt::Result {
        output.write_str("<pre>")
    }

    fn write_code_tag(&self, output: &mut dyn Write, _: HashMap<&'static str, Cow<'_, str>>) -> fmt::Result {
        output.write_str("<code>")
    }
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
                ("a", HashSet::from(["href", "title", "id"])),
                ("input", HashSet::from(["type", "checked", "disabled"])),
                ("td", HashSet::from(["align"])),
                ("th", HashSet::from(["align"])),
                ("ol", HashSet::from(["start"])),
            ]
            .into(),
        )
        .generic_attributes(HashSet::from(["dir", "lang", "id"]))
        .id_prefix(Some(ID_PREFIX))
        .allowed_classes([("span", HashSet::from(highlight::NAMES))].into())
        .set_tag_attribute_value("input", "disabled", "")
        .set_tag_attribute_value("input", "type", "checkbox")
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("nofollow ugc noopener"))
        .url_relative(UrlRelative::Custom(Box::new(relative_links(base(repository)))));
    builder
}

/// Where links without a host lead: to a place in the README itself, to a file of the repository, or nowhere.
fn relative_links(base: Option<Url>) -> impl Fn(&str) -> Option<Cow<'_, str>> + Send + Sync {
    move |link| match link.strip_prefix('#') {
        Some(place) => Some(Cow::Owned(format!("#{ID_PREFIX}{place}"))),
        None => Some(Cow::Owned(base.as_ref()?.join(link).ok()?.into())),
    }
}

/// Where files of a repository are seen, as far as its host is known for it.
fn base(repository: Option<&str>) -> Option<Url> {
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
                "id=\"content",
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
        assert!(html.contains(">One</h3>") && html.contains(">Two</h4>") && html.contains(">Six</h6>"), "{html}");
        assert!(!html.contains("<h1"), "{html}");
    }

    #[test]
    fn places_in_it_can_be_linked_to() {
        let html = markdown("[To it](#the-end) <a name=x id=\"raw\"></a>\n\n## The end\n\n## The end\n\n### \"<&>\n");
        assert!(html.contains("href=\"#readme-the-end\""), "{html}");
        for id in ["readme-the-end", "readme-the-end-1", "readme-raw"] {
            assert_eq!(html.matches(&format!("id=\"{id}\"")).count(), 1, "{id}: {html}");
        }
        assert!(!html.contains("id=\"content") && !html.contains("name="), "{html}");
        let html = render("README.md", "[x](#a) [y](b)", None);
        assert!(html.contains("href=\"#readme-a\"") && html.matches("href").count() == 1, "{html}");
    }

    #[test]
    fn code_has_the_colours_of_its_language() {
        let html = markdown("```sql\nselect 1; -- <b>\n```\n\n<span class=\"code-keyword fixed\">x</span>\n");
        assert!(html.contains("<span class=\"code-keyword\">select</span>"), "{html}");
        assert!(html.contains("&lt;b&gt;") && !html.contains("fixed"), "{html}");
    }

    #[test]
    fn what_is_made_to_grow_does_not() {
        let many = |text: &str, count: usize| {
            (0..count).map(|number| text.replace('N', &number.to_string())).collect::<String>()
        };
        for (what, text) in [
            ("marks that are never closed", format!("<div><p>\n{}{}", many("<b id=N>", 12_000), many("<p>x", 25_000))),
            ("as many as are kept", format!("<div><p>\n{}\n\n{}", many("<b id=N>", 990), many("- x\n", 40_000))),
            (
                "as many as are kept, and paragraphs",
                format!("<div><p>\n{}\n\n{}", many("<b id=N>", 990), many("x\n\n", 60_000)),
            ),
            ("as many as are kept, in a line", format!("{} x\n\n{}", many("<b id=N>", 990), many("x\n\n", 60_000))),
            ("deep blocks", format!("<div>\n{}", many("<div>", 40_000))),
            ("deep quotes", format!("{} x", ">".repeat(200_000))),
            ("deep lists", format!("{}x", "- ".repeat(100_000))),
            ("brackets", "[".repeat(200_000)),
            ("links in links", many("[a](", 60_000)),
            ("marks in marks", many("*a _b ", 40_000)),
            ("ticks", (1..700).map(|count| "`".repeat(count)).collect::<Vec<_>>().join(" ")),
            ("one long line of a language", format!("```sql\n{}\n```\n", "((".repeat(15_000))),
            ("many quotes of a language", format!("```sql\n{}\n```\n", "'\n".repeat(10_000))),
        ] {
            let begin = std::time::Instant::now();
            let html = markdown(&text[..text.len().min(LONGEST)]);
            let (taken, size) = (begin.elapsed(), html.len());
            assert!(taken.as_secs() < 20 && size < 64 * LONGEST, "{what}: {size} bytes after {taken:?}");
        }
    }

    #[test]
    fn a_tag_in_an_attribute_stays_there() {
        let html = markdown("<b title=\"<pre><script>alert(1)</script>\">x</b> [x](https://example.org \"<pre>\")\n");
        assert!(!html.contains("<script") && !html.contains("<pre"), "{html}");
    }

    #[test]
    fn other_texts_are_shown_as_they_were_written() {
        assert_eq!(render("README.txt", "a < b\n", None), "<pre tabindex=\"0\">a &lt; b\n</pre>");
        let long = "ü".repeat(LONGEST);
        assert!(render("README", &long, None).starts_with("<pre"), "no longer than it has to be");
    }
}
