use leptos_router::params::ParamsMap;
use model::{CategorySlug, LoadKind, Platform, PostgresMajor};
use registry::{SearchOrder, SearchQuery};

use crate::format;

/// Rows on one page.
const ROWS: u8 = 20;

/// What the address of a search says, and how other addresses are made from it.
///
/// What cannot be read is as if it were not there: an address is typed, shared and cut.
#[derive(Clone, Debug)]
pub(super) struct Choices {
    path: String,
    /// What the path itself says, which is no choice.
    place: Place,
    pub(super) text: String,
    pub(super) tag: Option<String>,
    pub(super) category: Option<CategorySlug>,
    pub(super) major: Option<PostgresMajor>,
    pub(super) platform: Option<Platform>,
    pub(super) load: Option<LoadKind>,
    pub(super) trusted: bool,
    pub(super) order: SearchOrder,
    pub(super) page: u32,
}

/// What the path of a search says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Everywhere,
    Category,
    Tag,
}

impl Choices {
    pub(super) fn read(path: &str, query: &ParamsMap) -> Self {
        let get = |name: &str| query.get(name).unwrap_or_default();
        Self {
            path: path.to_owned(),
            place: Place::Everywhere,
            text: get("q")
                .chars()
                .filter(|letter| !letter.is_control())
                .take(200)
                .collect::<String>()
                .trim()
                .to_owned(),
            tag: Some(get("tag"))
                .filter(|tag| (1..=64).contains(&tag.chars().count()) && !tag.contains(char::is_control)),
            category: get("category").parse().ok(),
            major: get("pg").parse().ok(),
            platform: get("platform").parse().ok(),
            load: get("load").parse().ok(),
            trusted: get("trusted") == "true",
            order: match get("sort").as_str() {
                "name" => SearchOrder::Name,
                "updated" => SearchOrder::Updated,
                "created" => SearchOrder::Created,
                "downloads" => SearchOrder::Downloads,
                _ => SearchOrder::Relevance,
            },
            page: get("page").parse().unwrap_or(1).max(1),
        }
    }

    pub(super) fn read_in_category(slug: CategorySlug, query: &ParamsMap) -> Self {
        let path = format!("/categories/{slug}");
        Self { place: Place::Category, category: Some(slug), ..Self::read(&path, query) }
    }

    pub(super) fn read_with_tag(tag: String, query: &ParamsMap) -> Self {
        let path = tag_address(&tag);
        Self { place: Place::Tag, tag: Some(tag), ..Self::read(&path, query) }
    }

    pub(super) fn query(&self) -> SearchQuery {
        SearchQuery {
            text: self.text.clone(),
            tag: self.tag.clone(),
            category: self.category.clone(),
            major: self.major,
            platform: self.platform.clone(),
            load: self.load,
            trusted: self.trusted,
            order: self.order,
            page: self.page,
            limit: ROWS,
        }
    }

    /// Whether the path, and not a choice, says the category.
    pub(super) fn is_in_category(&self) -> bool {
        self.place == Place::Category
    }

    pub(super) fn has_filters(&self) -> bool {
        self.category.is_some() && !self.is_in_category()
            || self.tag.is_some() && self.place != Place::Tag
            || self.major.is_some()
            || self.platform.is_some()
            || self.load.is_some()
            || self.trusted
    }

    /// Whether nothing was asked: no words, no filters, the first page.
    pub(super) fn is_unasked(&self) -> bool {
        self.text.is_empty() && !self.has_filters() && self.page == 1 && self.order == SearchOrder::Relevance
    }

