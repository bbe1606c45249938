//! What meets every request first: it gets its id and client, is answered from the page cache where that may be, else by the
//! router, and is measured and logged.

use std::{
    convert::Infallible,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{Router, extract::Request, http::Method, response::Response};
use futures::future::{BoxFuture, Either, FutureExt as _, Ready, ready};
use tower::Service;
use tracing::Instrument as _;

use crate::{
    page_cache::PageCache,
    request_context::{REQUEST_ID, RequestContext},
    routes::{Route, RouteNames},
    state::AppState,
};

/// The outermost service. Cheap to clone.
#[derive(Clone)]
pub struct Front {
    router: Router,
    names: RouteNames,
    cache: PageCache,
    state: AppState,
}

impl Front {
    /// In front of a router with these routes.
    pub(crate) fn new(state: &AppState, router: Router, recorded: &[Route]) -> Self {
        let names = RouteNames::new(recorded);
        Self { router, cache: PageCache::new(state.clone(), names.clone()), names, state: state.clone() }
    }

    async fn ask(self, mut request: Request, context: RequestContext, started: Instant) -> Response {
        request.extensions_mut().insert(context.client);
        let route = self.names.find(request.uri().path()).map(|route| route.path.clone());
        let span = tracing::info_span!(
            "request",
            method = %request.method(),
            path = request.uri().path(),
            id = context.id.to_str().unwrap_or("")
        );
        let method = request.method().clone();
        let response = self.cache.through(request, self.router).instrument(span.clone()).await;
        let elapsed = started.elapsed();
        self.state.metrics.of(&method, route.as_deref().unwrap_or("none"), response.status()).observe(elapsed);
        span.in_scope(|| log(&method, &response, elapsed));
        with_id(response, context)
    }
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, BoxFuture<'static, Result<Response, Infallible>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let started = Instant::now();
        remove_double_slashes(&mut request);
        let context = RequestContext::of(&self.state.http, &request);
        // Nothing to wait for: no task, no span, no allocation that is not needed.
        if let Some((response, metrics)) = self.cache.answer(&request) {
            metrics.observe(started.elapsed());
            return Either::Left(ready(Ok(with_id(response, context))));
        }
        Either::Right(self.clone().ask(request, context, started).map(Ok).boxed())
    }
}

/// Clients put addresses together from a base that ends in a slash and a path that begins with one.
fn remove_double_slashes(request: &mut Request) {
    if !request.uri().path().contains("//") {
        return;
    }
    let mut path = String::with_capacity(request.uri().path().len());
    for letter in request.uri().path().chars() {
        if letter != '/' || !path.ends_with('/') {
            path.push(letter);
        }
    }
    if let Some(query) = request.uri().query() {
        path.push('?');
        path.push_str(query);
    }
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = path.parse().ok();
    if let Ok(uri) = axum::http::Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}

fn with_id(mut response: Response, context: RequestContext) -> Response {
    response.headers_mut().insert(REQUEST_ID.clone(), context.id);
    response
}

fn log(method: &Method, response: &Response, elapsed: Duration) {
    let (status, milliseconds) = (response.status().as_u16(), elapsed.as_secs_f64() * 1000.0);
    if status >= 500 {
        tracing::warn!(%method, status, milliseconds, "answered");
    } else {
        tracing::debug!(status, milliseconds, "answered");
    }
}
