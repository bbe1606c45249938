//! What somebody typed into a form, and what was wrong with it.

use std::collections::BTreeMap;

use http::request::Parts;
use leptos::prelude::*;

/// What somebody typed into a form and what was wrong with it; the server puts it into the context when a form was sent.
#[derive(Clone, Debug, Default)]
pub struct FormState {
    /// What was typed, by the names of the fields. Passwords are not kept; what was sent several times under one name is
    /// here once, with spaces between.
    pub values: BTreeMap<String, String>,
    /// What was wrong; none where all was well.
    pub problems: Vec<FormProblem>,
    /// What was done.
    pub notice: Option<Notice>,
    /// A token that was just made. It is shown once.
    pub secret: Option<String>,
    /// Recovery codes that were just made. They are shown once.
    pub codes: Vec<String>,
    /// A form to go on with, once its sender has shown who they are.
    pub held: Option<HeldForm>,
    /// Whether they have shown it.
    pub is_confirmed: bool,
}

/// A form that was sent and waits for its sender to show who they are. What is secret in it is left out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HeldForm {
    /// Where it was sent.
    pub path: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
}

/// What was done a moment ago, to be said on the page that comes next. The server puts it into the request.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Notice {
    /// As a sentence.
    pub text: String,
    /// Its event in the log, for those who keep the registry in order.
    pub event: Option<i64>,
}

impl<T: Into<String>> From<T> for Notice {
    fn from(text: T) -> Self {
        Self { text: text.into(), event: None }
    }
}

/// One thing that was wrong.
#[derive(Clone, Debug)]
pub struct FormProblem {
    /// The name of the field; none where it is not about one.
    pub field: Option<&'static str>,
    /// What is wrong, in words.
    pub reason: String,
}

impl FormState {
    /// What was typed into a field; empty where that is nothing.
    pub fn value(&self, field: &str) -> String {
        self.values.get(field).cloned().unwrap_or_default()
    }

    /// What is wrong with a field.
    pub fn problem_of(&self, field: &str) -> Option<String> {
        self.problems.iter().find(|problem| problem.field == Some(field)).map(|problem| problem.reason.clone())
    }

    /// What is wrong and not about one field.
    pub fn general(&self) -> Vec<String> {
        self.problems.iter().filter(|problem| problem.field.is_none()).map(|problem| problem.reason.clone()).collect()
    }

    /// Whether a form was sent and comes back.
    pub(crate) fn was_sent(&self) -> bool {
        !self.values.is_empty()
    }

    /// The same for one of several forms on a page, which say which they are in the field `form`: nothing where it was
    /// another that was sent.
    pub(crate) fn of_form(&self, form: &str) -> Self {
        if self.value("form") == form { self.clone() } else { Self::default() }
    }
}

/// What became of the form that was sent; nothing typed and nothing wrong where none was. Only while a request is
/// answered.
pub(crate) fn form_state() -> FormState {
    use_context().unwrap_or_else(|| {
        let notice = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Notice>().cloned());
        FormState { notice, ..FormState::default() }
    })
}

/// A reason as a sentence: with a capital letter, and with a full stop where no other mark ends it.
pub(crate) fn sentence(reason: &str) -> String {
    let mut letters = reason.trim().chars();
    let mut text: String = letters.next().map(char::to_uppercase).into_iter().flatten().collect();
    text.push_str(letters.as_str());
    if text.chars().next_back().is_some_and(|last| !matches!(last, '.' | '?' | ':')) {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent() -> FormState {
        FormState {
            values: [("form", "email"), ("email", "a b@c")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            problems: vec![
                FormProblem { field: Some("email"), reason: "there is a space".to_owned() },
                FormProblem { field: None, reason: "too many tries".to_owned() },
            ],
            ..FormState::default()
        }
    }

    #[test]
    fn problems_belong_to_a_field_or_to_none() {
        let state = sent();
        assert_eq!(state.problem_of("email").as_deref(), Some("there is a space"));
        assert_eq!(state.problem_of("password"), None);
        assert_eq!(state.general(), ["too many tries"]);
        assert_eq!([state.value("email"), state.value("password")], ["a b@c", ""]);
    }

    #[test]
    fn only_the_form_that_was_sent_has_a_state() {
        let state = sent();
        assert!(state.of_form("email").was_sent());
        let other = state.of_form("password");
        assert!(!other.was_sent() && other.problems.is_empty());
    }

    #[test]
    fn reasons_become_sentences() {
        assert_eq!(
            ["", "too short", "Too short.", "again?", "é"].map(sentence),
            ["", "Too short.", "Too short.", "Again?", "É."]
        );
    }
}
