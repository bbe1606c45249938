use leptos::prelude::*;
use registry::{CategoryOverview, Listing, ListingQuery, Order, RegistryError, RegistryNumbers};
use serde_json::json;

use crate::{
    components::{Icon, PageHead, StructuredData, category_icon},
    context::{registry, site},
    format,
    islands::SearchBox,
    load::load,
};

/// How many packages a list on the home page has.
const SHORT_LIST: u8 = 6;

/// Questions that show what can be asked, with the query that asks them.
const EXAMPLES: [(&str, &str); 3] =
    [("fuzzy search", "fuzzy+search"), ("slow queries", "slow+queries"), ("read a CSV file", "read+a+CSV+file")];

struct Home {
    categories: Vec<CategoryOverview>,
    newest: Vec<Listing>,
    updated: Vec<Listing>,
    popular: Vec<Listing>,
    featured: Vec<Listing>,
    numbers: RegistryNumbers,
}

async fn home(registry: registry::Registry) -> Result<Home, RegistryError> {
    let list = |order| {
        let query = ListingQuery { category: None, tag: None, order, after: None, limit: SHORT_LIST };
        let registry = registry.clone();
        async move { registry.list(&query).await.map(|page| page.items) }
    };
    Ok(Home {
        categories: registry.categories().await?,
        newest: list(Order::Created).await?,
        updated: list(Order::Updated).await?,
        popular: registry.popular(SHORT_LIST).await?,
        featured: registry.featured().await?,
        numbers: registry.numbers().await?,
    })
}

/// What there is, at a glance.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    load(home(registry()), |Home { categories, newest, updated, popular, featured, numbers }| {
        view! {
            <PageHead
                title=""
                description="Find PostgreSQL extensions by category, see what they do to your server, and install them."
                path="/".to_owned()
            />
            <StructuredData facts=web_site()/>
            <div class="frame pt-10 pb-2 sm:pt-14">
                <h1 class="max-w-3xl text-display font-semibold tracking-tight text-balance">
                    "PostgreSQL extensions, and what they do to your server"
                </h1>
                <div class="mt-6 max-w-3xl">
                    <SearchBox text=String::new() id="home-search".to_owned() is_large=true/>
                    <p class="mt-2 text-small text-ink-soft">
                        "For example "
                        {EXAMPLES
                            .iter()
                            .enumerate()
                            .map(|(place, (text, query))| {
                                let separator = if place == 0 { "" } else { " · " };
                                view! {
                                    {separator}
                                    <a class="link" href=format!("/search?q={query}")>
                                        {*text}
                                    </a>
                                }
                            })
                            .collect_view()}
                    </p>
                </div>
            </div>
            {(!featured.is_empty()).then(|| view! { <Featured packages=featured/> })}
            <section class="frame py-8" aria-labelledby="categories">
                <h2 id="categories" class="text-subheading font-semibold">"Categories"</h2>
                <ul class="mt-4 grid grid-cols-2 gap-2 sm:gap-3 md:grid-cols-4">
                    {categories.into_iter().map(|category| view! { <CategoryTile category/> }).collect_view()}
                </ul>
            </section>
            <div class="frame grid grid-cols-1 gap-x-8 gap-y-10 py-4 md:grid-cols-2 lg:grid-cols-3">
                <ShortList id="new" title="New" all="/packages?sort=created" packages=newest/>
                <ShortList id="updated" title="Updated" all="/packages?sort=updated" packages=updated/>
                <ShortList id="popular" title="Popular" all="/packages?sort=downloads" packages=popular/>
            </div>
            <p class="frame pt-4 text-small text-ink-soft">{numbers_line(numbers)}</p>
            <div class="frame grid grid-cols-1 gap-3 pt-8 md:grid-cols-2">
                <Callout
                    icon=icondata_lu::LuServer
                    title="Run your own registry"
                    text="One program beside a PostgreSQL: it shows and serves exactly what your machines have."
                    address="/docs/run"
                />
                <Callout
                    icon=icondata_lu::LuTerminal
                    title="Ask from a program"
                    text="Everything that the pages show comes as JSON too, with digests and addresses of every file."
                    address="/docs/api"
                />
            </div>
        }
    })
}

