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
