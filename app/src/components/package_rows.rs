use leptos::prelude::*;
use model::{LoadKind, PackageKind, PostgresMajor};
use registry::Listing;

use super::Sparkline;
use crate::{context::registry, format};

/// Packages as rows; the whole row is a target for the pointer, the name the only link for the keyboard.
#[component]
pub(crate) fn PackageRows(
    /// The packages.
    packages: Vec<Listing>,
    /// The major that somebody chose: rows then show and lead to what is current for it.
    #[prop(optional_no_strip)]
    major: Option<PostgresMajor>,
) -> impl IntoView {
    view! {
        <ul class="divide-y divide-line border-y border-line">
            {packages.into_iter().map(|package| view! { <PackageRow package major/> }).collect_view()}
        </ul>
    }
}

#[component]
fn PackageRow(package: Listing, major: Option<PostgresMajor>) -> impl IntoView {
    let facts = facts(&package);
    let registry = registry();
    let downloads = registry.popularity().of(package.package_id);
    let now = registry.clock().now();
    let version = package.version_for(major).unwrap_or(&package.version).to_string();
    let address = match major {
        Some(major) => format!("/packages/{}?pg={major}", package.name),
        None => format!("/packages/{}", package.name),
    };
    view! {
        <li class="relative px-1 py-3 hover:bg-raised">
            <div class="flex flex-wrap items-baseline justify-between gap-x-4">
                <div class="flex min-w-0 flex-wrap items-baseline gap-x-2">
                    <h3 class="min-w-0 break-words font-mono text-title">
                        <a class="row-link text-accent" href=address>
                            {package.name.to_string()}
                        </a>
                    </h3>
                    <p class="min-w-0 break-words font-mono text-small text-ink-soft">{version}</p>
                </div>
                {(downloads.total() > 0)
                    .then(|| {
                        view! {
                            <p class="flex items-center gap-2 text-small text-ink-soft">
                                <Sparkline downloads/>
                                <span>
                                    {format::count(downloads.total())} " / month" <span class="sr-only">" downloaded"</span>
                                </span>
                            </p>
                        }
                    })}
            </div>
            {package.summary.map(|summary| view! { <p class="mt-0.5 break-words" dir="auto">{summary}</p> })}
            <p class="mt-1 flex flex-wrap justify-between gap-x-4 text-small text-ink-soft">
                <span>{facts}</span>
                <span>
                    "updated "
                    <time datetime=format::moment(package.updated_at) title=format::day(package.updated_at)>
                        {format::ago(package.updated_at, now)}
                    </time>
                </span>
            </p>
        </li>
    }
}

fn facts(package: &Listing) -> String {
    let mut facts = Vec::new();
    if !package.majors.is_empty() {
        let majors: Vec<String> = package.majors.iter().map(ToString::to_string).collect();
        facts.push(format!("PostgreSQL {}", majors.join(" ")));
    }
    facts.extend(match package.load_kind {
        Some(LoadKind::SharedPreloadRequired) => Some("needs a restart".to_owned()),
        Some(LoadKind::Unknown) => None,
        _ => Some("no restart".to_owned()),
    });
    if package.is_trusted {
        facts.push("trusted".to_owned());
    }
    match (package.load_kind, package.kind) {
        (None, _) => facts.push("SQL only".to_owned()),
        (Some(_), PackageKind::Module) => facts.push("module".to_owned()),
        _ => {}
    }
    facts.join(" · ")
}
