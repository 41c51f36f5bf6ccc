//! The Windows releases that Terraform files name: `os_sku = "Windows2022"`, `ami_type = "WINDOWS_CORE_2019_x86_64"`,
//! `sku = "2022-datacenter-core"`, tags of images. The files are not evaluated: this is for suggestions only.

use std::{collections::BTreeMap, io::Read, path::Path};

use hostfit_core::windows::{Build, release::Releases};

use crate::{files::Folder, tree, walk};

/// A longer file is not written by hand.
const LONGEST: u64 = 1 << 20;

/// Returns each release with the first place that names it, `infra/main.tf:12`.
pub(super) fn releases(folder: &Folder, releases: &Releases) -> BTreeMap<Build, String> {
    let is_ours = |path: &Path| path.extension().is_some_and(|end| end == "tf");
    let mut found = BTreeMap::new();
    for path in walk::files(&folder.path, |_| true, is_ours) {
        let mut text = String::new();
        let read = tree::open_plain(&path).map(|file| file.take(LONGEST).read_to_string(&mut text));
        if !matches!(read, Ok(Ok(_))) {
            continue;
        }
        for (line, number) in text.lines().zip(1..) {
            for build in named(line).filter_map(|id| Some(releases.by_name(id)?.build)) {
                found.entry(build).or_insert_with(|| format!("{}:{number}", folder.show_absolute(&path)));
            }
        }
    }
    found
}

/// The releases in the strings of a line.
fn named(line: &str) -> impl Iterator<Item = &'static str> + '_ {
    const YEARS: [(&str, &str); 4] =
        [("2016", "ltsc2016"), ("2019", "ltsc2019"), ("2022", "ltsc2022"), ("2025", "ltsc2025")];
    let code = line.trim_start();
    let code = if code.starts_with('#') || code.starts_with("//") { "" } else { code };
    // Every second piece stands between quotes.
    code.split('"').skip(1).step_by(2).flat_map(|text| {
        let text = text.to_ascii_lowercase();
        let is_windows = ["windows", "ltsc", "datacenter"].iter().any(|word| text.contains(word));
        YEARS.into_iter().filter(move |(year, _)| is_windows && text.contains(year)).map(|(_, id)| id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_found_in_strings() {
        let cases: [(&str, &[&str]); 10] = [
            (r#"  os_sku = "Windows2022""#, &["ltsc2022"]),
            (r#"  ami_type = "WINDOWS_CORE_2019_x86_64""#, &["ltsc2019"]),
            (r#"  os_version = "OS_VERSION_LTSC2022""#, &["ltsc2022"]),
            (r#"  operating_system_family = "WINDOWS_SERVER_2025_CORE""#, &["ltsc2025"]),
            (r#"  sku = "2016-Datacenter-with-Containers""#, &["ltsc2016"]),
            (r#"  images = ["windows/nanoserver:ltsc2019", "windows/nanoserver:ltsc2025"]"#, &["ltsc2019", "ltsc2025"]),
            (r#"  # os_sku = "Windows2019""#, &[]),
            (r#"  os_sku = "AzureLinux""#, &[]),
            (r#"  api_version = "2022-05-01""#, &[]),
            ("  windows = 2022", &[]),
        ];
        for (line, expected) in cases {
            assert_eq!(named(line).collect::<Vec<_>>(), expected, "{line}");
        }
    }
}
