use leptos::prelude::*;
use model::{PackageName, TokenAction};

use super::token_words::{action_words, explained};
use crate::{
    components::{Checkbox, Field, FieldProblem, Select},
    forms::FormState,
};

/// How long a token may last: what is sent, and the words for it.
const EXPIRIES: [(&str, &str); 6] = [
    ("7", "7 days"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("365", "a year"),
    ("date", "until the date below"),
    ("never", "for ever"),
];

/// The form with which somebody makes a token.
#[component]
pub(super) fn NewToken(
    /// What became of it.
    state: FormState,
    /// The packages that whoever makes it has rights to.
    packages: Vec<PackageName>,
) -> impl IntoView {
    let matches = explained(&state.value("patterns"));
    let packages = packages.iter().map(PackageName::as_str).collect::<Vec<_>>().join(" ");
    view! {
        <section aria-labelledby="new-token">
            <h2 id="new-token" class="text-subheading font-semibold">"New token"</h2>
            <form method="post" action="/settings/tokens" class="mt-4 max-w-xl space-y-5" aria-label="New token">
                <input type="hidden" name="form" value="create"/>
                <Field state=state.clone() name="name" label="Name" hint="What it is for, for yourself: where it will be kept." longest=100/>
                <Actions state=state.clone()/>
                <div>
                    <Field
                        state=state.clone()
                        name="patterns"
                        label="Packages"
                        hint="Names, or beginnings of names with a * behind, with spaces between: pg_cron pg_part*. Empty means every package that you have rights to. Capital letters do not matter, and - and _ mean the same."
                        longest=1000
                        is_required=false
                        is_code=true
                    />
                    <Matches matches packages/>
                </div>
                <Select
                    state=state.clone()
                    name="expiry"
                    label="Works for"
                    hint="A token that works for ever does so for whoever finds it, until somebody revokes it. Choose a date where you can."
                    choices=EXPIRIES.to_vec()
                    initial="90"
                />
                <Field
                    state
                    name="until"
                    label="Last day"
                    hint="Only where a date is chosen above."
                    kind="date"
                    is_required=false
                />
                <button class="button button-primary">"Create the token"</button>
            </form>
        </section>
    }
}

/// What the token may do.
#[component]
fn Actions(state: FormState) -> impl IntoView {
    let problem = state.problem_of("action");
    let described_by = problem.is_some().then_some("action-problem");
    let chosen = state.value("action");
    view! {
        <fieldset aria-describedby=described_by>
            <legend class="font-semibold">"May"</legend>
            <div class="mt-2 space-y-3">
                {TokenAction::ALL
                    .iter()
                    .map(|action| {
                        let (label, hint) = action_words(*action);
                        let value = action.as_str();
                        let is_checked = chosen.split_whitespace().any(|word| word == value);
                        view! { <Checkbox name="action" value id=format!("action-{value}") label hint is_checked/> }
                    })
                    .collect_view()}
            </div>
            <FieldProblem id="action" problem/>
        </fieldset>
    }
}

/// What the patterns that were typed match.
#[component]
fn Matches(matches: Vec<(String, String)>, packages: String) -> impl IntoView {
    view! {
        <div>
            <ul
                class="mt-2 space-y-1 text-small text-ink-soft empty:hidden"
                aria-label="What they match"
                aria-live="polite"
                data-patterns-of=packages
            >
                {matches
                    .into_iter()
                    .map(|(text, words)| {
                        view! {
                            <li class="break-words">
                                <span class="font-mono break-all text-ink">{text}</span>
                                ": "
                                {words}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            // It says the same while somebody types.
            <script type="module" src="/token-patterns.js"></script>
        </div>
    }
}
