//! How somebody logs in, and how that is changed.

use app::FormState;
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use model::Email;
use registry::{
    AuthenticatorError, DeleteError, IdentityError, NewPasskeyChallenge, PasskeyError, Password, RecoveryError,
    RegistryError, SignInPurpose, Visitor,
};
use tower_sessions::Session;

use super::{
    form::{SentForm, problem},
    identities, kept,
    log_in::refuse,
};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// The forms of the page about security, each by its name.
pub(super) async fn security(State(state): State<AppState>, form: SentForm) -> Result<Response, StatusCode> {
    match form.get("form") {
        "password" => Box::pin(change_password(state, form)).await,
        "email" => Box::pin(change_email(state, form)).await,
        "verify" => Box::pin(verify(state, form)).await,
        "set-password" => Box::pin(send_reset(state, form)).await,
        "authenticator-remove" => remove_authenticator(state, form).await,
        "passkey" => Box::pin(add_passkey(state, form)).await,
        "passkey-remove" => remove_passkey(state, form).await,
        "link" => Box::pin(link(state, form)).await,
        "unlink" => unlink(state, form).await,
        _ => {
            let unknown = problem(None, "it is not clear what should be changed; use the forms of this page");
            Ok(form.refused(state, UNPROCESSABLE, vec![unknown]).await)
        }
    }
}

async fn change_password(state: AppState, form: SentForm) -> Result<Response, StatusCode> {
    let present = Password::from(form.get("current_password").to_owned());
    let new = Password::from(form.get("new_password").to_owned());
    Ok(match state.registry.change_password(form.visitor()?, &present, &new, &form.client).await {
        Ok(()) => form.done(state, "Your password is changed, and your other sessions have ended").await,
        Err(error) => refuse(form, state, error, Some("new_password")).await,
    })
}

async fn change_email(state: AppState, form: SentForm) -> Result<Response, StatusCode> {
    let email = match form.get("email").trim().parse::<Email>() {
        Ok(email) => email,
        Err(error) => return Ok(form.refused(state, UNPROCESSABLE, vec![problem(Some("email"), error)]).await),
    };
    let (form, proved) = match form.proved(&state).await {
        Ok(proved) => proved,
        Err(page) => return Ok(page),
    };
    Ok(match state.registry.change_email(&proved, &email, &form.client).await {
        Ok(()) => {
            let notice = format!("A message was sent to {email}. Your address changes when the link in it is opened");
            form.done(state, notice).await
        }
        Err(error) => refuse(form, state, error, None).await,
    })
}

async fn verify(state: AppState, form: SentForm) -> Result<Response, StatusCode> {
    Ok(match state.registry.send_verification(form.visitor()?).await {
        Ok(email) => form.done(state, format!("A message was sent to {email}. The link in it is good once")).await,
        Err(error) => refuse(form, state, error, None).await,
    })
}

/// For those who have no password yet: a link to choose one, as if it had been forgotten.
async fn send_reset(state: AppState, form: SentForm) -> Result<Response, StatusCode> {
    let email = form.visitor()?.email().clone();
    Ok(match state.registry.forgot_password(&email, &form.client).await {
        Ok(()) => form.done(state, format!("A message was sent to {email}. The link in it is good for an hour")).await,
        Err(error) => refuse(form, state, error, None).await,
    })
}

/// Adds an authenticator, on its own page.
pub(super) async fn add_authenticator(State(state): State<AppState>, form: SentForm) -> Result<Response, StatusCode> {
    let code = form.get("code").to_owned();
    let (form, proved) = match form.proved(&state).await {
        Ok(proved) => proved,
        Err(page) => return Ok(page),
    };
    Ok(match state.registry.add_authenticator(&proved, form.get("secret"), &code, &form.client).await {
        Ok(()) => added(state, form, proved.visitor(), "The authenticator app is added").await,
        Err(AuthenticatorError::Limited(limited)) => form.limited(state, limited).await,
        Err(AuthenticatorError::Registry(error)) => form.failed(state, &error).await,
        Err(error @ AuthenticatorError::Code) => {
            form.refused(state, UNPROCESSABLE, vec![problem(Some("code"), error)]).await
        }
        Err(error) => form.refused(state, UNPROCESSABLE, vec![problem(None, error)]).await,
    })
}

