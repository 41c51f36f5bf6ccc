//! OS versions in every form in which Windows and its tools write them.

use super::{OsVersion, release::Releases};

/// Reads an OS version: a release name (`ltsc2022`, `1809`), a build (`20348`, `10.0.20348`), a version
/// (`10.0.17763.437`), `BuildLabEx`, a kernel version as `kubectl describe node` prints it, or what `ver` prints.
pub fn parse(_text: &str, _releases: &Releases) -> Option<OsVersion> {
    None
}
