use leptos::prelude::*;
use registry::RecentDownloads;

/// Downloads of thirty days as five small columns; the number beside it says the same to readers.
#[component]
pub(crate) fn Sparkline(
    /// The counts.
    downloads: RecentDownloads,
) -> impl IntoView {
    const HEIGHT: i64 = 14;
    let most = downloads.parts.iter().copied().max().unwrap_or_default().max(1);
    view! {
        <svg viewBox="0 0 34 14" class="h-3.5 w-8.5 text-accent" fill="currentColor" aria-hidden="true">
            {downloads
                .parts
                .into_iter()
                .enumerate()
                .map(|(place, count)| {
                    let height = (count * HEIGHT / most).max(1);
                    view! { <rect x=place * 7 y=HEIGHT - height width="6" height=height></rect> }
                })
                .collect_view()}
        </svg>
    }
}
