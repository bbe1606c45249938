//! What admins do with packages, categories, tags and banners.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use model::{BannerTone, CategorySlug, StaffRole};
use registry::{CategoryChange, NewBanner, NewCategory, StaffError};
use time::{OffsetDateTime, PrimitiveDateTime, macros::format_description};

use super::{
    form::{SentForm, problem},
    staff::{acting, acting_with_reason, finish, refuse},
};
use crate::state::AppState;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Features a package or no longer, or lets its short name mean it.
pub(super) async fn package(State(state): State<AppState>, Path(id): Path<String>, form: SentForm) -> Response {
    let (form, staff, reason) = match acting_with_reason(&state, form, StaffRole::Admin).await {
        Ok(acting) => acting,
        Err(page) => return page,
    };
    let id = id.parse().unwrap_or_default();
    let (registry, client) = (&state.registry, &form.client);
    let (done, words) = match form.get("form") {
        "feature" => (registry.feature(&staff, id, true, &reason, client).await, "The home page shows it now"),
        "unfeature" => (registry.feature(&staff, id, false, &reason, client).await, "The home page shows it no longer"),
        "assign" => {
            (registry.assign_name(&staff, id, &reason, client).await, "The short name means this package from now on")
        }
        _ => return refuse(form, state, StaffError::Verdict).await,
    };
    finish(state, form, done, words).await
}

/// Adds a category.
pub(super) async fn add_category(State(state): State<AppState>, form: SentForm) -> Response {
    let (form, staff, reason) = match acting_with_reason(&state, form, StaffRole::Admin).await {
        Ok(acting) => acting,
        Err(page) => return page,
    };
    let slug = match form.get("slug").trim().parse::<CategorySlug>() {
        Ok(slug) => slug,
        Err(error) => return form.refused(state, UNPROCESSABLE, vec![problem(Some("slug"), error)]).await,
    };
    let new = NewCategory { slug, name: form.get("name").to_owned(), sentence: form.get("sentence").to_owned() };
    let done = state.registry.add_category(&staff, &new, &reason, &form.client).await;
    finish(state, form, done, "The category is there, as the last one").await
}

/// Changes a category, or merges it into another one.
pub(super) async fn category(State(state): State<AppState>, Path(slug): Path<String>, form: SentForm) -> Response {
    let (form, staff, reason) = match acting_with_reason(&state, form, StaffRole::Admin).await {
        Ok(acting) => acting,
        Err(page) => return page,
    };
    let Ok(slug) = slug.parse::<CategorySlug>() else { return StatusCode::NOT_FOUND.into_response() };
    if form.get("form") != "merge" {
        // Only who has changed it moves it: somebody else may have meanwhile.
        let place = match form.get("place").trim() {
            text if text == form.get("shown_place") => None,
            text => {
                let Ok(place) = text.parse() else {
                    let wrong = problem(Some("place"), "a place is a number from 1");
                    return form.refused(state, UNPROCESSABLE, vec![wrong]).await;
                };
                Some(place)
            }
        };
        let change =
            CategoryChange { name: form.get("name").to_owned(), sentence: form.get("sentence").to_owned(), place };
        let done = state.registry.change_category(&staff, &slug, &change, &reason, &form.client).await;
        return finish(state, form, done, "The category is changed").await;
    }
    let Ok(into) = form.get("into").parse::<CategorySlug>() else {
        return form.refused(state, UNPROCESSABLE, vec![problem(Some("into"), "choose another category")]).await;
    };
    match state.registry.merge_category(&staff, &slug, &into, &reason, &form.client).await {
        // Its own page is no more.
        Ok(event) => {
            state.until_shown(Some(event)).await;
            Redirect::to(&format!("/admin/log?event={event}")).into_response()
        }
        Err(error) => refuse(form, state, error).await,
    }
}

