use super::{Caller, Visitor};

/// An account that looks at what is its own: of somebody in a browser, or of the program that they gave a token to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountRef {
    pub(super) principal: i64,
    /// The session that asks, where it is one.
    pub(super) session: Option<i64>,
}

impl AccountRef {
    pub(crate) const fn principal(self) -> i64 {
        self.principal
    }
}

impl Visitor {
    /// Their account.
    pub fn account(&self) -> AccountRef {
        AccountRef { principal: self.principal, session: Some(self.session) }
    }
}

impl Caller {
    /// The account that the token is of; none where a workflow calls.
    pub fn account(&self) -> Option<AccountRef> {
        let principal = self.principal();
        self.publisher().is_none().then_some(AccountRef { principal, session: None })
    }
}
