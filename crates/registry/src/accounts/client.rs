use std::net::IpAddr;

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

    /// What is counted as one place: the address, of IPv6 the /64 that one connection usually has.
    pub(crate) fn network(&self) -> String {
        let Ok(address) = self.address.parse::<IpAddr>() else { return self.address.clone() };
        match address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [first, second, third, fourth, ..] = address.segments();
                format!("{first:x}:{second:x}:{third:x}:{fourth:x}::/64")
            }
        }
    }

    pub(crate) fn address_if_any(&self) -> Option<&str> {
        (!self.address.is_empty()).then_some(self.address.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_connection_is_one_place() {
        for (address, network) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("", ""),
        ] {
            assert_eq!(ClientInfo::new(address.to_owned(), "").network(), network);
        }
        let client = ClientInfo::new(String::new(), &format!("a\r\nb{}", "x".repeat(1000)));
        assert_eq!((client.user_agent.len(), &client.user_agent[..2]), (LONGEST, "ab"));
    }
}
