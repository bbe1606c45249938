use axum::{extract::State, http::StatusCode, response::Response};
use model::{Email, Handle};
use registry::{ConfirmError, Confirmed, Password, RegisterError, Registration};

use super::form::{SentForm, problem};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Asks for an account.
pub(super) async fn register(State(state): State<AppState>, form: SentForm) -> Response {
    let handle = form.get("handle").trim().parse::<Handle>();
    let email = form.get("email").trim().parse::<Email>();
    let (handle, email) = match (handle, email) {
        (Ok(handle), Ok(email)) => (handle, email),
        (handle, email) => {
            let handle = handle.err().map(|error| problem(Some("handle"), error));
            let email = email.err().map(|error| problem(Some("email"), error));
            return form.refused(state, UNPROCESSABLE, handle.into_iter().chain(email).collect()).await;
        }
    };
    let password = Password::from(form.get("password").to_owned());
    let registration = Registration { handle, email: email.clone(), password };
    match state.registry.register(&registration, &form.client).await {
        Ok(()) => {
            let notice = format!(
                "A message was sent to {email}. Your account begins when you open the link in it; the link is good for three days. Nothing there? Look where unwanted mail goes, or register again"
            );
            form.done(state, notice).await
        }
        Err(error @ (RegisterError::HandleTaken(_) | RegisterError::HandleReserved(_))) => {
            form.refused(state, UNPROCESSABLE, vec![problem(Some("handle"), error)]).await
        }
        Err(RegisterError::Password(error)) => {
            form.refused(state, UNPROCESSABLE, vec![problem(Some("password"), error)]).await
        }
        Err(RegisterError::Limited(limited)) => form.limited(state, limited).await,
        Err(error @ (RegisterError::Busy | RegisterError::Paused(_))) => {
            form.refused(state, StatusCode::SERVICE_UNAVAILABLE, vec![problem(None, error)]).await
        }
        Err(RegisterError::Registry(error)) => form.failed(state, &error).await,
    }
}

/// Takes the link of a mail.
pub(super) async fn confirm(State(state): State<AppState>, form: SentForm) -> Response {
    let password = Password::from(form.get("password").to_owned());
    match state.registry.confirm_email(form.get("token"), &password, form.visitor().ok(), &form.client).await {
        Ok(Confirmed::Account(handle)) => {
            form.done(state, format!("The account {handle} is yours. Log in with it")).await
        }
        Ok(Confirmed::Email(email)) => {
            let form = if form.visitor().is_ok() { form.at("/settings/security") } else { form };
            form.done(state, format!("Your account has the address {email}")).await
        }
        Err(ConfirmError::Registry(error)) => form.failed(state, &error).await,
        Err(ConfirmError::Limited(limited)) => form.limited(state, limited).await,
        Err(error @ ConfirmError::Busy) => {
            form.refused(state, StatusCode::SERVICE_UNAVAILABLE, vec![problem(None, error)]).await
        }
        Err(error @ ConfirmError::WrongPassword) => {
            form.refused(state, UNPROCESSABLE, vec![problem(Some("password"), error)]).await
        }
        Err(error) => form.refused(state, UNPROCESSABLE, vec![problem(None, error)]).await,
    }
}
