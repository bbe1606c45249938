use leptos::prelude::*;

use crate::{context::visitor, islands::Shortcuts};

/// Where the links at the bottom lead.
const LINKS: [(&str, &str); 8] = [
    ("/packages", "All packages"),
    ("/publish", "Publish"),
    ("/docs", "Docs"),
    ("/docs/api", "API"),
    ("/docs/run", "Run your own"),
    ("/policies", "Policies"),
    ("/about", "About"),
    ("/readyz", "Status"),
];

/// What each key does.
const KEYS: [(&[&str], &str); 6] = [
    (&["/"], "Search"),
    (&["↑", "↓"], "Through suggestions and rows"),
    (&["g", "h"], "Home"),
    (&["g", "b"], "Browse"),
    (&["g", "d"], "Docs"),
    (&["?"], "This list"),
];

/// The lines at the bottom of every page.
#[component]
pub(crate) fn Footer() -> impl IntoView {
    let (account, account_name) = if visitor().is_some() { ("/settings", "Settings") } else { ("/login", "Log in") };
    view! {
        <footer class="mt-16 border-t border-line">
            <div class="frame flex flex-wrap items-center justify-between gap-x-6 gap-y-3 py-6 text-small text-ink-soft">
                <p>"The registry of PostgreSQL extensions"</p>
                <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
                    <nav aria-label="More">
                        <ul class="flex flex-wrap gap-x-4 gap-y-2">
                            // On a wider screen it is in the header.
                            <li class="min-[27rem]:hidden">
                                <a class="link-quiet" href=account>
                                    {account_name}
                                </a>
                            </li>
                            {visitor()
                                .and_then(|visitor| visitor.staff_role())
                                .map(|_| {
                                    view! {
                                        <li class="sm:hidden">
                                            <a class="link-quiet" href="/admin">"Admin"</a>
                                        </li>
                                    }
                                })}
                            {LINKS
                                .map(|(address, name)| {
                                    view! {
                                        <li>
                                            <a class="link-quiet" href=address>
                                                {name}
                                            </a>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    </nav>
                    <Shortcuts>
                        <KeyList/>
                    </Shortcuts>
                </div>
            </div>
        </footer>
    }
}

#[component]
fn KeyList() -> impl IntoView {
    view! {
        <h2 id="shortcuts-title" class="text-subheading font-semibold">
            "Keyboard shortcuts"
        </h2>
        <dl class="mt-3 space-y-2">
            {KEYS
                .map(|(keys, purpose)| {
                    view! {
                        <div class="flex items-center justify-between gap-4">
                            <dt>{purpose}</dt>
                            <dd class="flex gap-1">{keys.iter().map(|key| view! { <kbd class="key">{*key}</kbd> }).collect_view()}</dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
}
