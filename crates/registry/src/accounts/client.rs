/// From where somebody does something, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// The address of the client as text; empty where there is none.
    pub address: String,
    /// What it calls itself, shortened.
    pub user_agent: String,
}

/// Characters of a user agent that are kept.
const LONGEST: usize = 400;

impl ClientInfo {
    /// Takes what a request says; control characters are left out.
    pub fn new(address: String, user_agent: &str) -> Self {
        let user_agent = user_agent.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect();
        Self { address, user_agent }
    }

    pub(crate) fn address_if_any(&self) -> Option<&str> {
        (!self.address.is_empty()).then_some(self.address.as_str())
    }
}
