use leptos::prelude::*;
use model::BannerTone;
use registry::{Banner, Registry};

use super::Icon;

/// What stands above every page now.
#[component]
pub(crate) fn Banners() -> impl IntoView {
    let banners = use_context::<Registry>().map(|registry| registry.banners_now()).unwrap_or_default();
    (!banners.is_empty()).then(|| {
        view! {
            <section aria-label="Announcements">
                {banners.into_iter().map(|banner| view! { <BannerLine banner/> }).collect_view()}
            </section>
        }
    })
}

/// One banner.
#[component]
pub(crate) fn BannerLine(
    /// What it says.
    banner: Banner,
) -> impl IntoView {
    let (icon, class, word) = match banner.tone {
        BannerTone::Notice => (icondata_lu::LuInfo, "text-accent", "To know: "),
        BannerTone::Caution => (icondata_lu::LuTriangleAlert, "text-caution", "To mind: "),
        BannerTone::Danger => (icondata_lu::LuOctagonAlert, "text-danger", "Wrong: "),
    };
    view! {
        <div class="border-b border-line bg-raised">
            <p class="frame flex gap-2 py-2">
                <Icon icon class=format!("mt-0.5 size-5 shrink-0 {class}")/>
                <span class="prose min-w-0 wrap-anywhere">
                    <span class="sr-only">{word}</span>
                    <bdi>{banner.text}</bdi>
                    {banner.link.map(|link| view! { " " <a class="link" href=link>"Read more"</a> })}
                </span>
            </p>
        </div>
    }
}