/// Leads on to recovery codes where there are none that count.
async fn added(state: AppState, form: SentForm, visitor: &Visitor, what: &str) -> Response {
    let factors = state.registry.factors(visitor).await;
    if factors.is_ok_and(|factors| factors.recovery_is_tested && factors.recovery_codes > 0) {
        return form.at("/settings/security").done(state, what).await;
    }
    let notice = format!("{what}. Make recovery codes now, for the day on which you lose it");
    form.at("/settings/security/recovery-codes").done(state, notice).await
}

async fn remove_authenticator(state: AppState, form: SentForm) -> Result<Response, StatusCode> {
    let (form, proved) = match form.proved(&state).await {
        Ok(proved) => proved,
        Err(page) => return Ok(page),
    };
    Ok(match state.registry.remove_authenticator(&proved, &form.client).await {
        Ok(()) | Err(RegistryError::NotFound) => form.done(state, "The authenticator app is removed").await,
        Err(error) => form.failed(state, &error).await,
    })
}

/// Makes recovery codes, or takes one to see that they were kept, on their own page.
pub(super) async fn recovery_codes(State(state): State<AppState>, form: SentForm) -> Result<Response, StatusCode> {
    if form.get("form") == "test" {
        let tested = state.registry.test_recovery_code(form.visitor()?, form.get("code"), &form.client).await;
        return Ok(match tested {
            Ok(()) => {
                let notice = "You have kept your recovery codes: from now on they are good, each once";
                form.at("/settings/security").done(state, notice).await
            }
            Err(RecoveryError::Limited(limited)) => form.limited(state, limited).await,
            Err(RecoveryError::Registry(error)) => form.failed(state, &error).await,
            Err(error @ RecoveryError::Code) => {
                form.refused(state, UNPROCESSABLE, vec![problem(Some("code"), error)]).await
            }
        });
    }
    let (form, proved) = match form.proved(&state).await {
        Ok(proved) => proved,
        Err(page) => return Ok(page),
    };
    Ok(match state.registry.make_recovery_codes(&proved, &form.client).await {
        Ok(codes) => {
            let shown = FormState { codes, ..FormState::default() };
            form.again(state, StatusCode::OK, shown, Vec::new()).await
        }
        Err(error) => form.failed(state, &error).await,
    })
}

/// What a browser makes a passkey of, for the script of the page.
pub(super) async fn propose_passkey(
    State(state): State<AppState>,
    visitor: axum::Extension<Visitor>,
    session: Session,
) -> Result<Json<serde_json::Value>, StatusCode> {
    let proved = state.registry.proved(&visitor).ok_or(StatusCode::FORBIDDEN)?;
    let (options, challenge) = state.registry.propose_passkey(&proved).await.map_err(|error| match error {
        PasskeyError::TooMany => StatusCode::CONFLICT,
        PasskeyError::Registry(error) => crate::server_error::status(&error),
        _ => StatusCode::NOT_FOUND,
    })?;
    session.insert(kept::NEW_PASSKEY_CHALLENGE, challenge).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Json(options))
}