/// Merges a tag into another one, forbids it, or lets everybody use it again.
pub(super) async fn tags(State(state): State<AppState>, form: SentForm) -> Response {
    let (form, staff, reason) = match acting_with_reason(&state, form, StaffRole::Admin).await {
        Ok(acting) => acting,
        Err(page) => return page,
    };
    let (registry, client, tag) = (&state.registry, &form.client, form.get("tag"));
    let (done, words) = match form.get("form") {
        "merge" => {
            let done = registry.merge_tag(&staff, tag, form.get("into"), &reason, client).await;
            (done, "All packages with the tag have the other one now")
        }
        "forbid" => (registry.forbid_tag(&staff, tag, true, &reason, client).await, "Nobody may use the tag any more"),
        "allow" => (registry.forbid_tag(&staff, tag, false, &reason, client).await, "Everybody may use the tag again"),
        _ => return refuse(form, state, StaffError::Verdict).await,
    };
    finish(state, form, done, words).await
}

/// A moment of UTC as browsers send it; none where nothing was chosen.
fn moment(text: &str, field: &'static str) -> Result<Option<OffsetDateTime>, StaffError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let minutes = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    let seconds = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let moment = PrimitiveDateTime::parse(text, minutes).or_else(|_| PrimitiveDateTime::parse(text, seconds)).ok();
    match moment.filter(|moment| (1970..=9999).contains(&moment.year())) {
        Some(moment) => Ok(Some(moment.assume_utc())),
        None => Err(StaffError::Field(field, "a moment looks like 2026-11-29T18:00".to_owned())),
    }
}

/// Shows how a banner would look, publishes it, or takes one away.
pub(super) async fn banners(State(state): State<AppState>, form: SentForm) -> Response {
    if form.get("form") == "withdraw" {
        let (form, staff, reason) = match acting_with_reason(&state, form, StaffRole::Admin).await {
            Ok(acting) => acting,
            Err(page) => return page,
        };
        let id = form.get("banner").parse().unwrap_or_default();
        let done = state.registry.withdraw_banner(&staff, id, &reason, &form.client).await;
        return finish(state, form, done, "The banner is gone from every page").await;
    }
    let (form, staff) = match acting(&state, form, StaffRole::Admin).await {
        Ok(acting) => acting,
        Err(page) => return page,
    };
    let new = match new_banner(&form) {
        Ok(new) => new,
        Err(error) => return refuse(form, state, error).await,
    };
    if form.get("form") == "preview" {
        return match new.check(state.clock.now()) {
            Ok(_) => form.refused(state, StatusCode::OK, Vec::new()).await,
            Err(error) => refuse(form, state, error).await,
        };
    }
    let (form, staff, reason) = match registry::Reason::new(form.get("reason")) {
        Ok(reason) => (form, staff, reason),
        Err(error) => return refuse(form, state, error.into()).await,
    };
    let done = state.registry.publish_banner(&staff, &new, &reason, &form.client).await;
    finish(state, form, done, "The banner stands above every page while its time lasts").await
}

fn new_banner(form: &SentForm) -> Result<NewBanner, StaffError> {
    let tone =
        form.get("tone").parse::<BannerTone>().map_err(|_| StaffError::Field("tone", "choose one".to_owned()))?;
    Ok(NewBanner {
        tone,
        text: form.get("text").to_owned(),
        link: form.get("link").to_owned(),
        starts_at: moment(form.get("starts"), "starts")?,
        ends_at: moment(form.get("ends"), "ends")?,
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_moment_is_what_browsers_send() {
        let read = |text| moment(text, "ends").map_err(|error| error.to_string());
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("2026-11-29T18:00"), Ok(Some(datetime!(2026-11-29 18:00 UTC))));
        assert_eq!(read("2026-11-29T18:00:30"), Ok(Some(datetime!(2026-11-29 18:00:30 UTC))));
        for text in ["tomorrow", "2026-13-01T00:00", "29.11.2026", "-9999-01-01T00:00", "0001-01-01T00:00"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
