//! What the browser remembers for a visitor. Where it may not remember anything, nothing happens.

use leptos::prelude::window;

/// What was remembered under a name.
pub(super) fn remembered(name: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(name).ok().flatten()
}

/// Remembers a value, or forgets it.
pub(super) fn remember(name: &str, value: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = match value {
            Some(value) => storage.set_item(name, value),
            None => storage.remove_item(name),
        };
    }
}