/// The site for search engines (schema.org).
fn web_site() -> serde_json::Value {
    let site = site();
    json!({
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": "pginstall",
        "url": site.absolute("/"),
        "potentialAction": {
            "@type": "SearchAction",
            "target": { "@type": "EntryPoint", "urlTemplate": site.absolute("/search?q={search_term_string}") },
            "query-input": "required name=search_term_string",
        },
    })
}

#[component]
fn Callout(icon: icondata_core::Icon, title: &'static str, text: &'static str, address: &'static str) -> impl IntoView {
    view! {
        <section class="tile flex gap-4 p-4">
            <Icon icon class="mt-0.5 size-5 shrink-0 text-accent"/>
            <div>
                <h2 class="font-semibold">
                    <a class="row-link" href=address>
                        {title}
                    </a>
                </h2>
                <p class="mt-1 text-small text-ink-soft">{text}</p>
            </div>
        </section>
    }
}

/// What those who run the registry have chosen.
#[component]
fn Featured(packages: Vec<Listing>) -> impl IntoView {
    view! {
        <section class="frame pt-8" aria-labelledby="featured">
            <h2 id="featured" class="text-subheading font-semibold">"Featured"</h2>
            <ul class="mt-4 grid grid-cols-1 gap-2 sm:grid-cols-2 sm:gap-3 lg:grid-cols-3">
                {packages
                    .into_iter()
                    .map(|package| {
                        view! {
                            <li class="tile min-w-0">
                                <h3 class="font-mono wrap-anywhere">
                                    <a class="row-link text-accent" href=format!("/packages/{}", package.name)>
                                        {package.name.to_string()}
                                    </a>
                                </h3>
                                <p class="mt-1 line-clamp-2 text-small wrap-anywhere text-ink-soft" dir="auto">{package.summary}</p>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn CategoryTile(category: CategoryOverview) -> impl IntoView {
    view! {
        <li class="tile">
            <div class="flex items-center justify-between gap-2">
                <Icon icon=category_icon(&category.slug) class="size-5 text-accent"/>
                <span class="text-small text-ink-soft" aria-hidden="true">
                    {format::count(category.count)}
                </span>
            </div>
            <h3 class="mt-2 font-semibold break-words hyphens-auto">
                <a class="row-link" href=format!("/categories/{}", category.slug)>
                    {category.name}
                    <span class="sr-only">{format!(", {} packages", category.count)}</span>
                </a>
            </h3>
            <p class="mt-1 hidden text-small text-ink-soft sm:block">{category.sentence}</p>
        </li>
    }
}

#[component]
fn ShortList(id: &'static str, title: &'static str, all: &'static str, packages: Vec<Listing>) -> impl IntoView {
    let is_empty = packages.is_empty();
    view! {
        <section aria-labelledby=id class="min-w-0">
            <div class="flex items-baseline justify-between gap-4">
                <h2 id=id class="text-subheading font-semibold">{title}</h2>
                <a class="link-quiet text-small text-ink-soft" href=all>
                    "All"
                    <span class="sr-only">{format!(" packages, {}", title.to_lowercase())}</span>
                </a>
            </div>
            {is_empty
                .then(|| {
                    let text = if id == "popular" { "No downloads in the last thirty days." } else { "No package yet." };
                    view! { <p class="mt-3 text-ink-soft">{text}</p> }
                })}
            <ul class="mt-3 divide-y divide-line border-y border-line empty:hidden">
                {packages
                    .into_iter()
                    .map(|package| {
                        view! {
                            <li class="relative px-1 py-2 hover:bg-raised">
                                <div class="flex flex-wrap items-baseline gap-x-2">
                                    <h3 class="min-w-0 break-words font-mono">
                                        <a class="row-link text-accent" href=format!("/packages/{}", package.name)>
                                            {package.name.to_string()}
                                        </a>
                                    </h3>
                                    <p class="min-w-0 font-mono text-small text-ink-soft">{package.version.to_string()}</p>
                                </div>
                                <p class="truncate text-small text-ink-soft" dir="auto">{package.summary}</p>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}

fn numbers_line(numbers: RegistryNumbers) -> String {
    [
        format::counted(numbers.packages, "package", "packages"),
        format::counted(numbers.releases, "release", "releases"),
        format::counted(numbers.artifacts, "file", "files"),
    ]
    .join(" · ")
}
