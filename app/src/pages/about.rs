use leptos::prelude::*;
use registry::{PostgresVersionInfo, RegistryError, RegistryNumbers, SupportState};

use crate::{
    components::{Breadcrumbs, PageHead},
    context::registry,
    documentation::about,
    format,
    load::load,
};

async fn facts() -> Result<(RegistryNumbers, Vec<PostgresVersionInfo>), RegistryError> {
    let registry = registry();
    Ok((registry.numbers().await?, registry.postgres_versions().await?))
}

/// What this site is, and which PostgreSQL it knows.
#[component]
pub(crate) fn AboutPage() -> impl IntoView {
    load(facts(), |(numbers, majors)| {
        let shown = about();
        view! {
            <PageHead
                title=shown.title.clone()
                description="What pginstall is, how it knows what it says, and which versions of PostgreSQL it knows."
                path="/about".to_owned()
            />
            <div class="frame py-8">
                <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned())] here=shown.title.clone()/>
                <h1 class="mt-3 text-heading font-semibold">{shown.title.clone()}</h1>
                <div class="document mt-4" inner_html=shown.html.clone()></div>
                <section aria-labelledby="numbers" class="mt-8">
                    <h2 id="numbers" class="text-subheading font-semibold">"In this registry"</h2>
                    <p class="mt-2">
                        {format!(
                            "{}, {} and {}.",
                            format::counted(numbers.packages, "package", "packages"),
                            format::counted(numbers.releases, "release", "releases"),
                            format::counted(numbers.artifacts, "file", "files"),
                        )}
                    </p>
                </section>
                <section aria-labelledby="majors" class="mt-8">
                    <h2 id="majors" class="text-subheading font-semibold">"Versions of PostgreSQL"</h2>
                    <table class="mt-3 border-y border-line">
                        <thead>
                            <tr class="border-b border-line text-left text-small text-ink-soft">
                                <th scope="col" class="py-2 pr-8 font-normal">"Major"</th>
                                <th scope="col" class="py-2 pr-8 font-normal">"First release"</th>
                                <th scope="col" class="py-2 pr-8 font-normal">"Last fixes"</th>
                                <th scope="col" class="py-2 font-normal">"State"</th>
                            </tr>
                        </thead>
                        <tbody class="divide-y divide-line">{majors.into_iter().map(|major| view! { <Major major/> }).collect_view()}</tbody>
                    </table>
                </section>
            </div>
        }
    })
}

#[component]
fn Major(major: PostgresVersionInfo) -> impl IntoView {
    let day = |date: Option<time::Date>| date.map_or_else(|| "not known yet".to_owned(), format::date);
    let state = match major.state {
        SupportState::Upcoming => "to come",
        SupportState::Supported => "supported",
        SupportState::Ended => "ended",
    };
    view! {
        <tr>
            <th scope="row" class="py-1.5 pr-8 text-left font-mono font-normal">{major.major.to_string()}</th>
            <td class="py-1.5 pr-8">{day(major.released_on)}</td>
            <td class="py-1.5 pr-8">{day(major.ends_on)}</td>
            <td class="py-1.5">{state}</td>
        </tr>
    }
}
