use leptos::prelude::*;

use super::Icon;
use crate::forms::{FormState, sentence};

const BOX: &str =
    "mt-1 w-full rounded-md border border-line bg-surface px-3 py-2 text-ink aria-[invalid=true]:border-danger";
/// The same for one line: inputs and selects are of one height.
const LINE: &str =
    "mt-1 h-10 w-full rounded-md border border-line bg-surface px-3 text-ink aria-[invalid=true]:border-danger";

/// Ids of the texts around a field, for those who cannot see that they are there: what is wrong comes first.
fn described_by(id: &str, has_problem: bool, has_hint: bool) -> Option<String> {
    let parts: Vec<String> = [("problem", has_problem), ("hint", has_hint)]
        .into_iter()
        .filter(|(_, is_there)| *is_there)
        .map(|(part, _)| format!("{id}-{part}"))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// What is in a field: what was typed, or what is there before anything is.
fn shown_value(state: &FormState, name: &str, initial: Option<String>) -> String {
    if state.was_sent() { state.value(name) } else { initial.unwrap_or_default() }
}

/// A text as the content of a `textarea`, which Leptos writes as it is; the parser takes the first line break away.
fn textarea_content(text: &str) -> String {
    format!("\n{}", text.replace('&', "&amp;").replace('<', "&lt;"))
}

/// A line to type into, with its label above and what is wrong with it below.
#[component]
pub(crate) fn Field(
    /// What became of its form.
    state: FormState,
    /// The name under which it is sent.
    name: &'static str,
    /// The words above it.
    label: &'static str,
    /// What to know before typing.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// Its id where the name is not the only one of the page.
    #[prop(optional)]
    id: Option<&'static str>,
    /// The type of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// What a browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What is in it before anything was typed.
    #[prop(optional_no_strip)]
    initial: Option<String>,
    /// The most characters.
    #[prop(optional)]
    longest: Option<u16>,
    /// Whether it may not be left empty.
    #[prop(default = true)]
    is_required: bool,
    /// Whether it is a name, an address or the like: words of no language.
    #[prop(default = false)]
    is_code: bool,
) -> impl IntoView {
    let id = id.unwrap_or(name);
    let value = shown_value(&state, name, initial);
    let problem = state.problem_of(name);
    view! {
        <div>
            <label for=id class="font-semibold">{label}</label>
            <Hint id hint/>
            <input
                id=id
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                autocapitalize=is_code.then_some("none")
                spellcheck=is_code.then_some("false")
                maxlength=longest
                required=is_required
                aria-invalid=problem.is_some().then_some("true")
                aria-describedby=described_by(id, problem.is_some(), hint.is_some())
                class=if is_code { format!("{LINE} font-mono") } else { LINE.to_owned() }
            />
            <FieldProblem id problem/>
        </div>
    }
}

/// A password, which nobody sees and which is never filled in again.
#[component]
pub(crate) fn PasswordField(
    /// What became of its form.
    state: FormState,
    /// The name under which it is sent.
    name: &'static str,
    /// The words above it.
    label: &'static str,
    /// Whether it is one that is chosen here.
    is_new: bool,
    /// What to know before typing.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// Its id where the name is not the only one of the page.
    #[prop(optional)]
    id: Option<&'static str>,
) -> impl IntoView {
    let id = id.unwrap_or(name);
    let problem = state.problem_of(name);
    view! {
        <div>
            <label for=id class="font-semibold">{label}</label>
            <Hint id hint/>
            <input
                id=id
                name=name
                type="password"
                autocomplete=if is_new { "new-password" } else { "current-password" }
                minlength="10"
                maxlength="200"
                required
                aria-invalid=problem.is_some().then_some("true")
                aria-describedby=described_by(id, problem.is_some(), hint.is_some())
                class=LINE
            />
            <FieldProblem id problem/>
        </div>
    }
}

/// Several lines to type into.
#[component]
pub(crate) fn TextArea(
    /// What became of its form.
    state: FormState,
    /// The name under which it is sent.
    name: &'static str,
    /// The words above it.
    label: &'static str,
    /// What to know before typing.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// What is in it before anything was typed.
    #[prop(optional_no_strip)]
    initial: Option<String>,
    /// The most characters.
    longest: u16,
    /// Its id where the name is not the only one of the page.
    #[prop(optional)]
    id: Option<&'static str>,
    /// How many lines it shows.
    #[prop(default = 4)]
    lines: u8,
    /// Whether it may not be left empty.
    #[prop(default = false)]
    is_required: bool,
) -> impl IntoView {
    let id = id.unwrap_or(name);
    let content = textarea_content(&shown_value(&state, name, initial));
    let problem = state.problem_of(name);
    view! {
        <div>
            <label for=id class="font-semibold">{label}</label>
            <Hint id hint/>
            <textarea
                id=id
                name=name
                rows=lines.to_string()
                autocomplete="off"
                maxlength=longest
                required=is_required
                aria-invalid=problem.is_some().then_some("true")
                aria-describedby=described_by(id, problem.is_some(), hint.is_some())
                class=BOX
                inner_html=content
            ></textarea>
            <FieldProblem id problem/>
        </div>
    }
}

/// Something to choose or to leave.
#[component]
pub(crate) fn Checkbox(
    /// The name under which it is sent.
    name: &'static str,
    /// What is sent where it is chosen.
    value: &'static str,
    /// Its id.
    id: String,
    /// The words beside it.
    label: &'static str,
    /// What choosing it means.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// Whether it is chosen.
    is_checked: bool,
    /// Whether nothing is sent before it is chosen.
    #[prop(default = false)]
    is_required: bool,
) -> impl IntoView {
    let described = described_by(&id, false, hint.is_some());
    view! {
        <div class="flex gap-2">
            <input
                id=id.clone()
                name=name
                type="checkbox"
                value=value
                checked=is_checked
                required=is_required
                aria-describedby=described
                class="mt-0.5 size-5 shrink-0 accent-accent"
            />
            <div class="min-w-0">
                <label for=id.clone()>{label}</label>
                {hint.map(|hint| view! { <p id=format!("{id}-hint") class="text-small text-ink-soft">{hint}</p> })}
            </div>
        </div>
    }
}

/// What to choose one of.
#[component]
pub(crate) fn Select<Word: Into<String> + 'static>(
    /// What became of its form.
    state: FormState,
    /// The name under which it is sent.
    name: &'static str,
    /// The words above it.
    label: &'static str,
    /// What to know before choosing.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// Its id where the name is not the only one of the page.
    #[prop(optional)]
    id: Option<&'static str>,
    /// What is sent, and the words for it.
    choices: Vec<(Word, Word)>,
    /// What is chosen before anything was.
    #[prop(into)]
    initial: String,
) -> impl IntoView {
    let id = id.unwrap_or(name);
    let choices: Vec<(String, String)> =
        choices.into_iter().map(|(value, words)| (value.into(), words.into())).collect();
    let typed = state.values.get(name).filter(|typed| choices.iter().any(|(value, _)| value == *typed));
    let chosen = typed.cloned().unwrap_or(initial);
    let problem = state.problem_of(name);
    view! {
        <div>
            <label for=id class="font-semibold">{label}</label>
            <Hint id hint/>
            <select
                id=id
                name=name
                autocomplete="off"
                aria-invalid=problem.is_some().then_some("true")
                aria-describedby=described_by(id, problem.is_some(), hint.is_some())
                class=LINE
            >
                {choices
                    .into_iter()
                    .map(|(value, words)| {
                        let is_chosen = value == chosen;
                        view! {
                            <option value=value selected=is_chosen>
                                {words}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            <FieldProblem id problem/>
        </div>
    }
}

/// What is wrong with a field, below it.
#[component]
pub(crate) fn FieldProblem(
    /// The id of the field.
    id: &'static str,
    /// What is wrong.
    problem: Option<String>,
) -> impl IntoView {
    problem.map(|problem| {
        view! {
            <p id=format!("{id}-problem") class="mt-1 flex gap-1.5 text-small text-danger">
                <Icon icon=icondata_lu::LuTriangleAlert class="mt-0.5 size-3.5 shrink-0"/>
                <span class="min-w-0 break-words">{sentence(&problem)}</span>
            </p>
        }
    })
}

#[component]
fn Hint(id: &'static str, hint: Option<&'static str>) -> impl IntoView {
    hint.map(|hint| view! { <p id=format!("{id}-hint") class="text-small text-ink-soft">{hint}</p> })
}

/// What became of a form as a whole, above it.
#[component]
pub(crate) fn FormNotice(
    /// What became of it.
    state: FormState,
) -> impl IntoView {
    let mut problems = state.general();
    if problems.is_empty() && !state.problems.is_empty() {
        problems.push("Nothing was done yet: what is wrong stands below the field".to_owned());
    }
    view! {
        {(!problems.is_empty())
            .then(|| {
                view! {
                    <section class="notice mt-6 border-danger" role="alert" aria-label="What went wrong">
                        {problems
                            .into_iter()
                            .map(|problem| {
                                view! {
                                    <p class="flex gap-2">
                                        <Icon icon=icondata_lu::LuTriangleAlert class="mt-0.5 size-5 shrink-0 text-danger"/>
                                        <span class="min-w-0 break-words">{sentence(&problem)}</span>
                                    </p>
                                }
                            })
                            .collect_view()}
                    </section>
                }
            })}
        {state
            .notice
            .map(|notice| {
                view! {
                    <section class="notice mt-6" role="status" aria-label="What was done">
                        <p class="flex gap-2">
                            <Icon icon=icondata_lu::LuCircleCheck class="mt-0.5 size-5 shrink-0 text-good"/>
                            <span class="min-w-0 break-words">
                                {sentence(&notice.text)}
                                {notice
                                    .event
                                    .map(|event| {
                                        view! { " In the log it is " <a class="link" href=format!("/admin/log?event={event}")>"event " {event}</a> "." }
                                    })}
                            </span>
                        </p>
                    </section>
                }
            })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_names_the_texts_that_are_there() {
        assert_eq!(described_by("email", false, false), None);
        assert_eq!(described_by("email", true, true).as_deref(), Some("email-problem email-hint"));
        assert_eq!(described_by("email", false, true).as_deref(), Some("email-hint"));
    }

    #[test]
    fn what_was_typed_comes_before_what_was_there() {
        let initial = || Some("before".to_owned());
        assert_eq!(shown_value(&FormState::default(), "bio", initial()), "before");
        let values = [("bio".to_owned(), String::new())].into();
        assert_eq!(shown_value(&FormState { values, ..FormState::default() }, "bio", initial()), "");
    }

    #[test]
    fn text_cannot_leave_its_field() {
        assert_eq!(textarea_content("</textarea>&amp;"), "\n&lt;/textarea>&amp;amp;");
    }
}
