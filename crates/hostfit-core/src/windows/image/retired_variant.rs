//! Windows variants of official images that are no longer made: their tags still pull what was pushed last.
//!
//! Sources: the history of docker-library/official-images `library/*` (up to 37079fb, 2026-08-21): ltsc2016 left it on
//! 2022-01-12, 1809 on 2025-05-30 (golang b25f7c0, python 4c56bcd5, openjdk 547f0fe8, mongo, docker);
//! microsoft/dotnet-framework-docker 7e6e683b (2025-10-14).

use super::{Family, Identity, Parts};
use crate::{
    text::Text,
    windows::{Build, Date},
};

/// A variant that gets no updates any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetiredVariant {
    /// The day of the last update or the one after it.
    pub since: Date,
    /// The end of the tag that takes its place.
    pub instead: &'static str,
}

const WS2016: Build = Build(14393);
const WS2019: Build = Build(17763);
const WS2022: Build = Build(20348);

/// Docker official images that had variants of Windows Server 2016 and have newer ones.
const OF_2016: [&str; 5] = ["golang", "python", "openjdk", "mongo", "docker"];
/// Those that had variants of 1809 until 2025-05-30.
const OF_2019: [&str; 5] = OF_2016;

/// Whether the image is such a variant. A digest pins one image anyway, and no update is expected of it.
pub fn retired_variant(text: &Text, identity: &Identity) -> Option<RetiredVariant> {
    if identity.reference.digest.is_some() {
        return None;
    }
    let build = identity.version.as_ref()?.0.build;
    let masked = text.masked();
    let parts = Parts { value: &masked, reference: identity.reference.clone() };
    if let Some(name) = parts.on_docker_hub() {
        let nano = identity.family == Some(Family::NanoServer);
        let instead = if nano { "-nanoserver-ltsc2022" } else { "-windowsservercore-ltsc2022" };
        return match build {
            // Nano Server of 2016 left earlier, with the end of its support.
            WS2016 if OF_2016.contains(&name) && !nano => Some(retired(2022, 1, 12, instead)),
            WS2019 if OF_2019.contains(&name) => Some(retired(2025, 5, 30, instead)),
            _ => None,
        };
    }
    let name = parts.repository().strip_prefix("dotnet/framework/").filter(|_| parts.on_mcr())?;
    let moving = parts.tag() == Some("4.8-windowsservercore-ltsc2022");
    let known = matches!(name, "sdk" | "runtime" | "aspnet" | "wcf");
    (build == WS2022 && known && moving).then(|| retired(2025, 10, 14, "4.8.1-windowsservercore-ltsc2022"))
}

const fn retired(year: u16, month: u8, day: u8, instead: &'static str) -> RetiredVariant {
    RetiredVariant { since: Date { year, month, day }, instead }
}
