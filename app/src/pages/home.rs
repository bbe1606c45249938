use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};
use registry::{CategoryOverview, Listing, ListingQuery, Order, RegistryError, RegistryNumbers};

use crate::{
    components::{Icon, SearchField, category_icon},
    context::{registry, site},
    format,
    load::load,
};

/// How many packages a list on the home page has.
const SHORT_LIST: u8 = 6;

/// Questions that show what can be asked, with the query that asks them.
const EXAMPLES: [(&str, &str); 3] = [
    ("misspelled words", "misspelled+words"),
    ("slow queries", "slow+queries"),
    ("read a CSV file", "read+a+CSV+file"),
];

struct Home {
    categories: Vec<CategoryOverview>,
    newest: Vec<Listing>,
    updated: Vec<Listing>,
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
        numbers: registry.numbers().await?,
    })
}

/// What there is, at a glance.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    load(home(registry()), |Home { categories, newest, updated, numbers }| {
        view! {
            <Title text=""/>
            <Meta name="description" content="Find PostgreSQL extensions by category, see what they do to your server, and install them."/>
            <Link rel="canonical" href=site().absolute("/")/>
            <div class="frame pt-12 pb-4">
                <h1 class="max-w-3xl text-display font-semibold tracking-tight">"PostgreSQL extensions, and what they do to your server"</h1>
                <p class="prose mt-3 text-ink-soft">
                    "Every package says before you install it which PostgreSQL and platform it is for, whether you must restart, and what it needs."
                </p>
            </div>
            <div class="frame py-2">
                <div class="max-w-3xl">
                    <SearchField is_large=true id="home-search"/>
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
            <section class="frame py-6" aria-labelledby="categories">
                <h2 id="categories" class="text-subheading font-semibold">"Categories"</h2>
                <ul class="mt-4 grid grid-cols-2 gap-3 md:grid-cols-3 lg:grid-cols-4">
                    {categories.into_iter().map(|category| view! { <CategoryTile category/> }).collect_view()}
                </ul>
            </section>
            <div class="frame grid grid-cols-1 gap-10 py-6 md:grid-cols-2">
                <ShortList id="new" title="New" packages=newest/>
                <ShortList id="updated" title="Updated" packages=updated/>
            </div>
            <p class="frame pt-4 text-small text-ink-soft">{numbers_line(numbers)}</p>
        }
    })
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
fn ShortList(id: &'static str, title: &'static str, packages: Vec<Listing>) -> impl IntoView {
    let is_empty = packages.is_empty();
    view! {
        <section aria-labelledby=id class="min-w-0">
            <h2 id=id class="text-subheading font-semibold">{title}</h2>
            {is_empty.then(|| view! { <p class="mt-3 text-ink-soft">"No package yet."</p> })}
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
                                    <p class="font-mono text-small text-ink-soft">{package.version.to_string()}</p>
                                </div>
                                <p class="truncate text-small text-ink-soft">{package.summary}</p>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}

fn numbers_line(numbers: RegistryNumbers) -> String {
    let plural =
        |count: i64, one: &str, many: &str| format!("{} {}", format::count(count), if count == 1 { one } else { many });
    [
        plural(numbers.packages, "package", "packages"),
        plural(numbers.releases, "release", "releases"),
        plural(numbers.artifacts, "file", "files"),
        plural(numbers.downloads, "download", "downloads"),
    ]
    .join(" · ")
}
