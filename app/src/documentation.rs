//! The pages of the documentation, written in Markdown beside the code.

use std::sync::LazyLock;

use comrak::{
    Arena, Options, format_html,
    nodes::{AstNode, NodeValue},
    parse_document,
};

/// A page of the documentation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document {
    /// Its part of the address.
    pub(crate) slug: &'static str,
    /// What it is for, for lists.
    pub(crate) sentence: &'static str,
    markdown: &'static str,
}

/// A document as it is shown.
#[derive(Clone, Debug)]
pub(crate) struct Rendered {
    pub(crate) title: String,
    /// Everything below the title.
    pub(crate) html: String,
    /// Id and text of its sections.
    pub(crate) sections: Vec<(String, String)>,
}

/// All pages below `/docs`, in their order.
const DOCUMENTS: [Document; 7] = [
    Document {
        slug: "find",
        sentence: "How search reads a question, what the facets count, and which keys help.",
        markdown: include_str!("../docs/find.md"),
    },
    Document {
        slug: "install",
        sentence: "From files to a working extension, and back.",
        markdown: include_str!("../docs/install.md"),
    },
    Document {
        slug: "accounts",
        sentence: "How to register, log in and come back, what tokens may do, and what is kept of you.",
        markdown: include_str!("../docs/accounts.md"),
    },
    Document {
        slug: "publish",
        sentence: "From an archive to a release: tokens, uploads, checks and refusals.",
        markdown: include_str!("../docs/publish.md"),
    },
    Document {
        slug: "trunk",
        sentence: "How to use the trunk command and what reads Trunk's lists here.",
        markdown: include_str!("../docs/trunk.md"),
    },
    Document {
        slug: "run",
        sentence: "A registry of your own, for one machine or for everybody.",
        markdown: include_str!("../docs/run.md"),
    },
    Document {
        slug: "api",
        sentence: "Every question and answer as JSON, with examples.",
        markdown: include_str!("../docs/api.md"),
    },
];

/// All pages below `/policies`, in their order.
const POLICIES: [Document; 5] = [
    Document {
        slug: "naming",
        sentence: "Who gets a name, and which names nobody gets.",
        markdown: include_str!("../docs/policies/naming.md"),
    },
    Document {
        slug: "deletion",
        sentence: "What can be taken back, and what stays.",
        markdown: include_str!("../docs/policies/deletion.md"),
    },
    Document {
        slug: "disputes",
        sentence: "How reports are decided, and how to appeal.",
        markdown: include_str!("../docs/policies/disputes.md"),
    },
    Document {
        slug: "privacy",
        sentence: "What is kept of you, for how long, and who sees it.",
        markdown: include_str!("../docs/policies/privacy.md"),
    },
    Document {
        slug: "security",
        sentence: "How to report a weakness, and what happens then.",
        markdown: include_str!("../docs/policies/security.md"),
    },
];

/// Documents that belong together, below one address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Collection {
    /// Its address.
    pub(crate) path: &'static str,
    /// Its name.
    pub(crate) title: &'static str,
    /// What it is for, in a sentence.
    pub(crate) sentence: &'static str,
    documents: &'static [Document],
    rendered: &'static LazyLock<Vec<Rendered>>,
}

static RENDERED: LazyLock<Vec<Rendered>> = LazyLock::new(|| rendered(&DOCUMENTS));
static RENDERED_POLICIES: LazyLock<Vec<Rendered>> = LazyLock::new(|| rendered(&POLICIES));
static ABOUT: LazyLock<Rendered> = LazyLock::new(|| render(include_str!("../docs/about.md")));

/// How everything here is used.
pub(crate) const DOCS: Collection = Collection {
    path: "/docs",
    title: "Docs",
    sentence: "How to find, install, publish and serve PostgreSQL extensions, and how to ask from a program.",
    documents: &DOCUMENTS,
    rendered: &RENDERED,
};

/// What holds for everybody here.
pub(crate) const RULES: Collection = Collection {
    path: "/policies",
    title: "Policies",
    sentence: "What holds for names, deletion, disputes, privacy and security.",
    documents: &POLICIES,
    rendered: &RENDERED_POLICIES,
};

impl Collection {
    /// Its documents with what they are for.
    pub(crate) fn documents(self) -> impl Iterator<Item = (&'static Document, &'static Rendered)> {
        self.documents.iter().zip(self.rendered.iter())
    }

    /// The document with this slug.
    pub(crate) fn document(self, slug: &str) -> Option<(&'static Document, &'static Rendered)> {
        self.documents().find(|(document, _)| document.slug == slug)
    }
}

fn rendered(documents: &[Document]) -> Vec<Rendered> {
    documents.iter().map(|document| render(document.markdown)).collect()
}

/// What this site is.
pub(crate) fn about() -> &'static Rendered {
    &ABOUT
}

/// Takes the title off and renders the rest. Raw HTML is left out.
fn render(markdown: &str) -> Rendered {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.header_id_prefix = Some(String::new());
    options.render.escape = true;
    let (title, rest) = markdown.split_once('\n').unwrap_or((markdown, ""));
    let arena = Arena::new();
    let root = parse_document(&arena, rest, &options);
    let mut anchors = comrak::Anchorizer::new();
    let mut sections = Vec::new();
    for node in root.children() {
        if let NodeValue::Heading(heading) = &node.data.borrow().value {
            let text = text_of(node);
            let id = anchors.anchorize(&text);
            if heading.level == 2 {
                sections.push((id, text));
            }
        }
    }
    let mut html = String::new();
    // Writing into memory does not fail.
    let _ = format_html(root, &options, &mut html);
    // Long lines and wide tables scroll, for the keyboard too.
    let html = html.replace("<pre>", "<pre tabindex=\"0\">").replace("<table>", "<table tabindex=\"0\">");
    Rendered { title: title.trim_start_matches('#').trim().to_owned(), html, sections }
}

fn text_of<'a>(node: &'a AstNode<'a>) -> String {
    node.descendants()
        .filter_map(|node| match &node.data.borrow().value {
            NodeValue::Text(text) => Some(text.to_string()),
            NodeValue::Code(code) => Some(code.literal.clone()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_title_sections_and_no_markup_of_its_own() {
        let rendered = render("# A title\n\nText <b>bold</b>.\n\n## One `code`\n\n## One code\n\n### Deeper\n");
        assert_eq!(rendered.title, "A title");
        assert_eq!(
            rendered.sections,
            [("one-code".to_owned(), "One code".to_owned()), ("one-code-1".to_owned(), "One code".to_owned())]
        );
        assert!(!rendered.html.contains("<b>"), "{}", rendered.html);
        for (id, _) in &rendered.sections {
            assert!(rendered.html.contains(&format!("id=\"{id}\"")), "{}", rendered.html);
        }
    }

    #[test]
    fn every_document_is_whole() {
        for (document, rendered) in DOCS.documents().chain(RULES.documents()) {
            assert!(!rendered.title.is_empty() && rendered.sections.len() > 1, "{}", document.slug);
        }
        assert!(!about().title.is_empty());
    }
}
