//! What the pages of one package, and those of one organisation, share.

use leptos::prelude::*;
use registry::GroupName;

use crate::{
    forms::FormState,
    pages::accounts::settings_frame::{Section, SettingsFrame},
};

/// A page of a package or of an organisation: its part of the address and its name.
pub(super) type Part = (&'static str, &'static str);

const PACKAGE: [Part; 4] =
    [("", "People"), ("/description", "Description"), ("/releases", "Releases"), ("/availability", "Availability")];
const ORGANISATION: [Part; 2] = [("", "Members"), ("/profile", "Profile")];

/// The frame of the settings with the pages of one package or organisation.
#[component]
pub(super) fn GroupFrame(
    /// What it is about.
    name: GroupName,
    /// The part of the address of the page that is shown.
    here: &'static str,
    /// What became of a form.
    state: FormState,
    /// What the page has.
    children: Children,
) -> impl IntoView {
    let (section, parts, public): (_, &[Part], _) = match &name {
        GroupName::Package(package) => (Section::Packages, &PACKAGE, format!("/packages/{package}")),
        GroupName::Organisation(handle) => (Section::Organisations, &ORGANISATION, format!("/users/{handle}")),
    };
    let label = match &name {
        GroupName::Package(_) => "Settings of the package",
        GroupName::Organisation(_) => "Settings of the organisation",
    };
    let root = name.settings_path();
    view! {
        <SettingsFrame here=section title=name.to_string() state>
            <div>
                <nav aria-label=label class="tabs">
                    <ul class="flex flex-wrap gap-x-1">
                        {parts
                            .iter()
                            .map(|(part, words)| {
                                view! {
                                    <li>
                                        <a class="tab" href=format!("{root}{part}") aria-current=(*part == here).then_some("page")>
                                            {*words}
                                        </a>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                </nav>
                <p class="mt-3 text-small">
                    <a class="link break-all" href=public>"What everybody sees of it"</a>
                </p>
            </div>
            {children()}
        </SettingsFrame>
    }
}
