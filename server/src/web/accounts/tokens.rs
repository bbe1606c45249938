use app::{FormProblem, FormState};
use axum::{extract::State, http::StatusCode, response::Response};
use model::{NamePattern, TokenAction};
use registry::{IssueError, NewToken, RegistryError, Token};
use time::{Date, Duration, OffsetDateTime, Time, macros::format_description};

use super::form::{SentForm, problem};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Years until a token ends at most, if it ends.
const MOST_YEARS: i32 = 10;

/// Makes a token, or takes one back.
pub(super) async fn tokens(State(state): State<AppState>, form: SentForm) -> Result<Response, StatusCode> {
    if form.get("form") == "revoke" { revoke(state, form).await } else { create(state, form).await }
}

async fn revoke(state: AppState, form: SentForm) -> Result<Response, StatusCode> {
    let id = form.get("token").parse().unwrap_or_default();
    let revoked = state.registry.revoke_own_token(form.visitor()?.account(), id, &form.client).await;
    Ok(match revoked {
        Ok(()) => form.done(state, "The token is revoked").await,
        Err(RegistryError::NotFound) => {
            form.refused(state, UNPROCESSABLE, vec![problem(None, "there is no such token of yours")]).await
        }
        Err(error) => form.failed(state, &error).await,
    })
}

async fn create(state: AppState, form: SentForm) -> Result<Response, StatusCode> {
    let new = match read(&form, state.clock.now()) {
        Ok(new) => new,
        Err(problems) => return Ok(form.refused(state, UNPROCESSABLE, problems).await),
    };
    let (form, proved) = match form.proved(&state).await {
        Ok(proved) => proved,
        Err(page) => return Ok(page),
    };
    let token = Token::generate(&mut rand::rng());
    let created = state.registry.create_own_token(&proved, &new, token, &form.client).await;
    let error = match created {
        Ok(issued) => {
            let shown = FormState {
                notice: Some(format!("The token {} is made", new.name).into()),
                secret: Some(issued.token.reveal().to_owned()),
                ..FormState::default()
            };
            return Ok(form.again(state, StatusCode::OK, shown, Vec::new()).await);
        }
        Err(IssueError::Registry(error)) => return Ok(form.failed(state, &error).await),
        Err(error) => error,
    };
    let field = match error {
        IssueError::Name => Some("name"),
        IssueError::Nothing => Some("action"),
        IssueError::Expired => Some("until"),
        _ => None,
    };
    Ok(form.refused(state, UNPROCESSABLE, vec![problem(field, error)]).await)
}

fn read(form: &SentForm, now: OffsetDateTime) -> Result<NewToken, Vec<FormProblem>> {
    let mut problems = Vec::new();
    let name = form.get("name").trim().to_owned();
    if name.is_empty() {
        problems.push(problem(Some("name"), "a token has a name, so that you know later what it is for"));
    }
    let actions: Vec<TokenAction> = form.all("action").filter_map(|text| text.parse().ok()).collect();
    if actions.is_empty() {
        problems.push(problem(Some("action"), "choose at least one thing that the token may do"));
    }
    let words: Vec<&str> =
        form.get("patterns").split([' ', ',', '\n', '\r', '\t']).filter(|word| !word.is_empty()).collect();
    let patterns = if words.is_empty() {
        vec![NamePattern::all()]
    } else {
        words
            .into_iter()
            .filter_map(|word| match word.parse::<NamePattern>() {
                Ok(pattern) => Some(pattern),
                Err(error) => {
                    problems.push(problem(Some("patterns"), format_args!("{word:?}: {error}")));
                    None
                }
            })
            .collect()
    };
    let expires_at = match expiry(form.get("expiry"), form.get("until"), now) {
        Ok(expires_at) => expires_at,
        Err(reason) => {
            problems.push(problem(Some("until"), reason));
            None
        }
    };
    if problems.is_empty() { Ok(NewToken { name, actions, patterns, expires_at }) } else { Err(problems) }
}

/// Until when a token is good; none for ever. A date is good to its end, in UTC.
fn expiry(choice: &str, until: &str, now: OffsetDateTime) -> Result<Option<OffsetDateTime>, &'static str> {
    match choice {
        "never" => Ok(None),
        "date" => {
            let date = Date::parse(until, format_description!("[year]-[month]-[day]"))
                .map_err(|_| "choose a day, or another expiry")?;
            if date.year() > now.year() + MOST_YEARS {
                return Err("that is too long; choose a day within ten years, or no end");
            }
            let end = date.with_time(Time::MIDNIGHT).assume_utc() + Duration::days(1);
            if end <= now { Err("that day is over") } else { Ok(Some(end)) }
        }
        days => {
            let days = ["7", "30", "90", "365"].into_iter().find(|known| *known == days).unwrap_or("90");
            Ok(Some(now + Duration::days(days.parse().unwrap_or(90))))
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn reads_when_a_token_ends() {
        let now = datetime!(2026-11-21 12:00 UTC);
        for (choice, until, expected) in [
            ("7", "", Ok(Some(datetime!(2026-11-28 12:00 UTC)))),
            ("", "", Ok(Some(datetime!(2027-02-19 12:00 UTC)))),
            ("99999", "", Ok(Some(datetime!(2027-02-19 12:00 UTC)))),
            ("never", "", Ok(None)),
            ("date", "2026-11-21", Ok(Some(datetime!(2026-11-22 00:00 UTC)))),
            ("date", "2026-11-20", Err("that day is over")),
            ("date", "9999-12-31", Err("that is too long; choose a day within ten years, or no end")),
            ("date", "soon", Err("choose a day, or another expiry")),
        ] {
            assert_eq!(expiry(choice, until, now), expected, "{choice} {until}");
        }
    }
}