async fn add_passkey(state: AppState, form: SentForm) -> Result<Response, StatusCode> {
    let answer = form.get("passkey").to_owned();
    let (form, proved) = match form.proved(&state).await {
        Ok(proved) => proved,
        Err(page) => return Ok(page),
    };
    if answer.is_empty() {
        let text = "a passkey is made by a script of this page and by your device; allow scripts, and try again";
        return Ok(form.refused(state, UNPROCESSABLE, vec![problem(None, text)]).await);
    }
    let challenge: Option<NewPasskeyChallenge> = kept::take(form.session()?, kept::NEW_PASSKEY_CHALLENGE).await;
    Ok(match state.registry.add_passkey(&proved, form.get("name"), challenge, &answer, &form.client).await {
        Ok(()) => added(state, form, proved.visitor(), "The passkey is added").await,
        Err(PasskeyError::Registry(error)) => form.failed(state, &error).await,
        Err(error @ PasskeyError::Name) => form.refused(state, UNPROCESSABLE, vec![problem(Some("name"), error)]).await,
        Err(error) => form.refused(state, UNPROCESSABLE, vec![problem(None, error)]).await,
    })
}

async fn remove_passkey(state: AppState, form: SentForm) -> Result<Response, StatusCode> {
    let (form, proved) = match form.proved(&state).await {
        Ok(proved) => proved,
        Err(page) => return Ok(page),
    };
    let id = form.get("passkey_id").parse().unwrap_or_default();
    Ok(match state.registry.remove_passkey(&proved, id, &form.client).await {
        Ok(()) => form.done(state, "The passkey is removed").await,
        Err(PasskeyError::Registry(RegistryError::NotFound)) => {
            let gone = problem(None, "there is no such passkey of yours");
            form.refused(state, UNPROCESSABLE, vec![gone]).await
        }
        Err(PasskeyError::Registry(error)) => form.failed(state, &error).await,
        Err(error) => form.refused(state, UNPROCESSABLE, vec![problem(None, error)]).await,
    })
}

async fn link(state: AppState, form: SentForm) -> Result<Response, StatusCode> {
    let (form, _) = match form.proved(&state).await {
        Ok(proved) => proved,
        Err(page) => return Ok(page),
    };
    identities::leave(state, form, SignInPurpose::Link, None).await
}

async fn unlink(state: AppState, form: SentForm) -> Result<Response, StatusCode> {
    let (form, proved) = match form.proved(&state).await {
        Ok(proved) => proved,
        Err(page) => return Ok(page),
    };
    let id = form.get("identity").parse().unwrap_or_default();
    Ok(match state.registry.unlink_identity(&proved, id, &form.client).await {
        Ok(()) => form.done(state, "The account is unlinked").await,
        Err(IdentityError::Registry(RegistryError::NotFound)) => {
            let gone = problem(None, "there is no such account linked to yours");
            form.refused(state, UNPROCESSABLE, vec![gone]).await
        }
        Err(IdentityError::Registry(error)) => form.failed(state, &error).await,
        Err(error) => form.refused(state, UNPROCESSABLE, vec![problem(None, error)]).await,
    })
}

/// Takes what shows who somebody is and leads on, or sends them to a provider to show it there.
pub(super) async fn confirm(State(state): State<AppState>, form: SentForm) -> Result<Response, StatusCode> {
    if !form.get("provider").is_empty() {
        let held = form.carried();
        return identities::leave(state, form, SignInPurpose::Prove, held).await;
    }
    let next = super::log_in::way_on(&state.http.public_url, form.get("next"));
    Ok(match form.proved(&state).await {
        Ok(_) => Redirect::to(&next).into_response(),
        Err(page) => page,
    })
}

/// Deletes an account.
pub(super) async fn delete(State(state): State<AppState>, form: SentForm) -> Result<Response, StatusCode> {
    let (form, proved) = match form.proved(&state).await {
        Ok(proved) => proved,
        Err(page) => return Ok(page),
    };
    let event = match state.registry.delete_account(&proved, form.get("handle"), &form.client).await {
        Ok(event) => event,
        Err(DeleteError::Registry(error)) => return Ok(form.failed(state, &error).await),
        Err(error) => return Ok(form.refused(state, UNPROCESSABLE, vec![problem(Some("handle"), error)]).await),
    };
    state.until_known(Some(event)).await;
    // Its sessions went with it; the cookie is still there.
    let _ = form.session()?.flush().await;
    Ok(Redirect::to("/account-deleted").into_response())
}
