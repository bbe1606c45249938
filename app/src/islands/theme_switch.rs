use leptos::prelude::*;

use super::storage::{remember, remembered};

/// The name under which the browser remembers the choice; `layout::THEME_SCRIPT` reads it before anything is painted.
const NAME: &str = "theme";

/// What can be chosen: nothing is remembered for that of the system.
const THEMES: [Option<&str>; 3] = [None, Some("light"), Some("dark")];

/// A button that goes from the system's theme to light to dark. Without JavaScript the system decides, and it is not shown.
#[island]
pub fn ThemeSwitch() -> impl IntoView {
    let (is_ready, set_ready) = signal(false);
    let (place, set_place) = signal(0_usize);
    Effect::new(move |_| {
        let chosen = remembered(NAME);
        set_place.set(THEMES.iter().position(|theme| *theme == chosen.as_deref()).unwrap_or_default());
        set_ready.set(true);
    });
    let label = move || match THEMES[place.get()] {
        None => "Theme: as the system",
        Some("light") => "Theme: light",
        Some(_) => "Theme: dark",
    };
    let next = move |_| {
        let place = (place.get_untracked() + 1) % THEMES.len();
        set_place.set(place);
        remember(NAME, THEMES[place]);
        if let Some(root) = document().document_element() {
            let _ = match THEMES[place] {
                Some(theme) => root.set_attribute("data-theme", theme),
                None => root.remove_attribute("data-theme"),
            };
        }
    };
    let is_shown = move |shown: usize| move || place.get() != shown;
    view! {
        <button type="button" class="nav-link" class:invisible=move || !is_ready.get() aria-label=label title=label on:click=next>
            <svg class="size-5" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
                <g class:hidden=is_shown(0)>
                    <rect width="20" height="14" x="2" y="3" rx="2"></rect>
                    <path d="M8 21h8M12 17v4"></path>
                </g>
                <g class:hidden=is_shown(1)>
                    <circle cx="12" cy="12" r="4"></circle>
                    <path d="M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M6.3 17.7l-1.4 1.4M19.1 4.9l-1.4 1.4"></path>
                </g>
                <g class:hidden=is_shown(2)>
                    <path d="M12 3a6 6 0 0 0 9 9 9 9 0 1 1-9-9z"></path>
                </g>
            </svg>
        </button>
    }
}
