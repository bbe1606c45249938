use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use model::Email;
use registry::{
    ChangeError, HalfWay, LogInError, LogInStep, LoggedIn, PasskeyAnswer, PasskeyError, Password, SecondFactor,
};
use serde_json::Value;
use tower_sessions::Session;
use url::Url;

use super::{
    super::sessions::{PASSWORD_GENERATION, PRINCIPAL, PROVED_AT},
    form::{SentForm, problem},
    kept,
};
use crate::{request_context::Client, server_error, state::AppState};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// The first step of a log-in: a password.
pub(super) async fn log_in(State(state): State<AppState>, session: Session, form: SentForm) -> Response {
    let password = Password::from(form.get("password").to_owned());
    let step = match state.registry.log_in(form.get("login"), &password, &form.client).await {
        Ok(step) => step,
        Err(error) => return refuse_log_in(form, state, error, None).await,
    };
    match go_on(&state, &session, step, form.get("next")).await {
        Ok(answer) => answer,
        Err(text) => form.refused(state, StatusCode::SERVICE_UNAVAILABLE, vec![problem(None, text)]).await,
    }
}

/// The second step: a code or a passkey.
pub(super) async fn second_factor(State(state): State<AppState>, session: Session, form: SentForm) -> Response {
    let half_way = session.get::<HalfWay>(kept::HALF_WAY).await.ok().flatten();
    let Some(half_way) = half_way else { return Redirect::to("/login").into_response() };
    let second = match form.get("passkey") {
        "" => SecondFactor::Code(form.get("code").to_owned()),
        answer => SecondFactor::Passkey(PasskeyAnswer {
            challenge: kept::take(&session, kept::PASSKEY_CHALLENGE).await,
            answer: answer.to_owned(),
        }),
    };
    let account = match state.registry.finish_log_in(&half_way, second, &form.client).await {
        Ok(account) => account,
        Err(error) => return refuse_log_in(form, state, error, Some("code")).await,
    };
    let next: Option<String> = kept::take(&session, kept::NEXT).await;
    match go_on(&state, &session, LogInStep::Done(account), next.as_deref().unwrap_or_default()).await {
        Ok(answer) => answer,
        Err(text) => form.refused(state, StatusCode::SERVICE_UNAVAILABLE, vec![problem(None, text)]).await,
    }
}

/// The only step: a passkey.
pub(super) async fn log_in_with_passkey(State(state): State<AppState>, session: Session, form: SentForm) -> Response {
    let form = form.at("/login");
    let answer = PasskeyAnswer {
        challenge: kept::take(&session, kept::PASSKEY_CHALLENGE).await,
        answer: form.get("passkey").to_owned(),
    };
    let account = match state.registry.log_in_with_passkey(answer, &form.client).await {
        Ok(account) => account,
        Err(error) => return refuse_log_in(form, state, error, None).await,
    };
    match go_on(&state, &session, LogInStep::Done(account), form.get("next")).await {
        Ok(answer) => answer,
        Err(text) => form.refused(state, StatusCode::SERVICE_UNAVAILABLE, vec![problem(None, text)]).await,
    }
}

/// Something for a passkey to answer, for the script of a page.
pub(super) async fn challenge_passkey(
    State(state): State<AppState>,
    Client(client): Client,
    session: Session,
) -> Result<Json<Value>, StatusCode> {
    let (options, challenge) = state.registry.challenge_passkey(&client).map_err(|error| match error {
        PasskeyError::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
        PasskeyError::Registry(error) => server_error::status(&error),
        _ => StatusCode::NOT_FOUND,
    })?;
    session.insert(kept::PASSKEY_CHALLENGE, challenge).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Json(options))
}

async fn refuse_log_in(form: SentForm, state: AppState, error: LogInError, code: Option<&'static str>) -> Response {
    match error {
        LogInError::Limited(limited) => form.limited(state, limited).await,
        LogInError::Registry(error) => form.failed(state, &error).await,
        error @ LogInError::Busy => {
            form.refused(state, StatusCode::SERVICE_UNAVAILABLE, vec![problem(None, error)]).await
        }
        error @ LogInError::WrongCode => form.refused(state, UNPROCESSABLE, vec![problem(code, error)]).await,
        error => form.refused(state, UNPROCESSABLE, vec![problem(None, error)]).await,
    }
}

/// Where a log-in goes on: to where somebody wanted to go, or to the page that asks for a second factor.
pub(super) async fn go_on(
    state: &AppState,
    session: &Session,
    step: LogInStep,
    next: &str,
) -> Result<Response, &'static str> {
    let next = way_on(&state.http.public_url, next);
    let begun = async {
        // Another id than before, which nobody else knows, and nothing of what somebody else has begun.
        session.cycle_id().await?;
        session.clear().await;
        match step {
            LogInStep::Second(half_way) => {
                session.insert(kept::HALF_WAY, half_way).await?;
                session.insert(kept::NEXT, next).await?;
                Ok("/login/second-factor".to_owned())
            }
            LogInStep::Done(account) => {
                begin(state, session, &account).await?;
                if account.has_weak_password {
                    session.insert(kept::NOTICE, app::Notice::from(WEAK)).await?;
                    return Ok("/settings/security".to_owned());
                }
                Ok(next)
            }
        }
    };
    match begun.await {
        Ok(target) => Ok(Redirect::to(&target).into_response()),
        Err::<_, tower_sessions::session::Error>(error) => {
            tracing::error!(%error, "a session was not begun");
            Err("you could not be logged in just now; try again in a moment")
        }
    }
}

