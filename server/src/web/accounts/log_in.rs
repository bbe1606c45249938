use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use model::Email;
use registry::{ChangeError, LogInError, Password};
use tower_sessions::Session;
use url::Url;

use super::{
    super::sessions::{PASSWORD_GENERATION, PRINCIPAL},
    form::{SentForm, problem},
};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Begins a session.
pub(super) async fn log_in(State(state): State<AppState>, session: Session, form: SentForm) -> Response {
    let password = Password::from(form.get("password").to_owned());
    let account = match state.registry.log_in(form.get("login"), &password, &form.client).await {
        Ok(account) => account,
        Err(LogInError::Limited(limited)) => return form.limited(state, limited).await,
        Err(LogInError::Registry(error)) => return form.failed(state, &error).await,
        Err(error @ LogInError::Busy) => {
            return form.refused(state, StatusCode::SERVICE_UNAVAILABLE, vec![problem(None, error)]).await;
        }
        Err(error @ LogInError::Wrong) => return form.refused(state, UNPROCESSABLE, vec![problem(None, error)]).await,
    };
    // Another id than before: nobody else knows it.
    let begun = async {
        session.cycle_id().await?;
        session.insert(PASSWORD_GENERATION, account.password_generation).await?;
        session.insert(PRINCIPAL, account.principal).await
    };
    if let Err(error) = begun.await {
        tracing::error!(%error, "a session was not begun");
        let text = "you could not be logged in just now; try again in a moment";
        return form.refused(state, StatusCode::SERVICE_UNAVAILABLE, vec![problem(None, text)]).await;
    }
    Redirect::to(&way_on(&state.http.public_url, form.get("next"))).into_response()
}

/// Where somebody wanted to go, if it is a page of this site.
fn way_on(public_url: &Url, next: &str) -> String {
    let is_path = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
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
