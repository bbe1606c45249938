//! Which workflows may publish for somebody.

use axum::{extract::State, http::StatusCode, response::Response};
use model::PackageName;
use registry::{NewPublisher, PublisherError, RegistryError};

use super::form::{SentForm, problem};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// The forms of the page about trusted publishing, each by its name.
pub(super) async fn publishing(State(state): State<AppState>, form: SentForm) -> Result<Response, StatusCode> {
    let (form, proved) = match form.proved(&state).await {
        Ok(proved) => proved,
        Err(page) => return Ok(page),
    };
    let registry = &state.registry;
    let name = form.get("name").trim().parse::<PackageName>();
    let (done, notice) = match (form.get("form"), name) {
        ("remove", _) => {
            let id = form.get("publisher").parse().unwrap_or_default();
            (registry.remove_publisher(&proved, id, &form.client).await, "The workflow is no longer trusted".to_owned())
        }
        (_, Err(error)) => return Ok(form.refused(state, UNPROCESSABLE, vec![problem(Some("name"), error)]).await),
        ("only", Ok(name)) => {
            let only = form.get("only") == "yes";
            let words = if only { "by its workflows only" } else { "with tokens too" };
            let notice = format!("From now on {name} is published {words}");
            (registry.set_publishers_only(&proved, &name, only, &form.client).await, notice)
        }
        (_, Ok(name)) => {
            let notice =
                format!("The workflow may publish {name}. Open \"What to put into the repository\" for the whole file");
            let new = NewPublisher {
                name,
                issuer: form.get("issuer").to_owned(),
                repository: form.get("repository").to_owned(),
                workflow: form.get("workflow").to_owned(),
                environment: form.get("environment").to_owned(),
            };
            (registry.add_publisher(&proved, &new, &form.client).await, notice)
        }
    };
    let error = match done {
        Ok(event) => {
            state.until_known(event).await;
            return Ok(form.done(state, notice).await);
        }
        Err(PublisherError::Registry(RegistryError::NotFound)) => {
            let gone = problem(None, "there is no such workflow or package of yours");
            return Ok(form.refused(state, UNPROCESSABLE, vec![gone]).await);
        }
        Err(PublisherError::Registry(error)) => return Ok(form.failed(state, &error).await),
        Err(error) => error,
    };
    let field = match error {
        PublisherError::Issuer => Some("issuer"),
        PublisherError::Repository => Some("repository"),
        PublisherError::Workflow => Some("workflow"),
        PublisherError::Environment => Some("environment"),
        PublisherError::NotYours(_) | PublisherError::Reserved(..) | PublisherError::Quarantined(_) => Some("name"),
        _ => None,
    };
    Ok(form.refused(state, UNPROCESSABLE, vec![problem(field, error)]).await)
}
