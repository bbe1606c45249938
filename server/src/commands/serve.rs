use std::{future::Future, process::ExitCode, time::Duration};

use anyhow::Context as _;
use registry::{Clock, DomainLookup, SearchIndex, follow_events, run_projections, run_search_index};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::node::Node;
use crate::{config::Config, router::service, state::AppState, web::Assets};

/// How long requests may go on after the server was told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// How often objects are removed that nothing refers to any more.
const BETWEEN_REMOVALS: Duration = Duration::from_mins(30);

/// Serves until it is told to stop by SIGINT or SIGTERM.
pub(crate) async fn serve(config: Config) -> anyhow::Result<ExitCode> {
    // First what only a person can mend, so that nothing is started in vain.
    let assets = Assets::load(&config.http.site_root).with_context(|| {
        format!(
            "the browser files in {} cannot be read; build them with `make site` or name them with --site-root",
            config.http.site_root.display()
        )
    })?;
    let listener = TcpListener::bind(config.http.listen).await.with_context(|| {
        format!(
            "{} cannot be listened on; stop what listens there or choose another address with --listen",
            config.http.listen
        )
    })?;
    let mut node = Node::open(&config).await?;
    let postgres = node.postgres.take();
    let (latest_sender, latest) = watch::channel(0);
    let (projected_sender, projected) = watch::channel(0);
    // Only `serve` opens it. Without one names are still found.
    let search = SearchIndex::open(&node.data.index())
        .inspect_err(|error| tracing::error!(%error, "there is no search index; only names are searched"))
        .ok();
    let (shown_sender, shown) = watch::channel(0);
    let shown = if search.is_some() { shown } else { projected.clone() };
    let state = AppState::new(
        node.registry.clone(),
        assets,
        config.http.clone(),
        search.clone(),
        Clock::system(),
        latest.clone(),
        shown,
    );

    let stop = CancellationToken::new();
    let mut jobs = JoinSet::new();
    let pool = node.pool.clone();
    let lookup = if config.identity.looks_up_domains {
        DomainLookup::system().inspect_err(|error| tracing::warn!(%error, "domains of addresses are not checked")).ok()
    } else {
        None
    };
    jobs.spawn(bring_up_to_date(node.registry.clone(), pool.clone(), lookup, stop.clone()));
    jobs.spawn(follow_events(pool.clone(), latest_sender, stop.clone()));
    jobs.spawn(run_projections(node.registry.clone(), latest, projected_sender, stop.clone()));
    jobs.spawn({
        let (registry, latest, stop) = (node.registry.clone(), state.latest.clone(), stop.clone());
        async move { registry.run_jobs(latest, stop).await }
    });
    if let Some(index) = search {
        jobs.spawn(run_search_index(index, pool.clone(), projected, shown_sender, stop.clone()));
    }
    jobs.spawn({
        let (registry, stop) = (node.registry.clone(), stop.clone());
        async move { registry.popularity().run(registry.pool(), registry.clock(), stop).await }
    });
    jobs.spawn({
        let (downloads, stop) = (state.downloads.clone(), stop.clone());
        async move { downloads.run(&pool, stop).await }
    });
    // Until all else has ended: the last downloads are still to be counted.
    let stop_postgres = CancellationToken::new();
    let supervisor = postgres.map(|mut postgres| {
        let stop = stop_postgres.clone();
        tokio::spawn(async move {
            postgres.supervise(stop).await;
            postgres
        })
    });

    if config.mail.smtp.is_none() {
        tracing::info!("no SMTP server is named by mail.smtp: mail is kept, `pginstall admin mail` shows it");
    }
    tracing::info!("serving {} on {}", config.http.public_url, listener.local_addr()?);
    let stopped = told_to_stop()?;
    let shutdown = CancellationToken::new();
    let server = axum::serve(listener, service(&state)).with_graceful_shutdown({
        let shutdown = shutdown.clone();
        async move {
            stopped.await;
            tracing::info!("stopping");
            shutdown.cancel();
        }
    });
    tokio::select! {
        result = server.into_future() => result.context("the server stopped")?,
        () = async { shutdown.cancelled().await; tokio::time::sleep(DRAIN).await } => tracing::warn!("some requests did not end in time"),
    }
    stop.cancel();
    while jobs.join_next().await.is_some() {}
    stop_postgres.cancel();
    if let Some(supervisor) = supervisor {
        node.postgres = Some(supervisor.await?);
    }
    node.close_after(Ok(ExitCode::SUCCESS)).await
}

fn told_to_stop() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Brings the schema up to date as soon as the database is there; until then pages say that it is away. From then on keeps the
/// store tidy.
async fn bring_up_to_date(
    registry: registry::Registry,
    pool: sqlx::PgPool,
    lookup: Option<DomainLookup>,
    stop: CancellationToken,
) {
    let work = async {
        let mut said = String::new();
        loop {
            let error = match registry::migrate(&pool).await {
                Ok(()) => break,
                Err(error) => error,
            };
            let text = format!("{:#}", anyhow::Error::from(error));
            // Once for each reason, not once a second.
            if text != said {
                tracing::warn!("the database cannot be used yet, trying again until it can: {text}");
            }
            said = text;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        if !said.is_empty() {
            tracing::info!("the database is there");
        }
        match registry.link_for_first_admin().await {
            Ok(Some(link)) => {
                // A secret, and meant to be read: whoever sees the console runs the registry.
                tracing::info!(
                    "nobody administers this registry yet; log in and open {} to become the first admin",
                    link.address
                );
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "there is no link for the first admin"),
        }
        if let Err(error) = registry.ask_for_stale_readmes().await {
            tracing::warn!(%error, "READMEs that an older program has rendered are not rendered anew");
        }
        loop {
            match registry.remove_leftovers(registry.clock().now()).await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "removed objects that nothing refers to any more"),
                Err(error) => tracing::warn!(%error, "objects that nothing refers to could not be removed"),
            }
            if let Err(error) = registry.remove_expired().await {
                tracing::warn!(%error, "sessions whose time is over cannot be removed");
            }
            if let Err(error) = registry.warn_of_expiring_tokens().await {
                tracing::warn!(%error, "owners of tokens that end soon were not told");
            }
            if let Some(lookup) = &lookup
                && let Err(error) = registry.check_email_domains(lookup).await
            {
                tracing::warn!(%error, "domains of addresses were not checked");
            }
            if let Err(error) = registry.remove_abandoned_uploads().await {
                tracing::warn!(%error, "the temporary directory cannot be tidied");
            }
            tokio::time::sleep(BETWEEN_REMOVALS).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = work => {}
    }
}
