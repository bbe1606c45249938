use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::render;
use crate::{
    Registry, RegistryError,
    accounts::system_principal,
    events::{self, Event},
    jobs::{self, Job, JobKind},
};

/// Asks for the README of a release to be rendered, if it has one.
pub(crate) async fn ask_for_release(
    transaction: &mut PgConnection,
    release: i64,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    jobs::ask(transaction, JobKind::RenderReadme, &release.to_string(), now).await
}

/// Asks for all READMEs of a package to be rendered again: where its links lead has changed.
pub(crate) async fn ask_for_package(
    transaction: &mut PgConnection,
    package: i64,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    let releases = sqlx::query_scalar!(
        "select release_id
        from readmes
        join releases using (release_id)
        where package_id = $1",
        package,
    )
    .fetch_all(&mut *transaction)
    .await?;
    for release in releases {
        ask_for_release(transaction, release, now).await?;
    }
    Ok(())
}

impl Registry {
    /// Asks for those READMEs that an older program has rendered, or none; returns how many.
    pub async fn ask_for_stale_readmes(&self) -> Result<usize, RegistryError> {
        let mut transaction = self.pool.begin().await?;
        let stale = sqlx::query_scalar!(
            "select r.release_id
            from readmes as r
            left join rendered_readmes as rendered using (release_id)
            where rendered.renderer is distinct from $1
                and not exists (
                    select from jobs
                    where kind = $2
                        and key = r.release_id::text
                        and failed_at is null
                )",
            render::GENERATION,
            JobKind::RenderReadme.as_str(),
        )
        .fetch_all(&mut *transaction)
        .await?;
        for release in &stale {
            ask_for_release(&mut transaction, *release, self.clock.now()).await?;
        }
        transaction.commit().await?;
        Ok(stale.len())
    }
}

/// Renders a README and says so in the log: pages that show it are other pages now.
pub(crate) async fn render_readme(registry: &Registry, job: &Job) -> Result<(), RegistryError> {
    let release: i64 = job.key.parse().map_err(|error| RegistryError::Internal(Box::new(error)))?;
    let readme = sqlx::query!(
        "select
            r.path,
            r.text,
            v.version,
            p.package_id,
            p.name,
            p.full_name,
            (select url from package_links as l where l.package_id = p.package_id and l.kind = 'repository') as repository
        from readmes as r
        join releases as v using (release_id)
        join packages as p using (package_id)
        where r.release_id = $1",
        release,
    )
    .fetch_one(&registry.pool)
    .await?;
    let (path, text, repository) = (readme.path, readme.text, readme.repository);
    let html = tokio::task::spawn_blocking(move || render::render(&path, &text, repository.as_deref()))
        .await
        .map_err(|error| RegistryError::Internal(Box::new(error)))?;
    let now = registry.clock.now();
    let mut transaction = registry.pool.begin().await?;
    let changed = sqlx::query!(
        "insert into rendered_readmes as known (release_id, html, renderer, rendered_at)
        values ($1, $2, $3, $4)
        on conflict (release_id) do update
        set html = excluded.html,
            renderer = excluded.renderer,
            rendered_at = excluded.rendered_at
        where known.html <> excluded.html or known.renderer <> excluded.renderer",
        release,
        html,
        render::GENERATION,
        now,
    )
    .execute(&mut *transaction)
    .await?;
    jobs::finish(&mut transaction, job).await?;
    if changed.rows_affected() > 0 {
        let event = Event {
            kind: "readme.rendered",
            actor: system_principal(&mut transaction).await?,
            subject: &format!("package:{}", readme.full_name),
            payload: json!({ "package": readme.package_id, "name": readme.name, "version": readme.version }),
            happened_at: now,
        };
        events::append(&mut transaction, event).await?;
    }
    transaction.commit().await?;
    Ok(())
}
