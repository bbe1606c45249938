use axum::{extract::State, http::StatusCode, response::Response};
use model::{Email, ReportKind};
use registry::{NewReport, ReportError, ReportSubject, Reported};

use super::form::{SentForm, problem};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Takes a report.
pub(super) async fn report(State(state): State<AppState>, form: SentForm) -> Response {
    let new = match read(&form) {
        Ok(new) => new,
        Err((field, error)) => return refuse(form, state, Some(field), error).await,
    };
    let typed = form.get("email").trim();
    let email = match typed.parse::<Email>() {
        Ok(email) => Some(email),
        Err(_) if typed.is_empty() => None,
        Err(error) => return form.refused(state, UNPROCESSABLE, vec![problem(Some("email"), error)]).await,
    };
    let reported = state
        .registry
        .report(form.visitor().ok().map(registry::Visitor::account), email.as_ref(), &new, &form.client)
        .await;
    match reported {
        Ok(Reported::Taken) => form.done(state, "Thank you. People look at it. You will be told what is decided").await,
        Ok(Reported::Unconfirmed(email)) => {
            let notice =
                format!("A link was sent to {email}. The report counts when it was opened and its button pressed");
            form.done(state, notice).await
        }
        Err(error) => {
            let field = match error {
                ReportError::Text => Some("text"),
                ReportError::Kind => Some("kind"),
                ReportError::Email => Some("email"),
                ReportError::Subject if form.get("user").is_empty() => Some("package"),
                ReportError::Subject => Some("user"),
                _ => None,
            };
            refuse(form, state, field, error).await
        }
    }
}

fn read(form: &SentForm) -> Result<NewReport, (&'static str, ReportError)> {
    let subject = if form.get("user").trim().is_empty() {
        let name = form.get("package").trim().parse().map_err(|_| ("package", ReportError::Subject))?;
        let version = match form.get("version").trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| ("version", ReportError::Subject))?),
        };
        ReportSubject::Package(name, version)
    } else {
        ReportSubject::Principal(form.get("user").trim().parse().map_err(|_| ("user", ReportError::Subject))?)
    };
    let kind = form.get("kind").parse::<ReportKind>().map_err(|_| ("kind", ReportError::Kind))?;
    Ok(NewReport { subject, kind, text: form.get("text").to_owned() })
}

/// Takes the report whose link somebody has opened.
pub(super) async fn confirm(State(state): State<AppState>, form: SentForm) -> Response {
    match state.registry.confirm_report(form.get("token"), &form.client).await {
        Ok(()) => form.done(state, "Your report is confirmed. You will be told what is decided").await,
        Err(error) => refuse(form, state, None, error).await,
    }
}

async fn refuse(form: SentForm, state: AppState, field: Option<&'static str>, error: ReportError) -> Response {
    match error {
        ReportError::Registry(error) => form.failed(state, &error).await,
        ReportError::Limited(limited) => form.limited(state, limited).await,
        error => form.refused(state, UNPROCESSABLE, vec![problem(field, error)]).await,
    }
}
