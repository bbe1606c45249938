//! The web interface: islands run in the browser, pages only on the server.

#![expect(clippy::needless_pass_by_value, reason = "components own what they are given")]
#![expect(unreachable_pub, reason = "the component macro makes public what it generates")]

pub mod islands;

#[cfg(feature = "ssr")]
pub mod components;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
mod documentation;
#[cfg(feature = "ssr")]
mod format;
#[cfg(feature = "ssr")]
mod forms;
#[cfg(feature = "ssr")]
pub mod inline_script;
#[cfg(feature = "ssr")]
pub mod layout;
#[cfg(feature = "ssr")]
mod load;
#[cfg(feature = "ssr")]
mod pages;

#[cfg(feature = "ssr")]
pub use forms::{FormProblem, FormState, HeldForm, Notice};
#[cfg(feature = "ssr")]
pub use pages::{PublishForm, PublishOutcome};

/// Addresses of the documents below `/docs` and `/policies`.
#[cfg(feature = "ssr")]
pub fn document_paths() -> impl Iterator<Item = String> {
    let collections = [documentation::DOCS, documentation::RULES].into_iter();
    collections.flat_map(|collection| {
        collection.documents().map(move |(document, _)| format!("{}/{}", collection.path, document.slug))
    })
}