/// What is said to somebody whose password would not be taken today.
const WEAK: &str = "Your password is on a list of leaked ones, or close to one that is. Choose another one now";

/// Lets a session be somebody's, who has just shown who they are.
async fn begin(state: &AppState, session: &Session, account: &LoggedIn) -> Result<(), tower_sessions::session::Error> {
    session.insert(PASSWORD_GENERATION, account.password_generation).await?;
    if account.has_shown_more {
        session.insert(PROVED_AT, state.clock.now().unix_timestamp()).await?;
    }
    session.insert(PRINCIPAL, account.principal).await
}

/// Bytes of an address that is remembered.
const LONGEST_NEXT: usize = 2000;

/// Where somebody wanted to go, if it is a page of this site.
pub(super) fn way_on(public_url: &Url, next: &str) -> String {
    let is_path = next.len() <= LONGEST_NEXT
        && next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\r', '\n', '\t']);
    let target = is_path.then(|| public_url.join(next).ok()).flatten();
    match target.filter(|target| target.origin() == public_url.origin()) {
        Some(target) => target[url::Position::BeforePath..].to_owned(),
        None => "/settings".to_owned(),
    }
}

/// Ends a session.
pub(super) async fn log_out(State(state): State<AppState>, session: Session, form: SentForm) -> Response {
    if let Ok(visitor) = form.visitor()
        && let Err(error) = state.registry.log_out(visitor, &form.client).await
    {
        tracing::warn!(%error, "that somebody has logged out was not noted");
    }
    match session.flush().await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(error) => {
            tracing::error!(%error, "a session was not ended");
            (StatusCode::SERVICE_UNAVAILABLE, "You could not be logged out just now; try again in a moment.\n")
                .into_response()
        }
    }
}

/// Sends a link to choose a new password.
pub(super) async fn forgot_password(State(state): State<AppState>, form: SentForm) -> Response {
    let email = match form.get("email").trim().parse::<Email>() {
        Ok(email) => email,
        Err(error) => return form.refused(state, UNPROCESSABLE, vec![problem(Some("email"), error)]).await,
    };
    match state.registry.forgot_password(&email, &form.client).await {
        Ok(()) => {
            let notice = format!("A message was sent to {email}. The link in it is good for an hour");
            form.done(state, notice).await
        }
        Err(error) => refuse(form, state, error, None).await,
    }
}

/// Takes a new password with the link of a mail.
pub(super) async fn reset_password(State(state): State<AppState>, form: SentForm) -> Response {
    let password = Password::from(form.get("password").to_owned());
    match state.registry.reset_password(form.get("token"), &password, &form.client).await {
        Ok(()) => {
            form.done(state, "The password is changed, and all sessions have ended. Log in with the new one").await
        }
        Err(error) => refuse(form, state, error, Some("password")).await,
    }
}

/// What is wrong with a change; `new_password` is the field of the new password.
pub(super) async fn refuse(
    form: SentForm,
    state: AppState,
    error: ChangeError,
    new_password: Option<&'static str>,
) -> Response {
    match error {
        ChangeError::Limited(limited) => form.limited(state, limited).await,
        ChangeError::Registry(error) => form.failed(state, &error).await,
        error @ ChangeError::Busy => {
            form.refused(state, StatusCode::SERVICE_UNAVAILABLE, vec![problem(None, error)]).await
        }
        ChangeError::Password(error) => form.refused(state, UNPROCESSABLE, vec![problem(new_password, error)]).await,
        error @ ChangeError::WrongPassword => {
            form.refused(state, UNPROCESSABLE, vec![problem(Some("current_password"), error)]).await
        }
        error @ ChangeError::Unusable => form.refused(state, UNPROCESSABLE, vec![problem(None, error)]).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site() {
        let registry: Url = "https://registry.test".parse().expect("an address");
        for (next, expected) in [
            ("/packages/hstore?pg=17", "/packages/hstore?pg=17"),
            ("/settings/tokens", "/settings/tokens"),
            ("", "/settings"),
            ("//elsewhere.test/", "/settings"),
            ("/\\elsewhere.test", "/settings"),
            ("/\t/elsewhere.test", "/settings"),
            ("https://elsewhere.test/", "/settings"),
            ("javascript:alert(1)", "/settings"),
            ("/a\r\nLocation: https://elsewhere.test", "/settings"),
        ] {
            assert_eq!(way_on(&registry, next), expected, "{next}");
        }
    }
}
