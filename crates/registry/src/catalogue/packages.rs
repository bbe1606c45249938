//! Packages as the staff looks at them: also those that nobody else sees.

use model::{FullName, Handle, PackageMark, PackageName};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{Registry, RegistryError, staff::StaffReader};

/// Packages of a page.
const PAGE: i64 = 50;

/// A package in a list of the staff.
#[derive(Clone, Debug)]
pub struct PackageInOrder {
    /// Its id.
    pub id: i64,
    /// Its short name.
    pub name: PackageName,
    /// Its identity.
    pub full_name: FullName,
    /// Whether the short name alone means it.
    pub is_default: bool,
    /// What to know of it.
    pub marks: Vec<PackageMark>,
    /// Who owns it.
    pub owners: Vec<Handle>,
    /// Releases that were not deleted.
    pub releases: i64,
    /// The case that waits for a verdict.
    pub open_case: Option<i64>,
    /// When something of it changed last.
    pub updated_at: OffsetDateTime,
}

impl PackageInOrder {
    /// Whether it is marked so.
    pub fn is(&self, mark: PackageMark) -> bool {
        self.marks.contains(&mark)
    }
}

/// A package, and what else has its short name.
#[derive(Clone, Debug)]
pub struct CataloguePackage {
    /// The package.
    pub package: PackageInOrder,
    /// The others.
    pub others: Vec<PackageInOrder>,
}

/// A package that staff changes, held.
pub(super) struct Held {
    pub(super) id: i64,
    pub(super) name: PackageName,
    pub(super) full_name: FullName,
    pub(super) is_default: bool,
    pub(super) is_public: bool,
    pub(super) is_quarantined: bool,
}

pub(super) async fn held(transaction: &mut PgConnection, package: i64) -> Result<Held, RegistryError> {
    let held = sqlx::query_as!(
        Held,
        r#"select
            package_id as id,
            name as "name: PackageName",
            full_name as "full_name: FullName",
            is_default,
            visibility = 'public' as "is_public!",
            quarantined_at is not null as "is_quarantined!"
        from packages
        where package_id = $1
        for update"#,
        package,
    )
    .fetch_one(transaction)
    .await?;
    Ok(held)
}

impl Registry {
    /// Packages with a text in their name or full name, the last changed first. For the staff.
    pub async fn search_packages(
        &self,
        _: StaffReader,
        text: &str,
        mark: Option<PackageMark>,
    ) -> Result<Vec<PackageInOrder>, RegistryError> {
        let text: String = text.trim().to_lowercase().chars().filter(|letter| *letter != '\0').take(200).collect();
        self.packages_in_order_of(&text, mark, None, None).await
    }

    /// One package with the others of its short name. For the staff.
    pub async fn catalogue_package(&self, _: StaffReader, id: i64) -> Result<CataloguePackage, RegistryError> {
        let package = self.packages_in_order_of("", None, Some(id), None).await?;
        let package = package.into_iter().next().ok_or(RegistryError::NotFound)?;
        let sharing = self.packages_in_order_of("", None, None, Some(&package.name)).await?;
        let others = sharing.into_iter().filter(|other| other.id != package.id).collect();
        Ok(CataloguePackage { package, others })
    }

    async fn packages_in_order_of(
        &self,
        text: &str,
        mark: Option<PackageMark>,
        id: Option<i64>,
        name: Option<&PackageName>,
    ) -> Result<Vec<PackageInOrder>, RegistryError> {
        let folded = name.map(PackageName::folded);
        let rows = sqlx::query_as!(
            PackageInOrder,
            r#"select
                p.package_id as id,
                p.name as "name: PackageName",
                p.full_name as "full_name: FullName",
                p.is_default,
                array(select m.mark from package_marks as m where m.package_id = p.package_id) as "marks!: Vec<PackageMark>",
                array(
                    select o.handle
                    from package_owners as po
                    join principals as o using (principal_id)
                    where po.package_id = p.package_id
                        and po.role = 'owner'
                    order by o.handle
                ) as "owners!: Vec<Handle>",
                (select count(*) from releases as r where r.package_id = p.package_id and r.state <> 'deleted') as "releases!",
                (select c.case_id from cases as c where c.package_id = p.package_id and c.closed_at is null) as open_case,
                p.updated_at
            from packages as p
            where ($1 = '' or strpos(lower(p.full_name), $1) > 0 or strpos(p.name_folded, $1) > 0)
                and ($3::bigint is null or p.package_id = $3)
                and ($4::text is null or p.name_folded = $4)
                and (
                    $2::text is null
                    or exists (select from package_marks as m where m.package_id = p.package_id and m.mark = $2)
                )
            order by p.updated_at desc, p.package_id desc
            limit $5"#,
            text,
            mark.map(PackageMark::as_str),
            id,
            folded.as_ref().map(model::Folded::as_str),
            PAGE,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows)
    }
}
