use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::{PackageMark, StaffRole};
use registry::{CataloguePackage, PackageInOrder, RegistryError};

use super::frame::{AdminFrame, ReasonField, Section, reader};
use crate::{
    components::Select,
    context::registry,
    format,
    forms::{FormState, form_state, sentence},
    load::load,
    pages::accounts::when::Ago,
};

/// What a mark means, in words.
const fn words(mark: PackageMark) -> &'static str {
    match mark {
        PackageMark::HeldBack => "held back",
        PackageMark::ReleaseHeldBack => "a release is held back",
        PackageMark::Waiting => "a case waits",
        PackageMark::Members => "for members only",
        PackageMark::Orphaned => "owned by nobody",
        PackageMark::Imported => "imported",
        PackageMark::Deprecated => "deprecated",
        PackageMark::Archived => "archived",
        PackageMark::Featured => "featured",
        PackageMark::Shared => "shares its short name",
    }
}

/// Packages, to be searched: also those that not everybody sees.
#[component]
pub(crate) fn AdminPackagesPage() -> impl IntoView {
    let query = use_query_map().read_untracked().clone();
    let text = query.get("q").unwrap_or_default();
    let mark = query.get("which").and_then(|which| which.parse::<PackageMark>().ok());
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Packages);
    let searched = text.clone();
    let data = async move {
        let reader = reader?;
        Ok((registry.search_packages(reader, &searched, mark).await?, reader))
    };
    load(data, move |(packages, reader)| {
        let marks = PackageMark::ALL.iter().map(|mark| (mark.as_str(), words(*mark)));
        let choices: Vec<(String, String)> = std::iter::once((String::new(), "All".to_owned()))
            .chain(marks.map(|(mark, words)| (mark.to_owned(), sentence(words).trim_end_matches('.').to_owned())))
            .collect();
        view! {
            <AdminFrame here=Section::Packages reader state>
                <form action="/admin/packages" role="search" aria-label="Search packages" class="flex max-w-2xl flex-wrap items-end gap-3">
                    <div class="min-w-48 flex-1">
                        <label for="packages-search" class="font-semibold">"Name"</label>
                        <input
                            id="packages-search"
                            name="q"
                            type="search"
                            value=text
                            maxlength="200"
                            autocomplete="off"
                            class="mt-1 h-10 w-full rounded-md border border-line bg-surface px-3 text-ink"
                        />
                    </div>
                    <div class="min-w-48 flex-1">
                        <Select state=FormState::default() name="which" label="Which" choices initial=mark.map_or("", PackageMark::as_str)/>
                    </div>
                    <button class="button h-10">"Search"</button>
                </form>
                {packages.is_empty().then(|| view! { <p class="text-ink-soft">"None."</p> })}
                <ul class="divide-y divide-line border-y border-line empty:hidden">
                    {packages.into_iter().map(|package| view! { <Row package/> }).collect_view()}
                </ul>
            </AdminFrame>
        }
    })
}

/// What is special about a package, in words.
fn marks(package: &PackageInOrder) -> Vec<&'static str> {
    let other = (!package.is_default).then_some("not what its short name means");
    package.marks.iter().map(|mark| words(*mark)).chain(other).collect()
}

#[component]
fn Row(package: PackageInOrder) -> impl IntoView {
    let marks = marks(&package);
    view! {
        <li class="relative py-2 hover:bg-raised">
            <p class="flex flex-wrap items-baseline gap-x-3">
                <a class="link row-link font-mono wrap-anywhere" href=format!("/admin/packages/{}", package.id)>{package.name.to_string()}</a>
                <span class="font-mono text-small wrap-anywhere text-ink-soft">{package.full_name.to_string()}</span>
            </p>
            <p class="text-small text-ink-soft">
                {(!marks.is_empty()).then(|| marks.join(" · ") + " · ")}
                {format::counted(package.releases, "release", "releases")} " · changed " <Ago moment=package.updated_at/>
            </p>
        </li>
    }
}

/// A package as the staff looks at it, and what admins do with it.
#[component]
pub(crate) fn AdminPackagePage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").and_then(|id| id.parse::<i64>().ok());
    let (registry, state) = (registry(), form_state());
    let reader = reader(Section::Packages);
    let data = async move {
        let reader = reader?;
        Ok((registry.catalogue_package(reader, id.ok_or(RegistryError::NotFound)?).await?, reader))
    };
    load(data, move |(CataloguePackage { package, others }, reader)| {
        let is_admin = reader.role() == StaffRole::Admin;
        view! {
            <AdminFrame here=Section::Packages reader title=package.name.to_string() state=state.clone()>
                <About package=package.clone()/>
                {(!others.is_empty()).then(|| view! { <Others others/> })}
                <div class="grid items-start gap-6 xl:grid-cols-2">
                    <Case state=state.clone() package=package.clone()/>
                    {is_admin.then(|| view! { <Feature state=state.clone() package=package.clone()/> })}
                    {(is_admin && !package.is_default).then(|| view! { <Assign state=state.clone() package=package.clone()/> })}
                </div>
            </AdminFrame>
        }
    })
}

