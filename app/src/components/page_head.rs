use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};

use crate::context::site;

/// What a page says of itself to browsers, search engines and whoever shows a link to it.
#[component]
pub(crate) fn PageHead(
    /// Its name, without that of the site; empty for the home page.
    #[prop(into)]
    title: String,
    /// One sentence.
    #[prop(into)]
    description: String,
    /// The one address of its content, as a path; none for a page that nobody should find by a search engine.
    #[prop(into)]
    path: Option<String>,
) -> impl IntoView {
    let site = site();
    let shared_title = if title.is_empty() { "pginstall: PostgreSQL extensions".to_owned() } else { title.clone() };
    // leptos_meta writes a title as it is: what somebody asked for must not end it.
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    view! {
        <Title text=title/>
        <Meta name="description" content=description.clone()/>
        <Meta property="og:site_name" content="pginstall"/>
        <Meta property="og:type" content="website"/>
        <Meta property="og:title" content=shared_title/>
        <Meta property="og:description" content=description/>
        <Meta property="og:image" content=site.absolute("/share.png")/>
        <Meta property="og:image:width" content="1200"/>
        <Meta property="og:image:height" content="630"/>
        <Meta property="og:image:alt" content="The mark and the name of pginstall"/>
        <Meta name="twitter:card" content="summary_large_image"/>
        {match path {
            Some(path) => {
                let address = site.absolute(&path);
                view! {
                    <Link rel="canonical" href=address.clone()/>
                    <Meta property="og:url" content=address/>
                }
                    .into_any()
            }
            None => view! { <Meta name="robots" content="noindex"/> }.into_any(),
        }}
    }
}
