//! From the database to the index.

use model::{CategorySlug, LoadKind, PackageKind, PackageName, Platform, PostgresMajor, Version};
use sqlx::PgConnection;
use tantivy::TantivyDocument;

use super::{
    facts::{Traits, category_bit, encoded_builds, load_place},
    schema::Fields,
};
use crate::{Listing, RegistryError};

/// What is indexed of a package.
pub(super) struct Row {
    listing: Listing,
    category_names: Vec<String>,
    category_numbers: Vec<i16>,
    comments: Vec<String>,
    platform_majors: Vec<i64>,
}

/// The rows of `packages`, or of all public packages behind `after` by id, `limit` at most.
pub(super) async fn rows(
    connection: &mut PgConnection,
    packages: Option<&[i64]>,
    after: i64,
    limit: i64,
) -> Result<Vec<Row>, RegistryError> {
    let rows = sqlx::query!(
        r#"select
            l.package_id,
            l.name as "name: PackageName",
            l.kind as "kind: PackageKind",
            l.origin = 'import' as "is_imported!",
            l.summary,
            l.version as "version: Version",
            l.categories as "categories: Vec<CategorySlug>",
            l.tags,
            l.extension_names,
            l.majors as "majors: Vec<PostgresMajor>",
            l.versions as "versions: Vec<Version>",
            l.platforms as "platforms: Vec<Platform>",
            l.platform_majors,
            l.load_kind as "load_kind: LoadKind",
            l.is_trusted,
            l.created_at,
            l.updated_at,
            array(select c.name from categories as c where c.slug = any(l.categories) order by c.position) as "category_names!",
            array(select c.number from categories as c where c.slug = any(l.categories) order by c.position)
                as "category_numbers!",
            array(
                select e.comment
                from releases as r
                join extensions as e using (release_id)
                where r.package_id = l.package_id
                    and r.version = l.version
                    and e.comment is not null
            ) as "comments!: Vec<String>"
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
    Ok(rows
        .into_iter()
        .map(|row| Row {
            listing: Listing {
                package_id: row.package_id,
                name: row.name,
                kind: row.kind,
                is_imported: row.is_imported,
                summary: row.summary,
                version: row.version,
                categories: row.categories,
                tags: row.tags,
                extension_names: row.extension_names,
                majors: row.majors,
                versions: row.versions,
                platforms: row.platforms,
                load_kind: row.load_kind,
                is_trusted: row.is_trusted,
                created_at: row.created_at,
                updated_at: row.updated_at,
            },
            category_names: row.category_names,
            category_numbers: row.category_numbers,
            comments: row.comments,
            platform_majors: row.platform_majors,
        })
        .collect())
}

/// How much a word counts by where it stands; in a comment of a control file it counts once.
const NAME_WEIGHT: usize = 6;
const LABEL_WEIGHT: usize = 3;
const SUMMARY_WEIGHT: usize = 2;

fn add_weighted(document: &mut TantivyDocument, fields: &Fields, text: &str, weight: usize) {
    for _ in 0..weight {
        document.add_text(fields.text, text);
    }
}

impl Row {
    pub(super) fn package_id(&self) -> i64 {
        self.listing.package_id
    }

    fn traits(&self) -> Traits {
        Traits {
            categories: self.category_numbers.iter().fold(0, |bits, number| bits | category_bit(*number)),
            load: self.listing.load_kind.map_or(0, load_place),
            trusted: self.listing.is_trusted,
        }
    }

    fn builds(&self) -> String {
        let platforms = self.listing.platforms.iter().map(ToString::to_string);
        encoded_builds(platforms.zip(self.platform_majors.iter().map(|majors| majors.cast_unsigned())))
    }

    pub(super) fn document(&self, fields: &Fields) -> TantivyDocument {
        let listing = &self.listing;
        let mut document = TantivyDocument::new();
        document.add_u64(fields.package, listing.package_id.cast_unsigned());
        for name in std::iter::once(listing.name.as_str()).chain(listing.extension_names.iter().map(String::as_str)) {
            let folded = model::Folded::of(name);
            document.add_text(fields.names, folded.as_str());
            document.add_text(fields.names, folded.as_str().replace('_', ""));
            add_weighted(&mut document, fields, &folded.as_str().replace('_', " "), NAME_WEIGHT);
            document.add_text(fields.beginnings, folded.as_str());
            // pg_trgm is looked for as trgm.
            for (start, _) in folded.as_str().match_indices('_') {
                document.add_text(fields.beginnings, &folded.as_str()[start + 1..]);
                document.add_text(fields.names, &folded.as_str()[start + 1..]);
            }
        }
        for label in listing.tags.iter().chain(&self.category_names) {
            document.add_text(fields.labels, label);
            add_weighted(&mut document, fields, label, LABEL_WEIGHT);
        }
        if let Some(summary) = &listing.summary {
            document.add_text(fields.summary, summary);
            add_weighted(&mut document, fields, summary, SUMMARY_WEIGHT);
        }
        for comment in &self.comments {
            add_weighted(&mut document, fields, comment, 1);
        }
        for tag in &listing.tags {
            document.add_text(fields.tags, tag);
        }
        document.add_text(fields.traits, self.traits().encoded());
        document.add_text(fields.builds, self.builds());
        document.add_text(fields.name, listing.name.folded().as_str());
        document.add_i64(fields.updated, listing.updated_at.unix_timestamp());
        document.add_i64(fields.created, listing.created_at.unix_timestamp());
        document.add_bytes(fields.listing, &serde_json::to_vec(listing).unwrap_or_default());
        document
    }
}