#[component]
fn About(package: PackageInOrder) -> impl IntoView {
    let marks = marks(&package);
    let is_public = package.is_default && !package.is(PackageMark::Members);
    let name = package.name.to_string();
    view! {
        <section aria-label="About the package" class="space-y-1">
            <p class="font-mono break-all">{package.full_name.to_string()}</p>
            {(!marks.is_empty()).then(|| view! { <p>{marks.join(" · ")}</p> })}
            <p>
                {format::counted(package.releases, "release", "releases")} ", changed " <Ago moment=package.updated_at/>
            </p>
            {(!package.owners.is_empty())
                .then(|| {
                    view! {
                        <p>
                            "Owned by "
                            {package
                                .owners
                                .into_iter()
                                .map(|handle| view! { <a class="link mr-2 break-all" href=format!("/users/{handle}")>{handle.to_string()}</a> })
                                .collect_view()}
                        </p>
                    }
                })}
            <p class="flex flex-wrap gap-x-4">
                {is_public.then(|| view! { <a class="link" href=format!("/packages/{name}")>"As everybody sees it"</a> })}
                <a class="link" href=format!("/admin/log?q={}", package.full_name)>"Its events"</a>
                {package.open_case.map(|case| view! { <a class="link" href=format!("/admin/reports/{case}")>"The case that waits"</a> })}
            </p>
        </section>
    }
}

/// What else has the same short name.
#[component]
fn Others(others: Vec<PackageInOrder>) -> impl IntoView {
    view! {
        <section aria-labelledby="others">
            <h2 id="others" class="text-subheading font-semibold">"Others with this short name"</h2>
            <ul class="mt-3 divide-y divide-line border-y border-line">
                {others.into_iter().map(|package| view! { <Row package/> }).collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn Case(state: FormState, package: PackageInOrder) -> impl IntoView {
    // A case is found by the short name, which means another package here.
    (package.is_default && package.open_case.is_none()).then(|| {
        view! {
            <section class="rounded-md border border-line p-4" aria-labelledby="case">
                <h2 id="case" class="text-subheading font-semibold">"Begin a case"</h2>
                <p class="mt-1">"It can be held back then, or what is held back released."</p>
                <form method="post" action="/admin/reports" class="mt-3 space-y-4" aria-label="Begin a case">
                    <input type="hidden" name="package" value=package.name.to_string()/>
                    <ReasonField state=state.of_form("case") id="case-reason" hint="What you have seen. At least ten characters."/>
                    <button class="button">"Begin a case"</button>
                </form>
            </section>
        }
    })
}

#[component]
fn Feature(state: FormState, package: PackageInOrder) -> impl IntoView {
    let (form, title, words) = if package.is(PackageMark::Featured) {
        (
            "unfeature",
            "Feature it no longer",
            "The home page shows it first now, and Trunk's clients have it in the category Featured.",
        )
    } else {
        ("feature", "Feature it", "The home page shows it first, and Trunk's clients have it in the category Featured.")
    };
    view! {
        <section class="rounded-md border border-line p-4" aria-labelledby="feature">
            <h2 id="feature" class="text-subheading font-semibold">{title}</h2>
            <p class="mt-1">{words}</p>
            <form method="post" action=format!("/admin/packages/{}", package.id) class="mt-3 space-y-4" aria-label=title>
                <input type="hidden" name="form" value=form/>
                <ReasonField state=state.of_form(form) id="feature-reason" hint="Everybody may read it in the log. At least ten characters."/>
                <button class="button">{title}</button>
            </form>
        </section>
    }
}

#[component]
fn Assign(state: FormState, package: PackageInOrder) -> impl IntoView {
    let name = package.name.to_string();
    view! {
        <section class="rounded-md border border-line p-4" aria-labelledby="assign">
            <h2 id="assign" class="text-subheading font-semibold">"Give it the short name"</h2>
            <p class="mt-1">
                "Pages, lists, searches and clients find this package as " <span class="font-mono break-all">{name}</span>
                " then, and no longer the one that has the name now. Extensions that both provide come with the name; what only the other one provides, Trunk's clients find no more. The owners of both are told."
            </p>
            <form method="post" action=format!("/admin/packages/{}", package.id) class="mt-3 space-y-4" aria-label="Give it the short name">
                <input type="hidden" name="form" value="assign"/>
                <ReasonField state=state.of_form("assign") id="assign-reason" hint="Everybody may read it in the log. At least ten characters."/>
                <button class="button border-danger text-danger">"Give it the short name"</button>
            </form>
        </section>
    }
}
