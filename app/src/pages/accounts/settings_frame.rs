use leptos::prelude::*;

use crate::{
    components::{Breadcrumbs, FormNotice, PageHead},
    forms::FormState,
};

/// A part of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Profile,
    Security,
    Sessions,
    Tokens,
    Publishing,
}

impl Section {
    const ALL: [Self; 5] = [Self::Profile, Self::Security, Self::Sessions, Self::Tokens, Self::Publishing];

    const fn label(self) -> &'static str {
        match self {
            Self::Profile => "Profile",
            Self::Security => "Security",
            Self::Sessions => "Sessions",
            Self::Tokens => "Tokens",
            Self::Publishing => "Trusted publishing",
        }
    }

    const fn address(self) -> &'static str {
        match self {
            Self::Profile => "/settings",
            Self::Security => "/settings/security",
            Self::Sessions => "/settings/sessions",
            Self::Tokens => "/settings/tokens",
            Self::Publishing => "/settings/publishing",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Profile => "What others see of your account.",
            Self::Security => "How you log in, and your e-mail address.",
            Self::Sessions => "Where you are logged in.",
            Self::Tokens => "What programs publish with in your name.",
            Self::Publishing => "Workflows that publish your packages without a secret.",
        }
    }
}

/// What all parts of the settings share.
#[component]
pub(super) fn SettingsFrame(
    /// The part that is shown.
    here: Section,
    /// What became of a form.
    state: FormState,
    /// What the part has.
    children: Children,
) -> impl IntoView {
    view! {
        <PageHead title=here.label() description=here.description() path=None/>
        <div class="frame py-8">
            <Breadcrumbs
                above=vec![("/".to_owned(), "Home".to_owned()), ("/settings".to_owned(), "Settings".to_owned())]
                here=here.label()
            />
            <div class="mt-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
                <div class="min-w-0">
                    <h1 class="text-heading font-semibold">{here.label()}</h1>
                    <p class="text-ink-soft">{here.description()}</p>
                </div>
                <form method="post" action="/logout" aria-label="Log out">
                    <button class="button">"Log out"</button>
                </form>
            </div>
            <nav aria-label="Settings" class="tabs mt-6">
                <ul class="flex flex-wrap gap-x-1">
                    {Section::ALL
                        .map(|section| {
                            view! {
                                <li>
                                    <a class="tab" href=section.address() aria-current=(section == here).then_some("page")>
                                        {section.label()}
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </nav>
            <div class="max-w-2xl">
                <FormNotice state/>
                <div class="mt-6 space-y-12">{children()}</div>
            </div>
        </div>
    }
}
