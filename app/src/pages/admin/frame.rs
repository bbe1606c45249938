use leptos::prelude::*;
use model::StaffRole;
use registry::{RegistryError, StaffReader};

use crate::{
    components::{Breadcrumbs, FormNotice, PageHead, TextArea},
    context::visitor,
    forms::FormState,
};

/// A part of the administration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Dashboard,
    Reports,
    Packages,
    Log,
    Accounts,
    Names,
    Categories,
    Tags,
    Banners,
    Flags,
    Operations,
}

impl Section {
    const ALL: [Self; 11] = [
        Self::Dashboard,
        Self::Reports,
        Self::Packages,
        Self::Log,
        Self::Accounts,
        Self::Names,
        Self::Categories,
        Self::Tags,
        Self::Banners,
        Self::Flags,
        Self::Operations,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::Dashboard => "Administration",
            Self::Reports => "Reports",
            Self::Packages => "Packages",
            Self::Log => "Log",
            Self::Accounts => "Accounts",
            Self::Names => "Reserved names",
            Self::Categories => "Categories",
            Self::Tags => "Tags",
            Self::Banners => "Banners",
            Self::Flags => "Switches",
            Self::Operations => "Jobs and mail",
        }
    }

    const fn address(self) -> &'static str {
        match self {
            Self::Dashboard => "/admin",
            Self::Reports => "/admin/reports",
            Self::Packages => "/admin/packages",
            Self::Log => "/admin/log",
            Self::Accounts => "/admin/accounts",
            Self::Names => "/admin/names",
            Self::Categories => "/admin/categories",
            Self::Tags => "/admin/tags",
            Self::Banners => "/admin/banners",
            Self::Flags => "/admin/flags",
            Self::Operations => "/admin/operations",
        }
    }

    /// Who sees it.
    pub(super) const fn role(self) -> StaffRole {
        match self {
            Self::Dashboard | Self::Reports | Self::Packages | Self::Log => StaffRole::Moderator,
            Self::Accounts
            | Self::Names
            | Self::Categories
            | Self::Tags
            | Self::Banners
            | Self::Flags
            | Self::Operations => StaffRole::Admin,
        }
    }
}

/// Who looks, if they may; for everybody else there is no such page.
pub(super) fn reader(section: Section) -> Result<StaffReader, RegistryError> {
    visitor().ok_or(RegistryError::NotFound)?.reads_as(section.role())
}

/// What all parts of the administration share.
#[component]
pub(super) fn AdminFrame(
    /// The part that is shown.
    here: Section,
    /// Who looks.
    reader: StaffReader,
    /// The name of the page, where it lies below the part.
    #[prop(optional, into)]
    title: Option<String>,
    /// What became of a form.
    state: FormState,
    /// What the part has.
    children: Children,
) -> impl IntoView {
    let mut above = vec![("/".to_owned(), "Home".to_owned())];
    if here != Section::Dashboard {
        above.push(("/admin".to_owned(), "Administration".to_owned()));
    }
    if title.is_some() {
        above.push((here.address().to_owned(), here.label().to_owned()));
    }
    let title = title.unwrap_or_else(|| here.label().to_owned());
    view! {
        <PageHead title=title.clone() description="For those who keep this registry in order." path=None/>
        <div class="frame py-8">
            <Breadcrumbs above here=title.clone()/>
            <h1 class="mt-3 text-heading font-semibold break-words">{title}</h1>
            <div class="mt-6 gap-x-10 lg:grid lg:grid-cols-[11rem_minmax(0,1fr)]">
                <nav aria-label="Administration" class="side-tabs">
                    <ul>
                        {Section::ALL
                            .into_iter()
                            .filter(|section| reader.role() >= section.role())
                            .map(|section| {
                                view! {
                                    <li>
                                        <a class="side-tab" href=section.address() aria-current=(section == here).then_some("page")>
                                            {section.label()}
                                        </a>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                </nav>
                <div class="min-w-0">
                    <div class="lg:[&>.notice:first-child]:mt-0"><FormNotice state/></div>
                    <div class="mt-6 space-y-10 lg:[div:empty+&]:mt-0">{children()}</div>
                </div>
            </div>
        </div>
    }
}

/// The field that every act asks for.
#[component]
pub(super) fn ReasonField(
    /// What became of the form.
    state: FormState,
    /// The id of the field.
    #[prop(default = "reason")]
    id: &'static str,
    /// What to know before typing.
    #[prop(default = "At least ten characters. It is kept with the act.")]
    hint: &'static str,
    /// Whether nothing is sent without one.
    #[prop(default = true)]
    is_required: bool,
) -> impl IntoView {
    view! { <TextArea state name="reason" id label="Reason" hint longest=1000 lines=2 is_required/> }
}
