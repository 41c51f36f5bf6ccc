//! Labels of the Windows machines that CI services bring, and which Windows each one is.
//!
//! Sources: <https://github.com/actions/runner-images> at 749514466 (read 2026-11-27), whose images GitHub and Azure Pipelines
//! share; <https://github.com/actions/runner-images/issues/12045>, <https://github.com/actions/runner-images/issues/12677>,
//! <https://github.com/actions/runner-images/issues/5238> (removed labels);
//! <https://docs.gitlab.com/ci/runners/hosted_runners/windows/>.

use super::{Build, Date};

/// A label of a machine that a CI service brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// Jobs run on this build; the day of the image that says so, because `windows-latest` moves on.
    Offered {
        /// The build of its Windows.
        build: Build,
        /// The day of the image.
        as_of: Date,
    },
    /// No job runs any more.
    Removed {
        /// Since when: `2025-06-30`, or the year.
        since: &'static str,
    },
}

/// The day of the images of GitHub and Azure Pipelines.
const IMAGES: Date = Date { year: 2026, month: 8, day: 21 };

/// The day on which the page of GitLab was read.
const GITLAB: Date = Date { year: 2026, month: 11, day: 27 };

/// Returns what a label of GitHub, a `vmImage` of Azure Pipelines or a tag of GitLab.com stands for, letter case ignored.
pub fn of_label(label: &str) -> Option<Runner> {
    let offered = |build, as_of| Some(Runner::Offered { build, as_of });
    match label.to_ascii_lowercase().as_str() {
        "windows-2022" => offered(Build::WS2022, IMAGES),
        "windows-2025" | "windows-latest" => offered(Build::WS2025, IMAGES),
        "windows-2019" => Some(Runner::Removed { since: "2025-06-30" }),
        "windows-2016" | "vs2017-win2016" => Some(Runner::Removed { since: "2022" }),
        "saas-windows-medium-amd64" => offered(Build::WS2022, GITLAB),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_compare_without_case_and_unknown_ones_are_not_guessed() {
        let build = |label| match of_label(label) {
            Some(Runner::Offered { build, .. }) => Some(build.0),
            _ => None,
        };
        assert_eq!(build("Windows-2022"), Some(20348));
        assert_eq!(build("windows-latest"), Some(26100));
        assert_eq!(build("windows-2025"), Some(26100));
        assert_eq!(build("saas-windows-medium-amd64"), Some(20348));
        assert_eq!(of_label("windows-2019"), Some(Runner::Removed { since: "2025-06-30" }));
        for label in ["windows", "windows-2028", "windows-latest-8-cores", "ubuntu-latest", ""] {
            assert_eq!(of_label(label), None, "{label}");
        }
    }
}
