use leptos::prelude::*;
use registry::WeekOfDownloads;

use crate::format;

const WIDTH: i64 = 320;
const HEIGHT: i64 = 64;

/// Downloads week by week: a chart, and the same as a table for readers.
#[component]
pub(super) fn Downloads(weeks: Vec<WeekOfDownloads>) -> impl IntoView {
    let total: i64 = weeks.iter().map(|week| week.count).sum();
    let most = weeks.iter().map(|week| week.count).max().unwrap_or_default().max(1);
    let step = WIDTH / i64::try_from(weeks.len().max(1)).unwrap_or(1);
    view! {
        <section aria-labelledby="downloads">
            <h2 id="downloads" class="text-subheading font-semibold">"Downloads"</h2>
            {if total == 0 {
                view! { <p class="mt-2 text-ink-soft">"None in the last twelve weeks."</p> }.into_any()
            } else {
                let bars = weeks
                    .iter()
                    .zip(0_i64..)
                    .map(|(week, place)| {
                        let height = (week.count * HEIGHT / most).max(1);
                        view! { <rect x=place * step y=HEIGHT - height width=step - 2 height=height></rect> }
                    })
                    .collect_view();
                view! {
                    <p class="mt-2">{format::counted(total, "download", "downloads")} " in twelve weeks"</p>
                    <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") class="mt-2 w-full text-accent" fill="currentColor" aria-hidden="true">
                        {bars}
                    </svg>
                    <table class="sr-only">
                        <caption>"Downloads by week"</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Week from"</th>
                                <th scope="col">"Downloads"</th>
                            </tr>
                        </thead>
                        <tbody>
                            {weeks
                                .into_iter()
                                .map(|week| {
                                    view! {
                                        <tr>
                                            <th scope="row">{format::date(week.begins)}</th>
                                            <td>{format::count(week.count)}</td>
                                        </tr>
                                    }
                                })
                                .collect_view()}
                        </tbody>
                    </table>
                }
                    .into_any()
            }}
        </section>
    }
}
