//! The log as the staff reads it: also what not everybody may, and what can be erased.

use model::{Handle, PackageName, StaffRole};
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};

use super::EventId;
use crate::{Registry, RegistryError, staff::StaffReader};

/// What of the log the staff asks for.
#[derive(Clone, Debug, Default)]
pub struct StaffEventQuery {
    /// Only this one.
    pub id: Option<EventId>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only of the package with this name, short or full, or of the account or organisation with this handle: what was done to
    /// it, and what it did. Also a subject as the log has it. All where it is empty.
    pub text: String,
    /// From this day on, in UTC.
    pub from: Option<Date>,
    /// Until the end of this day, in UTC.
    pub until: Option<Date>,
    /// Before this one.
    pub before: Option<EventId>,
    /// How many at most.
    pub limit: i64,
}

/// An event as the staff reads it.
#[derive(Clone, Debug)]
pub struct StaffEventRow {
    /// Its id.
    pub id: EventId,
    /// Its kind.
    pub kind: String,
    /// What kinds of it are, in a sentence.
    pub sentence: String,
    /// Whether everybody may read it.
    pub is_public: bool,
    /// Who made it, as they are called now; none where they are no more.
    pub actor: Option<Handle>,
    /// The package that it was about.
    pub package: Option<PackageName>,
    /// The release, where it was about one.
    pub version: Option<String>,
    /// To whom it was done.
    pub person: Option<Handle>,
    /// What changed, as it was written.
    pub subject: String,
    /// The JSON text that was hashed.
    pub payload: String,
    /// Why, where that can be erased and was not: for admins.
    pub details: Option<String>,
    /// When.
    pub happened_at: OffsetDateTime,
}

fn midnight(day: Date) -> OffsetDateTime {
    PrimitiveDateTime::new(day, Time::MIDNIGHT).assume_utc()
}

impl Registry {
    /// The kinds of event that there are, each with its sentence.
    pub async fn event_kinds(&self, _: StaffReader) -> Result<Vec<(String, String)>, RegistryError> {
        let rows = sqlx::query!("select kind, sentence from event_kinds order by kind").fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|row| (row.kind, row.sentence)).collect())
    }

    /// The events that were asked for, the newest first.
    pub async fn staff_events(
        &self,
        reader: StaffReader,
        query: &StaffEventQuery,
    ) -> Result<Vec<StaffEventRow>, RegistryError> {
        let text: String = query.text.trim().chars().filter(|letter| *letter != '\0').take(200).collect();
        // Found first, so that the log is looked into by its indexes.
        let about = sqlx::query!(
            r#"select
                array(
                    select 'package:' || full_name
                    from packages
                    where name_folded = fold_name($1)
                        or lower(full_name collate "C") = lower($1 collate "C")
                    union all
                    select 'principal:' || principal_id from principals where handle_folded = fold_name($1)
                    union all
                    select $1
                ) as "subjects!",
                array(select principal_id from principals where handle_folded = fold_name($1)) as "actors!""#,
            text,
        )
        .fetch_one(&self.pool)
        .await?;
        let rows = sqlx::query_as!(
            StaffEventRow,
            r#"select
                e.event_id as id,
                e.kind,
                k.sentence,
                k.is_public and coalesce(p.visibility, 'public') = 'public' as "is_public!",
                case when a.handle not like 'deleted-%' then a.handle end as "actor: Handle",
                p.name as "package?: PackageName",
                e.payload::jsonb ->> 'version' as version,
                case when t.handle not like 'deleted-%' then t.handle end as "person: Handle",
                e.subject,
                e.payload,
                case when $10 then d.details end as details,
                e.happened_at
            from events as e
            join event_kinds as k using (kind)
            join principals as a on a.principal_id = e.actor_id
            left join packages as p on p.package_id = (e.payload::jsonb ->> 'package')::bigint
            left join principals as t on t.principal_id = (e.payload::jsonb ->> 'principal')::bigint
            left join event_details as d using (event_id)
            where ($1::bigint is null or e.event_id = $1)
                and ($2::text is null or e.kind = $2)
                and (
                    $3 = ''
                    or e.subject = any($8)
                    or e.actor_id = any($9)
                )
                and ($4::timestamptz is null or e.happened_at >= $4)
                and ($5::timestamptz is null or e.happened_at < $5)
                and ($6::bigint is null or e.event_id < $6)
            order by e.event_id desc
            limit $7"#,
            query.id,
            query.kind,
            text,
            query.from.map(midnight),
            query.until.and_then(Date::next_day).map(midnight),
            query.before,
            query.limit,
            &about.subjects,
            &about.actors,
            reader.role() == StaffRole::Admin,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows)
    }
}
