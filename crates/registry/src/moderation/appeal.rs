use model::{PackageName, ReportKind, Role};

use super::{
    ReportError,
    report::{Reporter, Target, tidy},
};
use crate::{
    Registry, RegistryError,
    accounts::{ClientInfo, Visitor},
    people::{Group, GroupName},
    publish::lock_name,
};

impl Registry {
    /// Asks, for an owner of a package of which something is held back, that the verdict be looked at again.
    pub async fn appeal(
        &self,
        visitor: &Visitor,
        name: &PackageName,
        text: &str,
        client: &ClientInfo,
    ) -> Result<(), ReportError> {
        let text = tidy(text)?;
        self.limits.report_by_network.count(&client.network())?;
        let mut transaction = self.pool.begin().await?;
        // First, as those do who decide.
        lock_name(&mut transaction, name).await?;
        let group_name = GroupName::Package(name.clone());
        let (group, role) = Group::hold(&mut transaction, visitor.principal(), &group_name).await?;
        if role != Some(Role::Owner) {
            return Err(RegistryError::NotFound.into());
        }
        let is_held = sqlx::query_scalar!(
            r#"select
                exists (select from packages where package_id = $1 and quarantined_at is not null)
                or exists (select from releases where package_id = $1 and state = 'quarantined') as "is_held!""#,
            group.id
        )
        .fetch_one(&mut *transaction)
        .await?;
        if !is_held {
            return Err(ReportError::NothingToAppeal);
        }
        let target = Target { package: Some(group.id), ..Target::default() };
        let reporter = Reporter::Account(visitor.principal());
        self.file(&mut transaction, target, ReportKind::Appeal, &text, reporter, self.clock.now()).await?;
        transaction.commit().await?;
        Ok(())
    }
}
