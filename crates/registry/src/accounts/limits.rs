//! How often somebody may try something. Counted on each node for itself.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;

/// Names that are counted at a time; the longest unused are forgotten first.
const MOST_NAMES: u64 = 100_000;

/// Somebody has tried too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that was tried too often; try again in {} minutes", .after.as_secs().div_ceil(60))]
pub struct Limited {
    /// After this time they may again.
    pub after: Duration,
}

/// So many times in a span of time for each name, counted from the first.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    most: u32,
    within: Duration,
    counts: Cache<String, Arc<AtomicU32>>,
}

impl Limit {
    pub(crate) fn new(most: u32, within: Duration) -> Self {
        Self { most, within, counts: Cache::builder().max_capacity(MOST_NAMES).time_to_live(within).build() }
    }

    /// Counts one more; an error where there were enough.
    pub(crate) fn count(&self, name: &str) -> Result<(), Limited> {
        let count = self.counts.get_with(name.to_owned(), Arc::default);
        if count.fetch_add(1, Ordering::Relaxed) < self.most { Ok(()) } else { Err(Limited { after: self.within }) }
    }

    /// Forgets what was counted: it has turned out well.
    pub(crate) fn forget(&self, name: &str) {
        self.counts.invalidate(name);
    }
}

/// All limits of accounts.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Passwords for one account.
    pub(crate) log_in_by_name: Limit,
    /// Passwords from one network.
    pub(crate) log_in_by_network: Limit,
    /// Passwords that somebody who is logged in shows once more, by their account.
    pub(crate) password_by_account: Limit,
    /// Codes in place of a second factor, by the account.
    pub(crate) code_by_account: Limit,
    /// Messages that a second factor was wrong, by the account.
    pub(crate) wrong_factor_mail: Limit,
    /// Second factors of log-ins, by the account, from all networks from which nobody has logged in to it.
    pub(crate) second_factor_by_account: Limit,
    /// Passkeys from one network.
    pub(crate) passkey_by_network: Limit,
    /// Log-ins elsewhere that are begun from one network.
    pub(crate) identity_by_network: Limit,
    /// Tokens of workflows from one network.
    pub(crate) exchange_by_network: Limit,
    /// New accounts from one network.
    pub(crate) register_by_network: Limit,
    /// Links of mails from one network.
    pub(crate) link_by_network: Limit,
    /// Mails to one address that somebody asked for without having logged in.
    pub(crate) mail_by_recipient: Limit,
    /// The same from one network.
    pub(crate) mail_by_network: Limit,
    /// Mails that one account has sent to an address.
    pub(crate) mail_by_account: Limit,
    /// Reports from one network.
    pub(crate) report_by_network: Limit,
    /// Invitations by one account.
    pub(crate) invitation_by_account: Limit,
    /// Changes of packages that are mailed to their owners, by one account.
    pub(crate) change_by_account: Limit,
    /// Leaked tokens from one network.
    pub(crate) revoke_by_network: Limit,
    /// Uploads by one account.
    pub(crate) publish: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        const MINUTE: Duration = Duration::from_mins(1);
        const HOUR: Duration = Duration::from_hours(1);
        Self {
            log_in_by_name: Limit::new(10, 5 * MINUTE),
            log_in_by_network: Limit::new(50, 5 * MINUTE),
            password_by_account: Limit::new(10, 5 * MINUTE),
            code_by_account: Limit::new(10, 15 * MINUTE),
            wrong_factor_mail: Limit::new(1, 24 * HOUR),
            second_factor_by_account: Limit::new(100, 24 * HOUR),
            passkey_by_network: Limit::new(100, 5 * MINUTE),
            identity_by_network: Limit::new(100, 5 * MINUTE),
            exchange_by_network: Limit::new(1000, HOUR),
            register_by_network: Limit::new(20, HOUR),
            link_by_network: Limit::new(50, HOUR),
            mail_by_recipient: Limit::new(5, HOUR),
            mail_by_network: Limit::new(20, HOUR),
            mail_by_account: Limit::new(10, 24 * HOUR),
            report_by_network: Limit::new(20, HOUR),
            invitation_by_account: Limit::new(50, 24 * HOUR),
            change_by_account: Limit::new(200, HOUR),
            revoke_by_network: Limit::new(1000, HOUR),
            publish: Limit::new(2000, HOUR),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_each_name_for_itself_and_forgets() {
        let limit = Limit::new(2, Duration::from_millis(200));
        assert_eq!([limit.count("a"), limit.count("a")], [Ok(()), Ok(())]);
        assert!(limit.count("a").is_err() && limit.count("b").is_ok());
        limit.forget("a");
        assert!(limit.count("a").is_ok());
        assert!(limit.count("b").is_ok() && limit.count("b").is_err());
        std::thread::sleep(Duration::from_millis(250));
        assert!(limit.count("b").is_ok());
    }
}
