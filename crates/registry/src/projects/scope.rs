use std::str::FromStr;

use model::{Arch, Libc, PostgresMajor};

use super::ProjectFile;

/// Where somebody wants to install: what is not said may be anything that clients of the unscoped list can run.
///
/// As text it is one or two segments: `pg16`, `linux-arm64`, `debian-12-arm64`, `pg17/debian-12-arm64`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildScope {
    /// Only this major.
    pub postgres_major: Option<PostgresMajor>,
    /// Only this architecture.
    pub arch: Option<Arch>,
    /// Only this distribution, or what its C library can run.
    pub os: Option<(String, Option<String>)>,
}

/// The text is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} should be something like pg16, linux-arm64, debian-12-arm64 or pg17/debian-12-arm64")]
pub struct InvalidScope(pub String);

/// The glibc of releases of distributions, from their package lists.
const GLIBC: &[(&str, &str, (u32, u32))] = &[
    ("almalinux", "8", (2, 28)),
    ("almalinux", "9", (2, 34)),
    ("almalinux", "10", (2, 39)),
    ("amzn", "2023", (2, 34)),
    ("debian", "11", (2, 31)),
    ("debian", "12", (2, 36)),
    ("debian", "13", (2, 41)),
    ("rhel", "8", (2, 28)),
    ("rhel", "9", (2, 34)),
    ("rhel", "10", (2, 39)),
    ("rocky", "8", (2, 28)),
    ("rocky", "9", (2, 34)),
    ("rocky", "10", (2, 39)),
    ("ubuntu", "20.04", (2, 31)),
    ("ubuntu", "22.04", (2, 35)),
    ("ubuntu", "24.04", (2, 39)),
    ("ubuntu", "26.04", (2, 43)),
];

impl BuildScope {
    /// Whether the file can be installed there. Files that need musl fit only where a distribution with musl is named.
    pub(super) fn fits(&self, file: &ProjectFile) -> bool {
        let wants_musl = self.os.as_ref().is_some_and(|(os, _)| os == "alpine");
        if self.postgres_major.is_some_and(|major| major != file.postgres_major)
            || self.arch.is_some_and(|arch| arch != file.arch)
        {
            return false;
        }
        let Some(own) = &file.os else {
            // Nothing is compiled.
            return true;
        };
        if (file.libc == Some(Libc::Musl)) != wants_musl {
            return false;
        }
        match self.os.as_ref().filter(|(os, _)| os != "linux") {
            None => true,
            Some((os, version)) if own == os => {
                version.is_none() || file.os_version.is_none() || *version == file.os_version
            }
            Some((os, version)) => own == "linux" && runs_on(file, os, version.as_deref()),
        }
    }
}

/// Whether the C library of a release of a distribution is new enough, as far as both are known.
fn runs_on(file: &ProjectFile, os: &str, version: Option<&str>) -> bool {
    let there = GLIBC.iter().find(|(known, release, _)| *known == os && Some(*release) == version);
    match (there, file.glibc) {
        (Some((_, _, there)), Some(needed)) => needed <= *there,
        _ => true,
    }
}

fn arch(text: &str) -> Option<Arch> {
    match text {
        "amd64" => Some(Arch::X86_64),
        "arm64" => Some(Arch::Aarch64),
        other => other.parse().ok(),
    }
}

impl FromStr for BuildScope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidScope(text.to_owned());
        let mut scope = Self::default();
        for segment in text.split('/') {
            if let Some(major) = segment.strip_prefix("pg").and_then(|major| major.parse().ok()) {
                if scope.postgres_major.replace(major).is_some() {
                    return Err(invalid());
                }
                continue;
            }
            let (os, found) = segment.rsplit_once('-').ok_or_else(invalid)?;
            if scope.arch.replace(arch(found).ok_or_else(invalid)?).is_some() {
                return Err(invalid());
            }
            let (os, version) = match os.split_once('-') {
                Some((os, version)) => (os, Some(version)),
                None => (os, None),
            };
            let is_word =
                |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
            if !is_word(os) || !version.is_none_or(is_word) {
                return Err(invalid());
            }
            scope.os = Some((os.to_owned(), version.map(str::to_owned)));
        }
        Ok(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(
        os: Option<(&str, Option<&str>)>,
        arch: Arch,
        libc: Option<Libc>,
        glibc: Option<(u32, u32)>,
    ) -> ProjectFile {
        ProjectFile {
            version: "1.0.0".parse().expect("a version"),
            postgres_major: PostgresMajor::try_from(16).expect("a major"),
            os: os.map(|(os, _)| os.to_owned()),
            os_version: os.and_then(|(_, version)| version).map(str::to_owned),
            arch,
            libc,
            glibc,
            file_name: String::new(),
            sha256: model::Sha256::from_bytes([0; 32]),
        }
    }

    #[test]
    fn scopes_say_what_fits() {
        let fits = |scope: &str, file: &ProjectFile| scope.parse::<BuildScope>().expect("a scope").fits(file);
        let debian = file(Some(("debian", Some("12"))), Arch::X86_64, Some(Libc::Gnu), Some((2, 34)));
        let any = file(Some(("linux", None)), Arch::X86_64, Some(Libc::Gnu), Some((2, 38)));
        let musl = file(Some(("alpine", Some("3.20"))), Arch::X86_64, Some(Libc::Musl), None);
        let sql = file(None, Arch::X86_64, None, None);
        for (scope, expected) in [
            ("pg16", [true, true, false, true]),
            ("pg17", [false; 4]),
            ("linux-amd64", [true, true, false, true]),
            ("linux-arm64", [false; 4]),
            ("debian-12-amd64", [true, false, false, true]),
            ("debian-13-x86_64", [false, true, false, true]),
            ("pg16/ubuntu-24.04-amd64", [false, true, false, true]),
            ("ubuntu-24.04-amd64/pg16", [false, true, false, true]),
            ("alpine-3.20-amd64", [false, false, true, true]),
        ] {
            assert_eq!([&debian, &any, &musl, &sql].map(|file| fits(scope, file)), expected, "{scope}");
        }
        assert!(!BuildScope::default().fits(&musl), "never musl where nobody asks for it");
    }

    #[test]
    fn other_texts_are_no_scopes() {
        for text in ["", "pg", "pg9", "pg16/pg17", "linux", "linux-vax", "-amd64", "a b-amd64", "pg16/x-amd64/y-amd64"]
        {
            assert_eq!(text.parse::<BuildScope>(), Err(InvalidScope(text.to_owned())), "{text}");
        }
    }
}
