use leptos::prelude::*;
use model::PackageName;
use registry::Facets;

use super::{
    choices::Choices,
    chosen::{Choice, choices_made},
};
use crate::format;

/// What to do where nothing was found: near names, and which choice to take back.
#[component]
pub(super) fn NothingFound(choices: Choices, facets: Facets, near: Vec<PackageName>) -> impl IntoView {
    let advice = match (choices.has_filters(), choices.text.is_empty(), choices.page > 1) {
        (_, _, true) => "There are no further results.",
        (true, _, _) => "Nothing matches all of these choices.",
        (false, false, _) => "Nothing has these words. Try another spelling, or a word for what it should do.",
        (false, true, _) => "No package here yet.",
    };
    let is_beyond = choices.page > 1;
    let loosened: Vec<Choice> = if is_beyond {
        Vec::new()
    } else {
        choices_made(&choices, &facets).into_iter().filter(|choice| choice.count > 0).collect()
    };
    let with_all = choices.has_filters() || is_beyond;
    let (address, text) =
        if is_beyond { (choices.with_page(1), "First page") } else { (choices.cleared(), "Clear all choices") };
    view! {
        <div class="space-y-4 border-y border-line py-8">
            <p>{advice}</p>
            {(!near.is_empty() && !is_beyond)
                .then(|| {
                    view! {
                        <div>
                            <p>"Names that are nearly the same:"</p>
                            <ul class="mt-2 flex flex-wrap gap-x-4 gap-y-1">
                                {near
                                    .into_iter()
                                    .map(|name| {
                                        view! {
                                            <li>
                                                <a class="link font-mono" href=format!("/packages/{name}")>
                                                    {name.to_string()}
                                                </a>
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                        </div>
                    }
                })}
            {(!loosened.is_empty())
                .then(|| {
                    view! {
                        <ul class="space-y-1">
                            {loosened
                                .into_iter()
                                .map(|choice| {
                                    let count = i64::try_from(choice.count).unwrap_or(i64::MAX);
                                    view! {
                                        <li>
                                            <a class="link" href=choice.without rel="nofollow">
                                                {format!("Without “{}”", choice.name)}
                                            </a>
                                            {format!(": {}", format::counted(count, "package", "packages"))}
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                })}
            {with_all
                .then(|| {
                    view! {
                        <p>
                            <a class="link" href=address>
                                {text}
                            </a>
                        </p>
                    }
                })}
        </div>
    }
}
