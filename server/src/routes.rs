//! The list of routes: added in one way, so that it can be read back.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    handler::Handler,
    http::Method,
    routing::{MethodFilter, MethodRouter, on},
};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Anyone,
    /// Who shows a token that is good for what is asked.
    Token,
    /// Who has logged in.
    Visitor,
    /// Either of them, for what is the account's own.
    Account,
    /// Who decides about reports.
    Moderator,
    /// Who decides about everything.
    Admin,
    /// Clients on this machine: monitoring.
    Loopback,
}

/// A route that was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path as axum matches it.
    pub path: String,
    /// Who may use it.
    pub access: Access,
    /// The query parameters that its response depends on, where it may be kept in the page cache.
    pub cached: Option<&'static [&'static str]>,
}

/// A router that remembers its routes.
pub(crate) struct Routes<S> {
    router: Router<S>,
    routes: Vec<Route>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    pub(crate) fn new() -> Self {
        Self { router: Router::new(), routes: Vec::new() }
    }

    /// Adds a route.
    pub(crate) fn add<H, T>(self, method: &Method, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.record(method, path, access, None, handler)
    }

    /// Adds a GET route whose response the page cache may keep: it depends on the path, on these query parameters and on
    /// public state, and on nothing else.
    pub(crate) fn add_cached<H, T>(self, path: &str, parameters: &'static [&'static str], handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.record(&Method::GET, path, Access::Anyone, Some(parameters), handler)
    }

    fn record<H, T>(
        mut self,
        method: &Method,
        path: &str,
        access: Access,
        cached: Option<&'static [&'static str]>,
        handler: H,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.routes.push(Route { method: method.clone(), path: path.to_owned(), access, cached });
        let route: MethodRouter<S> = match MethodFilter::try_from(method.clone()) {
            Ok(filter) => on(filter, handler),
            Err(_) => axum::routing::any(handler),
        };
        let route = if access == Access::Loopback {
            route.layer(axum::middleware::from_fn(crate::request_context::only_loopback))
        } else {
            route
        };
        self.router = self.router.route(path, route);
        self
    }

    /// The router and the routes.
    pub(crate) fn into_parts(self) -> (Router<S>, Vec<Route>) {
        (self.router, self.routes)
    }
}

/// Finds the route of a path, whatever its method: for what is measured and what is cached.
#[derive(Clone, Debug)]
pub(crate) struct RouteNames(Arc<matchit::Router<RouteName>>);

/// A route as [`RouteNames`] knows it.
#[derive(Clone, Debug)]
pub(crate) struct RouteName {
    /// The path as axum matches it.
    pub(crate) path: Arc<str>,
    /// See [`Route::cached`].
    pub(crate) cached: Option<&'static [&'static str]>,
}

impl RouteNames {
    pub(crate) fn new(routes: &[Route]) -> Self {
        let mut names = matchit::Router::new();
        let mut known = BTreeMap::<&str, Option<&'static [&'static str]>>::new();
        for route in routes {
            let cached = known.entry(&route.path).or_default();
            *cached = cached.or(route.cached);
        }
        for (path, cached) in known {
            if let Err(error) = names.insert(path, RouteName { path: path.into(), cached }) {
                tracing::error!(%error, path, "a route has no name");
            }
        }
        Self(Arc::new(names))
    }

    /// The route of a path; none where nothing was added for it.
    pub(crate) fn find(&self, path: &str) -> Option<&RouteName> {
        self.0.at(path).ok().map(|found| found.value)
    }
}
