use leptos::prelude::*;
use model::{ReleaseState, Visibility};
use registry::PackageDetails;

use super::selection::Selection;

/// Says so where a release is not the ordinary one.
#[component]
pub(super) fn Notices(selection: Selection, package: PackageDetails) -> impl IntoView {
    let release = &package.release;
    let state = match release.state {
        ReleaseState::Active | ReleaseState::Deleted => None,
        ReleaseState::Yanked => {
            Some("This release was yanked: it can still be downloaded by its exact version, but nothing offers it.")
        }
        // The notice about the whole package says so already.
        ReleaseState::Quarantined if package.quarantine_reason.is_some() => None,
        ReleaseState::Quarantined => Some("This release is held back while it is looked at. It cannot be downloaded."),
    };
    let current = package.current_version().filter(|current| **current != release.version).cloned();
    let fits = selection.major.is_none_or(|major| {
        release.artifacts.iter().any(|artifact| artifact.postgres_major.is_none_or(|known| known == major))
    });
    view! {
        {package.quarantine_reason.clone().map(|reason| view! { <Quarantined reason/> })}
        {package.deprecation.clone().map(|deprecation| view! { <Deprecated deprecation/> })}
        {package
            .is_archived
            .then(|| {
                view! {
                    <p class="notice mt-4" role="note">
                        "This package is archived: its owners say that nothing more comes."
                    </p>
                }
            })}
        {(package.visibility == Visibility::Members)
            .then(|| view! { <p class="notice mt-4" role="note">"Only those who look after this package see it."</p> })}
        {state
            .map(|text| {
                view! {
                    <div class="mt-4 rounded-md border border-caution p-3" role="note">
                        <p class="font-semibold">{text}</p>
                        {release.state_reason.clone().map(|reason| view! { <p class="mt-1 break-words" dir="auto">{reason}</p> })}
                    </div>
                }
            })}
        {(!fits)
            .then(|| {
                let major = selection.major.map(|major| major.to_string()).unwrap_or_default();
                view! {
                    <p class="notice mt-4" role="note">
                        {format!("There is no file for PostgreSQL {major}. This is what there is for others.")}
                    </p>
                }
            })}
        {current
            .map(|current| {
                let (before, after, address) = match selection.major {
                    Some(major) if selection.version.is_none() && fits => (
                        format!("This is the current version for PostgreSQL {major}. Elsewhere "),
                        " is current.",
                        format!("/packages/{}", package.name),
                    ),
                    _ => ("The current version is ".to_owned(), ".", selection.with_version(None)),
                };
                view! {
                    <p class="notice mt-4" role="note">
                        {before}
                        <a class="link font-mono" href=address>
                            {current.to_string()}
                        </a>
                        {after}
                    </p>
                }
            })}
    }
}

/// What the owners of a package say where something else should be used.
#[component]
fn Deprecated(deprecation: registry::Deprecated) -> impl IntoView {
    view! {
        <div class="mt-4 rounded-md border border-caution p-3" role="note">
            <p class="font-semibold">
                {match deprecation.successor {
                    Some(successor) => {
                        view! {
                            "This package is deprecated. Use "
                            <a class="link font-mono break-all" href=format!("/packages/{successor}")>{successor.clone()}</a> " instead."
                        }
                            .into_any()
                    }
                    None => view! { "This package is deprecated: its owners say that it should not be used any more." }.into_any(),
                }}
            </p>
            {deprecation.reason.map(|reason| view! { <p class="mt-1 break-words" dir="auto">{reason}</p> })}
        </div>
    }
}

/// Why moderators hold a package back.
#[component]
fn Quarantined(reason: String) -> impl IntoView {
    view! {
        <div class="mt-4 rounded-md border border-danger p-3" role="note">
            <p class="font-semibold">
                "This package is held back while those who run this registry look at it. Nothing of it can be installed."
            </p>
            <p class="mt-1 break-words" dir="auto">{reason}</p>
        </div>
    }
}
