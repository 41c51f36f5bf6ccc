//! Whether a reference can be pulled, as far as that is known.

use super::{base, tags};
use crate::windows::{family::Family, release::Releases};

/// Whether a tag is known to have been published: `mcr.microsoft.com/dotnet/core/sdk` and `2.1`, `golang` and
/// `1.27-windowsservercore-ltsc2022`. What the tables do not have may be there all the same.
pub fn is_published(repository: &str, tag: &str, releases: &Releases) -> bool {
    if let Some(family) = Family::ALL.into_iter().find(|family| family.repository() == repository) {
        return base::is_known(tag, family, releases);
    }
    let hub = || repository.strip_prefix("docker.io/library/").unwrap_or(repository);
    match repository.strip_prefix("mcr.microsoft.com/") {
        Some(name) => name.contains('/') && tags::find(name, tag).is_some(),
        None => !hub().contains('/') && tags::find(hub(), tag).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
