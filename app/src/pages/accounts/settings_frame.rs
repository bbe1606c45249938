use leptos::prelude::*;

use crate::{
    components::{Breadcrumbs, FormNotice, PageHead},
    context::visitor,
    forms::FormState,
};

/// A part of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pages) enum Section {
    Profile,
    Security,
    Sessions,
    Tokens,
    Packages,
    Publishing,
    Organisations,
    Invitations,
}

impl Section {
    const ALL: [Self; 8] = [
        Self::Profile,
        Self::Security,
        Self::Sessions,
        Self::Tokens,
        Self::Packages,
        Self::Publishing,
        Self::Organisations,
        Self::Invitations,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::Profile => "Profile",
            Self::Security => "Security",
            Self::Sessions => "Sessions",
            Self::Tokens => "Tokens",
            Self::Packages => "Packages",
            Self::Publishing => "Trusted publishing",
            Self::Organisations => "Organisations",
            Self::Invitations => "Invitations",
        }
    }

    const fn address(self) -> &'static str {
        match self {
            Self::Profile => "/settings",
            Self::Security => "/settings/security",
            Self::Sessions => "/settings/sessions",
            Self::Tokens => "/settings/tokens",
            Self::Packages => "/settings/packages",
            Self::Publishing => "/settings/publishing",
            Self::Organisations => "/settings/organisations",
            Self::Invitations => "/settings/invitations",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Profile => "What others see of your account.",
            Self::Security => "How you log in, and your e-mail address.",
            Self::Sessions => "Where you are logged in.",
            Self::Tokens => "What programs publish with in your name.",
            Self::Packages => "What you look after, alone or with others.",
            Self::Publishing => "Workflows that publish your packages without a secret.",
            Self::Organisations => "People who own packages together.",
            Self::Invitations => "Who asks you to look after something.",
        }
    }
}

/// What all parts of the settings share.
#[component]
pub(in crate::pages) fn SettingsFrame(
    /// The part that is shown.
    here: Section,
    /// The name of the page, where it lies below the part.
    #[prop(optional, into)]
    title: Option<String>,
    /// What became of a form.
    state: FormState,
    /// What the part has.
    children: Children,
) -> impl IntoView {
    let mut above = vec![("/".to_owned(), "Home".to_owned()), ("/settings".to_owned(), "Settings".to_owned())];
    if title.is_some() {
        above.push((here.address().to_owned(), here.label().to_owned()));
    }
    let waiting = visitor().map_or(0, |visitor| visitor.invitations);
    let is_below = title.is_some();
    let title = title.unwrap_or_else(|| here.label().to_owned());
    view! {
        <PageHead title=title.clone() description=here.description() path=None/>
        <div class="frame py-8">
            <Breadcrumbs above here=title.clone()/>
            <div class="mt-3 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
                <div class="min-w-0">
                    <h1 class="text-heading font-semibold break-words">{title}</h1>
                    {(!is_below).then(|| view! { <p class="text-ink-soft">{here.description()}</p> })}
                </div>
                <form method="post" action="/logout" aria-label="Log out">
                    <button class="button">"Log out"</button>
                </form>
            </div>
            <div class="mt-6 gap-x-10 lg:grid lg:grid-cols-[13rem_minmax(0,1fr)]">
                <nav aria-label="Settings" class="side-tabs">
                    <ul>
                        {Section::ALL
                            .map(|section| {
                                view! {
                                    <li>
                                        <a class="side-tab" href=section.address() aria-current=(section == here).then_some("page")>
                                            {section.label()}
                                            {(section == Section::Invitations && waiting > 0)
                                                .then(|| view! { " " <span class="rounded-md bg-accent px-1.5 text-small font-semibold text-ground">{waiting} <span class="sr-only">" waiting"</span></span> })}
                                        </a>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                </nav>
                <div class="max-w-2xl min-w-0">
                    <FormNotice state/>
                    <div class="mt-6 space-y-12 lg:first:mt-0">{children()}</div>
                </div>
            </div>
        </div>
    }
}
