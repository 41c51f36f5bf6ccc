//! Whether a reference can be pulled, as far as that is known.

use super::{base, identity::Doubt, tags};
use crate::windows::{family::Family, release::Releases};

/// Whether a tag is known to have been published: `mcr.microsoft.com/dotnet/core/sdk` and `2.1`, `golang` and
/// `1.27-windowsservercore-ltsc2022`. What the tables do not have may be there all the same.
pub fn is_published(repository: &str, tag: &str, releases: &Releases) -> bool {
    if let Some(family) = Family::ALL.into_iter().find(|family| family.repository() == repository) {
        return base::is_known(tag, family, releases);
    }
    listed(repository).is_some_and(|name| tags::find(name, tag).is_some())
}

/// Why a tag may not have been published, if it is not known to be.
pub fn published_doubt(repository: &str, tag: &str, releases: &Releases) -> Option<Doubt> {
    let is_listed =
        Family::ALL.iter().any(|family| family.repository() == repository) || listed(repository).is_some_and(tags::has);
    match is_published(repository, tag, releases) {
        true => None,
        false if is_listed => Some(Doubt::NotPublished),
        false => Some(Doubt::NoList),
    }
}

/// What a repository is called in the table, if it may be there.
fn listed(repository: &str) -> Option<&str> {
    match repository.strip_prefix("mcr.microsoft.com/") {
        Some(name) => Some(name).filter(|name| name.contains('/')),
        None => {
            Some(repository.strip_prefix("docker.io/library/").unwrap_or(repository)).filter(|name| !name.contains('/'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::{Build, release::Release};

    #[test]
    fn a_release_of_the_users_is_published_as_they_say() {
        let release = Release::custom("ltsc2028", Build(29000)).publishing(Family::NanoServer, None);
        let releases = Releases::with(vec![release]);
        assert!(is_published("mcr.microsoft.com/windows/nanoserver", "ltsc2028", &releases));
        assert!(!is_published("mcr.microsoft.com/windows/servercore", "ltsc2028", &releases));
    }

    #[test]
    fn a_reference_is_published_where_a_table_has_it() {
        let releases = Releases::default();
        for (repository, tag, expected) in [
            ("mcr.microsoft.com/windows/servercore", "ltsc2022", true),
            ("mcr.microsoft.com/windows/servercore", "ltsc2022-amd64", true),
            ("mcr.microsoft.com/windows/nanoserver", "sac2016", true),
            ("mcr.microsoft.com/windows/nanoserver", "ltsc2016", false),
            ("mcr.microsoft.com/windows/servercore", "1809-KB4493509", false),
            // Azure/AgentBaker, parts/common/components.json, at 06836ee.
            ("mcr.microsoft.com/windows/servercore", "10.0.26100.33158", true),
            ("mcr.microsoft.com/windows/servercore", "10.0.14393.693", false),
            ("mcr.microsoft.com/windows", "ltsc2022", false),
            // No build or page of Microsoft's that is read for the table has these.
            ("mcr.microsoft.com/windows/nanoserver", "ltsc2019", false),
            ("mcr.microsoft.com/windows/server", "ltsc2025", false),
            ("mcr.microsoft.com/dotnet/framework/aspnet", "4.8-windowsservercore-ltsc2019", true),
            ("mcr.microsoft.com/golang", "1.27-windowsservercore-ltsc2022", false),
            ("golang", "1.27-windowsservercore-ltsc2022", true),
            ("docker.io/library/golang", "1.27", true),
            ("dotnet/sdk", "8.0-nanoserver-1809", false),
        ] {
            assert_eq!(is_published(repository, tag, &releases), expected, "{repository}:{tag}");
        }
    }
}
