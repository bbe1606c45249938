use std::fmt::Write as _;

use leptos_router::params::ParamsMap;
use model::{PackageName, Platform, PostgresMajor, Version};
use registry::PackageDetails;

/// A part of the page of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Overview,
    Versions,
    Files,
    Dependencies,
}

impl Tab {
    pub(super) const ALL: [Self; 4] = [Self::Overview, Self::Versions, Self::Files, Self::Dependencies];

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Versions => "Versions",
            Self::Files => "Files",
            Self::Dependencies => "Dependencies",
        }
    }

    /// Its part of an address; the overview has none.
    const fn segment(self) -> Option<&'static str> {
        match self {
            Self::Overview => None,
            Self::Versions => Some("versions"),
            Self::Files => Some("files"),
            Self::Dependencies => Some("dependencies"),
        }
    }

    fn read(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.segment() == Some(segment))
    }
}

/// How the files come to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The distribution's package that the file was taken from.
    Package,
    /// The archive from here.
    Archive,
    /// The `trunk` command, from here too.
    Trunk,
    /// The source, built where it is to be used.
    Source,
}

impl Way {
    pub(super) const ALL: [Self; 4] = [Self::Package, Self::Archive, Self::Trunk, Self::Source];

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Package => "apt",
            Self::Archive => "Archive",
            Self::Trunk => "trunk",
            Self::Source => "Source",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Package => "apt",
            Self::Archive => "archive",
            Self::Trunk => "trunk",
            Self::Source => "source",
        }
    }
}

/// What the address of a package's page says, and how other addresses are made from it.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    pub(super) name: PackageName,
    /// The release that the path names; none for the current one.
    pub(super) version: Option<Version>,
    pub(super) tab: Tab,
    pub(super) major: Option<PostgresMajor>,
    pub(super) platform: Option<Platform>,
    pub(super) way: Option<Way>,
}

impl Selection {
    /// None where the path is no address of a package. What cannot be read in the query is as if it were not there.
    pub(super) fn read(path: &ParamsMap, query: &ParamsMap) -> Option<Self> {
        let second = path.get("version");
        let (version, tab) = match (second.as_deref(), path.get("tab").as_deref()) {
            (None, None) => (None, Tab::Overview),
            (Some(segment), None) => match Tab::read(segment) {
                Some(tab) => (None, tab),
                None => (Self::read_version(segment)?, Tab::Overview),
            },
            (Some(segment), Some(tab)) => (Self::read_version(segment)?, Tab::read(tab)?),
            (None, Some(_)) => return None,
        };
        let get = |name: &str| query.get(name).unwrap_or_default();
        Some(Self {
            name: path.get("name")?.parse().ok()?,
            version,
            tab,
            major: get("pg").parse().ok(),
            platform: get("platform").parse().ok(),
            way: Way::ALL.into_iter().find(|way| way.word() == get("way")),
        })
    }

    /// A release by its version, or the current one as `latest`.
    #[expect(clippy::option_option, reason = "no version at all, or none in particular")]
    fn read_version(segment: &str) -> Option<Option<Version>> {
        if segment == "latest" { Some(None) } else { segment.parse().ok().map(Some) }
    }

    /// The address of what is selected.
    fn address(&self) -> String {
        let mut address = format!("/packages/{}", self.name);
        if let Some(version) = &self.version {
            let _ = write!(address, "/{version}");
        }
        if let Some(segment) = self.tab.segment() {
            let _ = write!(address, "/{segment}");
        }
        let pairs = [
            ("pg", self.major.map(|major| major.to_string())),
            ("platform", self.platform.as_ref().map(ToString::to_string)),
            ("way", self.way.map(|way| way.word().to_owned())),
        ];
        let query: Vec<String> =
            pairs.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?))).collect();
        if query.is_empty() { address } else { format!("{address}?{}", query.join("&")) }
    }

    fn changed(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut selection = self.clone();
        change(&mut selection);
        selection.address()
    }

    pub(super) fn with_tab(&self, tab: Tab) -> String {
        self.changed(|selection| selection.tab = tab)
    }

    pub(super) fn with_major(&self, major: PostgresMajor) -> String {
        self.changed(|selection| selection.major = Some(major))
    }

    pub(super) fn with_platform(&self, platform: &Platform) -> String {
        self.changed(|selection| selection.platform = Some(platform.clone()))
    }

    pub(super) fn with_way(&self, way: Way) -> String {
        self.changed(|selection| selection.way = Some(way))
    }

    /// The overview of a release.
    pub(super) fn with_version(&self, version: Option<&Version>) -> String {
        self.changed(|selection| {
            selection.version = version.cloned();
            selection.tab = Tab::Overview;
        })
    }

    /// The one address of what the page shows: without choices, and without a version where it is the current one.
    pub(super) fn canonical(&self, package: &PackageDetails) -> String {
        let is_current = package.current_version() == Some(&package.release.version);
        let version = if is_current { None } else { Some(package.release.version.clone()) };
        Self { name: package.name.clone(), version, tab: self.tab, major: None, platform: None, way: None }.address()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> ParamsMap {
        let mut map = ParamsMap::new();
        for (name, value) in pairs {
            map.insert((*name).to_owned(), (*value).to_owned());
        }
        map
    }

    fn read(path: &[(&str, &str)], query: &[(&str, &str)]) -> Option<Selection> {
        Selection::read(&map(path), &map(query))
    }

    #[test]
    fn paths_name_a_release_or_a_tab_or_both() {
        for (version, tab, expected) in [
            (None, None, Some((None, Tab::Overview))),
            (Some("latest"), None, Some((None, Tab::Overview))),
            (Some("1.2.3"), None, Some((Some("1.2.3"), Tab::Overview))),
            (Some("files"), None, Some((None, Tab::Files))),
            (Some("latest"), Some("versions"), Some((None, Tab::Versions))),
            (Some("1.2.3"), Some("dependencies"), Some((Some("1.2.3"), Tab::Dependencies))),
            (Some("1.2"), None, None),
            (Some("1.2.3"), Some("nothing"), None),
            (Some("files"), Some("files"), None),
        ] {
            let mut path = vec![("name", "hstore")];
            path.extend(version.map(|version| ("version", version)));
            path.extend(tab.map(|tab| ("tab", tab)));
            let selection = read(&path, &[]);
            let found = selection
                .as_ref()
                .map(|selection| (selection.version.as_ref().map(ToString::to_string), selection.tab));
            let expected = expected.map(|(version, tab)| (version.map(str::to_owned), tab));
            assert_eq!(found, expected, "{version:?} {tab:?}");
        }
    }

    #[test]
    fn choices_stay_when_another_is_made() {
        let query = [("pg", "15"), ("platform", "debian-12-x86_64-gnu"), ("way", "archive"), ("other", "x")];
        let selection = read(&[("name", "hstore"), ("version", "1.8.0")], &query).expect("a selection");
        let rest = "pg=15&platform=debian-12-x86_64-gnu&way=archive";
        assert_eq!(selection.with_tab(Tab::Files), format!("/packages/hstore/1.8.0/files?{rest}"));
        assert_eq!(selection.with_version(None), format!("/packages/hstore?{rest}"));
        let broken = read(&[("name", "hstore")], &[("pg", "x"), ("platform", "?"), ("way", "boat")]).expect("one");
        assert_eq!(broken.with_tab(Tab::Versions), "/packages/hstore/versions");
    }
}
