//! From the database to the index.

use model::LoadKind;
use sqlx::PgConnection;
use tantivy::TantivyDocument;
use time::OffsetDateTime;

use super::schema::Fields;
use crate::RegistryError;

/// What is indexed of a package.
pub(super) struct Row {
    pub(super) package_id: i64,
    name: String,
    extension_names: Vec<String>,
    tags: Vec<String>,
    category_names: Vec<String>,
    category_positions: Vec<i16>,
    summary: Option<String>,
    comments: Vec<String>,
    platforms: Vec<String>,
    platform_majors: Vec<i64>,
    load_kind: Option<String>,
    is_trusted: bool,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

/// The rows of `packages`, or of all public packages behind `after` by id, `limit` at most.
pub(super) async fn rows(
    connection: &mut PgConnection,
    packages: Option<&[i64]>,
    after: i64,
    limit: i64,
) -> Result<Vec<Row>, RegistryError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select
            l.package_id,
            l.name,
            l.extension_names,
            l.tags,
            array(select c.name from categories as c where c.slug = any(l.categories) order by c.position) as "category_names!",
            array(select c.position from categories as c where c.slug = any(l.categories) order by c.position)
                as "category_positions!",
            l.summary,
            array(
                select e.comment
                from releases as r
                join extensions as e using (release_id)
                where r.package_id = l.package_id
                    and r.version = l.version
                    and e.comment is not null
            ) as "comments!: Vec<String>",
            l.platforms,
            l.platform_majors,
            l.load_kind,
            l.is_trusted,
            l.created_at,
            l.updated_at
        from listings as l
        where l.is_default
            and ($1::bigint[] is null or l.package_id = any($1))
            and l.package_id > $2
        order by l.package_id
        limit $3"#,
        packages,
        after,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// The bit of a major, counted from 10.
pub(super) fn major_bit(major: i16) -> u64 {
    u32::try_from(major - 10).ok().and_then(|place| 1_u64.checked_shl(place)).unwrap_or_default()
}

/// The bit of a category, by its position.
pub(super) fn category_bit(position: i16) -> u64 {
    u32::try_from(position).ok().and_then(|place| 1_u64.checked_shl(place)).unwrap_or_default()
}

/// The place of a load kind in its list, from 1.
pub(super) fn load_place(kind: LoadKind) -> u64 {
    LoadKind::ALL.iter().position(|known| *known == kind).map_or(0, |place| place as u64 + 1)
}

impl Row {
    pub(super) fn document(&self, fields: &Fields) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_u64(fields.package, self.package_id.cast_unsigned());
        for name in std::iter::once(&self.name).chain(&self.extension_names) {
            let folded = model::Folded::of(name);
            document.add_text(fields.names, folded.as_str());
            document.add_text(fields.names, folded.as_str().replace('_', ""));
            document.add_text(fields.name_words, folded.as_str());
            document.add_text(fields.beginnings, folded.as_str());
            // pg_trgm is looked for as trgm.
            for (start, _) in folded.as_str().match_indices('_') {
                document.add_text(fields.beginnings, &folded.as_str()[start + 1..]);
                document.add_text(fields.names, &folded.as_str()[start + 1..]);
            }
        }
        for label in self.tags.iter().chain(&self.category_names) {
            document.add_text(fields.labels, label);
        }
        if let Some(summary) = &self.summary {
            document.add_text(fields.summary, summary);
        }
        for comment in &self.comments {
            document.add_text(fields.description, comment);
        }
        document.add_u64(
            fields.categories,
            self.category_positions.iter().fold(0, |bits, position| bits | category_bit(*position)),
        );
        for (platform, majors) in self.platforms.iter().zip(&self.platform_majors) {
            document.add_text(fields.platforms, platform);
            document.add_u64(fields.platform_majors, majors.cast_unsigned());
        }
        for tag in &self.tags {
            document.add_text(fields.tags, tag);
        }
        let load = self.load_kind.as_deref().and_then(|kind| kind.parse().ok()).map_or(0, load_place);
        document.add_u64(fields.load, load);
        document.add_u64(fields.trusted, self.is_trusted.into());
        document.add_text(fields.name, model::Folded::of(&self.name).as_str());
        document.add_i64(fields.updated, self.updated_at.unix_timestamp());
        document.add_i64(fields.created, self.created_at.unix_timestamp());
        document
    }
}
