use leptos::prelude::*;
use time::OffsetDateTime;

use crate::{context::registry, format};

/// A moment that has passed: how long ago, and the day for those who ask.
#[component]
pub(in crate::pages) fn Ago(moment: OffsetDateTime) -> impl IntoView {
    view! {
        <time datetime=format::moment(moment) title=format::day(moment)>
            {format::ago(moment, registry().clock().now())}
        </time>
    }
}

/// The day of a moment.
#[component]
pub(in crate::pages) fn Day(moment: OffsetDateTime) -> impl IntoView {
    view! { <time datetime=format::moment(moment)>{format::day(moment)}</time> }
}
