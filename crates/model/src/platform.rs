use std::{fmt, str::FromStr};

use crate::{Arch, Libc, text::textual};

/// Where a binary runs: operating system, its release, architecture and C library.
///
/// As text, and in URLs: `debian-12-x86_64-gnu`; `linux-any-aarch64-musl` where any release will do; `any` for a package in
/// which nothing is compiled.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// Nothing compiled: runs everywhere.
    Any,
    /// Compiled for one architecture and C library.
    Binary {
        /// The `ID` of os-release, for example `debian`; `linux` where any distribution will do.
        os: String,
        /// The `VERSION_ID` of os-release, for example `12`; none where any release will do.
        os_version: Option<String>,
        /// The processor architecture.
        arch: Arch,
        /// The C library.
        libc: Libc,
    },
}

/// The text names no platform.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a platform such as debian-12-x86_64-gnu, linux-any-aarch64-musl or any")]
pub struct InvalidPlatform(pub String);

impl Platform {
    /// The architecture, where there is one.
    pub const fn arch(&self) -> Option<Arch> {
        match self {
            Self::Any => None,
            Self::Binary { arch, .. } => Some(*arch),
        }
    }

    /// The C library, where there is one.
    pub const fn libc(&self) -> Option<Libc> {
        match self {
            Self::Any => None,
            Self::Binary { libc, .. } => Some(*libc),
        }
    }

    /// The operating system, where there is one.
    pub fn os(&self) -> Option<&str> {
        match self {
            Self::Any => None,
            Self::Binary { os, .. } => Some(os),
        }
    }

    /// The release of the operating system, where it matters.
    pub fn os_version(&self) -> Option<&str> {
        match self {
            Self::Any => None,
            Self::Binary { os_version, .. } => os_version.as_deref(),
        }
    }

    /// Puts a platform together from nullable columns: all absent means [`Platform::Any`].
    pub fn from_parts(
        os: Option<String>,
        os_version: Option<String>,
        arch: Option<Arch>,
        libc: Option<Libc>,
    ) -> Result<Self, InvalidPlatform> {
        match (os, arch, libc) {
            (None, None, None) if os_version.is_none() => Ok(Self::Any),
            (Some(os), Some(arch), Some(libc)) => {
                let platform = Self::Binary { os, os_version, arch, libc };
                platform.to_string().parse()
            }
            (os, arch, libc) => Err(InvalidPlatform(format!("{os:?} {os_version:?} {arch:?} {libc:?}"))),
        }
    }

    /// The platform as a person would name it: `Debian 12 · x86_64`.
    pub fn label(&self) -> String {
        match self {
            Self::Any => "any platform".to_owned(),
            Self::Binary { os, os_version, arch, libc } => {
                let mut name = match os.as_str() {
                    "rhel" => "RHEL".to_owned(),
                    "opensuse" => "openSUSE".to_owned(),
                    other => {
                        let mut letters = other.chars();
                        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
                    }
                };
                if let Some(version) = os_version {
                    name.push(' ');
                    name.push_str(version);
                }
                let musl = if *libc == Libc::Musl { " · musl" } else { "" };
                format!("{name} · {arch}{musl}")
            }
        }
    }
}

impl FromStr for Platform {
    type Err = InvalidPlatform;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "any" {
            return Ok(Self::Any);
        }
        let invalid = || InvalidPlatform(text.to_owned());
        let word = |part: &str| {
            !part.is_empty()
                && part.len() <= 32
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_'))
        };
        let parts: Vec<&str> = text.split('-').collect();
        let [os, os_version, arch, libc] = parts.as_slice() else { return Err(invalid()) };
        if !word(os) || !word(os_version) || *os == "any" {
            return Err(invalid());
        }
        Ok(Self::Binary {
            os: (*os).to_owned(),
            os_version: (*os_version != "any").then(|| (*os_version).to_owned()),
            arch: arch.parse().map_err(|_| invalid())?,
            libc: libc.parse().map_err(|_| invalid())?,
        })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => formatter.write_str("any"),
            Self::Binary { os, os_version, arch, libc } => {
                write!(formatter, "{os}-{}-{arch}-{libc}", os_version.as_deref().unwrap_or("any"))
            }
        }
    }
}

textual!(Platform);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives() {
        for text in ["any", "debian-12-x86_64-gnu", "linux-any-aarch64-musl", "ubuntu-24.04-x86_64-gnu"] {
            assert_eq!(text.parse::<Platform>().map(|platform| platform.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn refuses_what_would_be_read_differently() {
        for text in [
            "",
            "debian",
            "debian-12-x86_64",
            "debian-12-amd64-gnu",
            "Debian-12-x86_64-gnu",
            "a-b-c-x86_64-gnu",
            "any-any-x86_64-gnu",
        ] {
            assert_eq!(text.parse::<Platform>(), Err(InvalidPlatform(text.to_owned())));
        }
    }

    #[test]
    fn is_named_as_people_do() {
        let label = |text: &str| text.parse::<Platform>().map(|platform| platform.label());
        assert_eq!(label("debian-12-x86_64-gnu"), Ok("Debian 12 · x86_64".to_owned()));
        assert_eq!(label("linux-any-aarch64-musl"), Ok("Linux · aarch64 · musl".to_owned()));
        assert_eq!(label("any"), Ok("any platform".to_owned()));
    }
}