    /// The address of these choices: every one at its place, so that equal choices have equal addresses.
    fn address(&self) -> String {
        let order = match self.order {
            SearchOrder::Relevance => None,
            SearchOrder::Name => Some("name".to_owned()),
            SearchOrder::Updated => Some("updated".to_owned()),
            SearchOrder::Created => Some("created".to_owned()),
            SearchOrder::Downloads => Some("downloads".to_owned()),
        };
        let pairs = [
            ("q", Some(self.text.clone()).filter(|text| !text.is_empty())),
            ("category", self.category.as_ref().filter(|_| !self.is_in_category()).map(ToString::to_string)),
            ("tag", self.tag.clone().filter(|_| self.place != Place::Tag)),
            ("pg", self.major.map(|major| major.to_string())),
            ("platform", self.platform.as_ref().map(ToString::to_string)),
            ("load", self.load.map(|load| load.to_string())),
            ("trusted", self.trusted.then(|| "true".to_owned())),
            ("sort", order),
            ("page", (self.page > 1).then(|| self.page.to_string())),
        ];
        let query: Vec<String> = pairs
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", format::encoded(&value?))))
            .collect();
        if query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, query.join("&")) }
    }

    /// The address with another choice; always from the first page.
    fn changed(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut choices = Self { page: 1, ..self.clone() };
        change(&mut choices);
        choices.address()
    }

    /// The tag, where it is a choice and not the page itself.
    pub(super) fn removable_tag(&self) -> Option<&str> {
        self.tag.as_deref().filter(|_| self.place != Place::Tag)
    }

    pub(super) fn without_tag(&self) -> String {
        self.changed(|choices| choices.tag = None)
    }

    pub(super) fn with_category(&self, category: Option<CategorySlug>) -> String {
        self.changed(|choices| choices.category = category)
    }

    pub(super) fn with_major(&self, major: Option<PostgresMajor>) -> String {
        self.changed(|choices| choices.major = major)
    }

    pub(super) fn with_platform(&self, platform: Option<Platform>) -> String {
        self.changed(|choices| choices.platform = platform)
    }

    pub(super) fn with_load(&self, load: Option<LoadKind>) -> String {
        self.changed(|choices| choices.load = load)
    }

    pub(super) fn with_trusted(&self, trusted: bool) -> String {
        self.changed(|choices| choices.trusted = trusted)
    }

    pub(super) fn with_order(&self, order: SearchOrder) -> String {
        self.changed(|choices| choices.order = order)
    }

    pub(super) fn with_page(&self, page: u32) -> String {
        self.changed(|choices| choices.page = page)
    }

    /// The address with the words alone.
    pub(super) fn cleared(&self) -> String {
        self.changed(|choices| {
            let place = choices.place;
            choices.category = choices.category.take().filter(|_| place == Place::Category);
            choices.tag = choices.tag.take().filter(|_| place == Place::Tag);
            (choices.major, choices.platform, choices.load, choices.trusted) = (None, None, None, false);
        })
    }
}

/// The address of the page of a tag.
pub(crate) fn tag_address(tag: &str) -> String {
    format!("/tags/{}", format::encoded(tag).replace('+', "%20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Choices {
        let mut map = ParamsMap::new();
        for (name, value) in pairs {
            map.insert((*name).to_owned(), (*value).to_owned());
        }
        Choices::read("/search", &map)
    }

    #[test]
    fn equal_choices_have_equal_addresses() {
        let choices = read(&[("page", "3"), ("pg", "15"), ("q", " a b&c "), ("trusted", "true"), ("other", "x")]);
        assert_eq!(choices.with_page(3), "/search?q=a+b%26c&pg=15&trusted=true&page=3");
        assert_eq!(
            choices.with_major(None),
            "/search?q=a+b%26c&trusted=true",
            "another choice begins on the first page"
        );
        assert_eq!(choices.cleared(), "/search?q=a+b%26c");
        assert_eq!(read(&[]).with_page(1), "/search");
    }

    #[test]
    fn what_cannot_be_read_is_not_there() {
        let choices = read(&[
            ("pg", "x"),
            ("page", "-1"),
            ("load", "fast"),
            ("platform", "plan9"),
            ("category", "A B"),
            ("q", "a\u{0}b"),
        ]);
        assert_eq!(
            (choices.major, choices.page, choices.load, choices.platform.is_none(), choices.category.is_none()),
            (None, 1, None, true, true)
        );
        assert_eq!(choices.text, "ab");
        assert!(!choices.has_filters());
    }

    #[test]
    fn a_category_in_the_path_is_no_choice() {
        let slug: CategorySlug = "search".parse().expect("a slug");
        let choices = Choices::read_in_category(slug, &ParamsMap::new());
        assert!(!choices.has_filters());
        assert_eq!(choices.with_trusted(true), "/categories/search?trusted=true");
        assert!(choices.query().category.is_some());
    }
}
