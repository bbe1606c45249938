use leptos::prelude::*;
use model::LoadKind;
use registry::Listing;

use crate::format;

/// Packages as rows; the whole row is a target for the pointer, the name the only link for the keyboard.
#[component]
pub(crate) fn PackageRows(
    /// The packages.
    packages: Vec<Listing>,
) -> impl IntoView {
    view! {
        <ul class="divide-y divide-line border-y border-line">
            {packages.into_iter().map(|package| view! { <PackageRow package/> }).collect_view()}
        </ul>
    }
}

#[component]
fn PackageRow(package: Listing) -> impl IntoView {
    let facts = facts(&package);
    view! {
        <li class="relative px-1 py-3 hover:bg-raised">
            <div class="flex flex-wrap items-baseline gap-x-2">
                <h3 class="min-w-0 break-words font-mono text-title">
                    <a class="row-link text-accent" href=format!("/packages/{}", package.name)>
                        {package.name.to_string()}
                    </a>
                </h3>
                <p class="font-mono text-small text-ink-soft">{package.version.to_string()}</p>
            </div>
            {package.summary.map(|summary| view! { <p class="mt-0.5">{summary}</p> })}
            <p class="mt-1 text-small text-ink-soft">
                {facts} " · updated " <time datetime=format::moment(package.updated_at)>{format::day(package.updated_at)}</time>
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
    if package.load_kind.is_none() {
        facts.push("SQL only".to_owned());
    }
    facts.join(" · ")
}
