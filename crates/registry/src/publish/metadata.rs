use std::collections::BTreeMap;

use formats::manifest::{Configuration, LoadableLibrary};
use model::CategorySlug;

use super::UploadFinding;

/// Characters of a description that are kept.
const LONGEST_DESCRIPTION: usize = 1000;
/// Bytes of an address that are accepted.
const LONGEST_ADDRESS: usize = 2000;
/// Bytes of a README that is sent beside the archive.
const LONGEST_README: usize = 1 << 20;
/// Categories that a package is in.
const MOST_CATEGORIES: usize = 3;
/// Slugs that older clients send and that are no categories here.
const NO_CATEGORIES: &[&str] = &["featured"];

/// What a publisher says beside the archive. Nothing of it is needed.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// What it is for, in a sentence or two.
    pub description: Option<String>,
    /// The licence, in the publisher's words.
    pub licence: Option<String>,
    /// Where its home is.
    pub homepage: Option<String>,
    /// Where its source is.
    pub repository: Option<String>,
    /// Where its documentation is.
    pub documentation: Option<String>,
    /// Slugs of categories, the best first.
    pub categories: Vec<String>,
    /// The extension it is about, where the archive leaves that open.
    pub extension_name: Option<String>,
    /// Extensions that must be there first.
    pub extension_dependencies: Vec<String>,
    /// Packages of operating systems that must be there first, by package manager.
    pub system_dependencies: BTreeMap<String, Vec<String>>,
    /// Settings that it needs or recommends.
    pub settings: Vec<Configuration>,
    /// Libraries that must be preloaded.
    pub libraries: Vec<LoadableLibrary>,
    /// A README in Markdown, where the archive has none.
    pub readme: Option<String>,
}

impl Metadata {
    /// The README that was sent, under the name that it would have in an archive.
    pub(super) fn sent_readme(&self, findings: &mut Vec<UploadFinding>) -> Option<(String, String)> {
        let text = self.readme.as_deref().filter(|text| !text.trim().is_empty())?;
        if text.len() > LONGEST_README || text.contains('\0') {
            findings.push(UploadFinding::warning(
                "readme-left-out",
                format_args!("the README is left out: it has a NUL character or more than {LONGEST_README} bytes"),
            ));
            return None;
        }
        Some(("README.md".to_owned(), text.to_owned()))
    }
}

/// A text of one paragraph without control characters, cut where it is too long; none where nothing is left.
pub(crate) fn tidy_text(text: Option<&str>) -> Option<String> {
    let words = text?.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let text = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let text = match text.char_indices().nth(LONGEST_DESCRIPTION) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    };
    (!text.is_empty()).then_some(text)
}

impl Metadata {
    /// Kind and address of each link; what is no http or https address is left out with a warning.
    pub(super) fn links(&self, findings: &mut Vec<UploadFinding>) -> Vec<(&'static str, String)> {
        [("homepage", &self.homepage), ("repository", &self.repository), ("documentation", &self.documentation)]
            .into_iter()
            .filter_map(|(kind, address)| {
                let address = address.as_deref()?.trim();
                if address.is_empty() {
                    return None;
                }
                if is_web_address(address) {
                    return Some((kind, address.to_owned()));
                }
                findings.push(UploadFinding::warning(
                    "link-left-out",
                    format_args!("the {kind} is left out: it should be an http or https address of at most {LONGEST_ADDRESS} bytes"),
                ));
                None
            })
            .collect()
    }

    /// The categories among `known`, at most three; others are left out with a warning.
    pub(super) fn known_categories(
        &self,
        known: &[CategorySlug],
        findings: &mut Vec<UploadFinding>,
    ) -> Vec<CategorySlug> {
        let mut found: Vec<CategorySlug> = Vec::new();
        for text in &self.categories {
            match known.iter().find(|slug| slug.as_str() == text) {
                Some(slug) if found.contains(slug) => {}
                Some(slug) if found.len() < MOST_CATEGORIES => found.push(slug.clone()),
                Some(slug) => findings.push(UploadFinding::warning(
                    "category-left-out",
                    format_args!("the category {slug} is left out: a package is in at most {MOST_CATEGORIES}"),
                )),
                None if NO_CATEGORIES.contains(&text.as_str()) => findings.push(UploadFinding::warning(
                    "category-left-out",
                    format_args!(
                        "the category {text} is left out: what is featured is chosen by those who run the registry"
                    ),
                )),
                None => findings.push(UploadFinding::warning(
                    "category-left-out",
                    format_args!("the category {:?} is left out: there is none of that name", shortened(text)),
                )),
            }
        }
        found
    }
}

fn is_web_address(address: &str) -> bool {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    address.len() <= LONGEST_ADDRESS
        && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && !address
            .contains(|letter: char| letter.is_whitespace() || letter.is_control() || matches!(letter, '<' | '>' | '"'))
}

/// The beginning of a text that somebody sent, for a sentence that repeats it.
pub(super) fn shortened(text: &str) -> &str {
    text.char_indices().nth(100).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tidies_text() {
        assert_eq!(tidy_text(Some(" two\n\twords\0 ")).as_deref(), Some("two words"));
        assert_eq!(tidy_text(Some(" \u{7} ")), None);
        assert_eq!(
            tidy_text(Some(&"ü".repeat(1001))).map(|text| text.chars().count()),
            Some(1001),
            "1000 and an ellipsis"
        );
    }

    #[test]
    fn leaves_out_what_is_no_web_address() {
        for (address, accepted) in [
            ("https://example.org/a?b#c", true),
            ("http://localhost:1", true),
            ("javascript:alert(1)", false),
            ("https://", false),
            ("https:///x", false),
            ("https://a b", false),
            ("ftp://a", false),
            ("https://a\"onclick=", false),
        ] {
            let mut findings = Vec::new();
            let metadata = Metadata { homepage: Some(address.to_owned()), ..Metadata::default() };
            assert_eq!(metadata.links(&mut findings).len(), usize::from(accepted), "{address}");
            assert_eq!(findings.len(), usize::from(!accepted), "{address}");
        }
    }

    #[test]
    fn takes_known_categories_only() {
        let known: Vec<CategorySlug> =
            ["search", "security", "metrics", "analytics"].map(|slug| slug.parse().expect("a slug")).to_vec();
        let categories = ["featured", "search", "search", "nonsense", "metrics", "analytics", "security"];
        let metadata = Metadata { categories: categories.map(str::to_owned).to_vec(), ..Metadata::default() };
        let mut findings = Vec::new();
        let found = metadata.known_categories(&known, &mut findings);
        assert_eq!(found.iter().map(CategorySlug::as_str).collect::<Vec<_>>(), ["search", "metrics", "analytics"]);
        assert_eq!(findings.len(), 3, "featured, nonsense and the fourth: {findings:?}");
    }
}
