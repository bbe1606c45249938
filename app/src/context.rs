//! What pages find in their context, put there by the server.

use http::request::Parts;
use leptos::prelude::*;
use registry::{Registry, SearchIndex, Visitor};

/// Addresses of this site.
#[derive(Clone, Debug)]
pub struct Site {
    public_url: String,
    assets: String,
}

impl Site {
    /// `public_url` is the origin of absolute links; `assets` is the directory of the browser files, as a path without
    /// slashes at its ends.
    pub fn new(public_url: &str, assets: &str) -> Self {
        Self { public_url: public_url.trim_end_matches('/').to_owned(), assets: assets.to_owned() }
    }

    /// An absolute link to a page.
    pub(crate) fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    /// The address of a browser file.
    pub(crate) fn asset(&self, name: &str) -> String {
        format!("/{}/{name}", self.assets)
    }
}

/// The search index of this node, where it has one.
#[derive(Clone, Debug)]
pub struct Search(pub Option<SearchIndex>);

/// The search index. Only while a request is answered.
pub(crate) fn search_index() -> Option<SearchIndex> {
    use_context::<Search>().and_then(|search| search.0)
}

/// The addresses of this site. Only while a request is answered.
pub(crate) fn site() -> Site {
    use_context().unwrap_or_else(|| Site::new("", "assets"))
}

/// Who has logged in, if anybody has. Only while a request is answered.
pub(crate) fn visitor() -> Option<Visitor> {
    use_context::<Parts>()?.extensions.get::<Visitor>().cloned()
}

/// The domain. Only while a request is answered.
pub(crate) fn registry() -> Registry {
    expect_context()
}
