use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};

use super::{Icon, Logo};
use crate::{
    context::visitor,
    islands::{SearchBox, ThemeSwitch},
};

/// The line at the top of every page.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let path = use_location().pathname.get_untracked();
    // The home page has a larger one.
    let with_search = path != "/";
    // Elsewhere `q` asks something else.
    let is_search = path == "/search" || path == "/packages";
    let text = use_query_map().read_untracked().get("q").filter(|_| is_search).unwrap_or_default();
    let is_current = |prefix: &str| path.starts_with(prefix).then_some("true");
    view! {
        <a class="skip-link" href="#content">"Skip to the content"</a>
        <header class="border-b border-line bg-ground">
            <div class="frame flex h-14 items-center justify-between gap-3 sm:gap-4">
                <a href="/" class="rounded-md" aria-label="pginstall, home">
                    <Logo/>
                </a>
                {with_search
                    .then(|| {
                        view! {
                            <div class="hidden max-w-md flex-1 sm:block">
                                <SearchBox text id="header-search".to_owned() is_large=false/>
                            </div>
                        }
                    })}
                <nav aria-label="Main" class="flex items-center gap-0.5 sm:gap-1">
                    <a class="nav-link sm:hidden" href="/search" aria-label="Search">
                        <Icon icon=icondata_lu::LuSearch class="size-5"/>
                    </a>
                    <a class="nav-link" href="/packages" aria-current=is_current("/packages")>"Browse"</a>
                    <a class="nav-link max-sm:hidden" href="/publish" aria-current=is_current("/publish")>"Publish"</a>
                    <a class="nav-link" href="/docs" aria-current=is_current("/docs")>"Docs"</a>
                    // Where the line is too narrow for it, it is in the footer.
                    {match visitor() {
                        Some(visitor) => {
                            let handle = visitor.handle().to_string();
                            view! {
                                {visitor
                                    .staff_role()
                                    .map(|_| {
                                        view! {
                                            <a class="nav-link max-sm:hidden" href="/admin" aria-current=is_current("/admin")>"Admin"</a>
                                        }
                                    })}
                                <a
                                    class="nav-link max-[27rem]:hidden"
                                    href="/settings"
                                    aria-label=format!("{handle}, settings")
                                    aria-current=is_current("/settings")
                                >
                                    <Icon icon=icondata_lu::LuCircleUser class="size-5 md:hidden"/>
                                    <span class="block max-w-32 truncate max-md:hidden">{handle.clone()}</span>
                                </a>
                            }
                                .into_any()
                        }
                        None => {
                            view! {
                                <a class="nav-link whitespace-nowrap max-[27rem]:hidden" href="/login" aria-current=is_current("/login")>"Log in"</a>
                            }
                                .into_any()
                        }
                    }}
                    <ThemeSwitch/>
                </nav>
            </div>
        </header>
    }
}
