//! What happened, as Atom feeds (RFC 4287).

use std::fmt::Write as _;

use app::components::activity_words;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use registry::{Activity, ActivityOf, RegistryError};
use time::format_description::well_known::Rfc3339;

use super::site_files::{absolute, escaped, failure, xml};
use crate::{routes::Routes, state::AppState};

/// Entries of a feed.
const ENTRIES: i64 = 50;

/// Adds them.
pub(crate) fn add_feeds(routes: Routes<AppState>) -> Routes<AppState> {
    routes.add_cached("/feeds/all.atom", &[], all).add_cached("/feeds/packages/{file}", &[], package).add_cached(
        "/feeds/users/{file}",
        &[],
        user,
    )
}

async fn all(State(state): State<AppState>) -> Response {
    feed(&state, Some(ActivityOf::All), "Everything", "/feeds/all.atom", "/activity").await
}

async fn package(State(state): State<AppState>, Path(file): Path<String>) -> Response {
    let name = file.strip_suffix(".atom").unwrap_or_default();
    let of = name.parse().ok().map(ActivityOf::Package);
    let (own, page) = (format!("/feeds/packages/{name}.atom"), format!("/activity/packages/{name}"));
    feed(&state, of, name, &own, &page).await
}

async fn user(State(state): State<AppState>, Path(file): Path<String>) -> Response {
    let handle = file.strip_suffix(".atom").unwrap_or_default();
    let of = handle.parse().ok().map(ActivityOf::Principal);
    let (own, page) = (format!("/feeds/users/{handle}.atom"), format!("/activity/users/{handle}"));
    feed(&state, of, handle, &own, &page).await
}

async fn feed(state: &AppState, of: Option<ActivityOf>, title: &str, own: &str, page: &str) -> Response {
    let Some(of) = of else { return failure(&RegistryError::NotFound).into_response() };
    let activity = match state.registry.activity(&of, None, ENTRIES).await {
        Ok(activity) => activity,
        Err(error) => return failure(&error),
    };
    // A feed without entries has a time too: that of nothing.
    let updated = activity.first().map_or(time::OffsetDateTime::UNIX_EPOCH, |newest| newest.happened_at);
    let updated = updated.format(&Rfc3339).unwrap_or_default();
    let mut body = format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<id>{own}</id>\n<title>{title} · pginstall</title>\n<updated>{updated}</updated>\n<link rel=\"self\" type=\"application/atom+xml\" href=\"{own}\"/>\n<link rel=\"alternate\" type=\"text/html\" href=\"{page}\"/>\n",
        own = escaped(&absolute(state, own)),
        page = escaped(&absolute(state, page)),
        title = escaped(title),
    );
    for act in &activity {
        entry(state, &mut body, act);
    }
    body.push_str("</feed>");
    xml("application/atom+xml; charset=utf-8", &body)
}

fn entry(state: &AppState, body: &mut String, act: &Activity) {
    let mut title = activity_words(act);
    let mut address = absolute(state, "/activity");
    if let Some(package) = &act.package {
        let _ = write!(title, " {package}");
        address = absolute(state, &format!("/packages/{package}"));
        if let Some(version) = &act.version {
            let _ = write!(title, " {version}");
            if act.kind != "release.deleted" {
                let _ = write!(address, "/{version}");
            }
        }
    }
    if let Some(person) = &act.person {
        let _ = write!(title, ": {person}");
    }
    let author = act.actor.as_ref().map_or_else(|| "pginstall".to_owned(), ToString::to_string);
    let summary = act.reason.as_deref().map(|reason| format!("<summary>{}</summary>", escaped(reason)));
    let _ = writeln!(
        body,
        "<entry><id>{id}</id><title>{title}</title><updated>{updated}</updated><author><name>{author}</name></author><link rel=\"alternate\" href=\"{address}\"/>{summary}</entry>",
        id = escaped(&absolute(state, &format!("/api/v1/events?after={}&limit=1", act.event - 1))),
        title = escaped(&title),
        updated = act.happened_at.format(&Rfc3339).unwrap_or_default(),
        author = escaped(&author),
        address = escaped(&address),
        summary = summary.unwrap_or_default(),
    );
}
