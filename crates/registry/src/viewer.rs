/// For whom something is read. What a viewer may not see does not exist for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Viewer {
    /// Anybody: public packages only.
    Anonymous,
    /// A known principal: public packages and those they are a member of.
    Principal(i64),
}

impl Viewer {
    /// The principal, as queries take it.
    pub(crate) const fn principal(self) -> Option<i64> {
        match self {
            Self::Anonymous => None,
            Self::Principal(principal) => Some(principal),
        }
    }
}
