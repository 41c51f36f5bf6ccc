//! OS versions in every form in which Windows and its tools write them.

use super::{
    Build, HostKind, OsVersion, machine_image,
    release::{Release, Releases},
};

/// Reads an OS version: a release name (`ltsc2022`, `1809`), a build (`20348`, `10.0.20348`), a version
/// (`10.0.17763.437`), `BuildLabEx`, a kernel version as `kubectl describe node` prints it, what `ver` prints, or the
/// product name that a node or an engine reports as its OS (`Windows Server 2022 Datacenter`, `Windows 11 Pro 24H2`).
///
/// None for everything else: names are never guessed (`2019` is not a release, `2004` is not a build).
pub fn parse(text: &str, releases: &Releases) -> Option<OsVersion> {
    let text = text.trim();
    if let Some(release) = releases.by_name(text) {
        return Some(OsVersion { build: release.build, revision: None });
    }
    plain(text)
        .or_else(|| build_lab(text))
        .or_else(|| kernel(text))
        .or_else(|| bracketed(text))
        .or_else(|| product(text, releases))
}

/// Reads the OS version of a host: also by the name of its machine image, as clouds and CI services call it
/// (`Windows2022`, `WINDOWS_CORE_2022_x86_64`, `windows-2022`).
pub fn of_host(text: &str, releases: &Releases) -> Option<OsVersion> {
    parse(text, releases).or_else(|| parse(machine_image::release_of(text.trim())?, releases))
}

/// Reads what an image says of itself, `os.version` in a registry: `10.0.17763.437`, or without a revision.
pub fn of_image(text: &str) -> Option<OsVersion> {
    plain(text.trim().strip_prefix("10.0.")?)
}

/// Finds the first `10.0.BUILD` or `10.0.BUILD.REVISION` in a sentence.
pub fn first_in(text: &str) -> Option<OsVersion> {
    let (_, rest) = text.split_once("10.0.")?;
    let digits = |text: &str| text.len() - text.trim_start_matches(|it: char| it.is_ascii_digit()).len();
    let build = rest.get(..digits(rest))?;
    let after = rest.get(build.len()..).and_then(|after| after.strip_prefix('.')).unwrap_or_default();
    let revision = after.get(..digits(after)).and_then(|it| it.parse().ok());
    (build.len() == 5).then(|| build.parse().ok())?.map(|build| OsVersion { build: Build(build), revision })
}

/// `20348`, `10.0.20348`, `10.0.17763.437`, `14393.1715`.
fn plain(text: &str) -> Option<OsVersion> {
    let text = text.strip_prefix("10.0.").unwrap_or(text);
    match text.split_once('.') {
        Some((number, fourth)) => Some(OsVersion { build: build(number)?, revision: Some(revision(fourth)?) }),
        None => Some(OsVersion { build: build(text)?, revision: None }),
    }
}

/// `14393.321.amd64fre.rs1_release_inmarket.161004-2338`.
fn build_lab(text: &str) -> Option<OsVersion> {
    let mut fields = text.split('.');
    let build = build(fields.next()?)?;
    let patched = revision(fields.next()?)?;
    let flavour = fields.next()?;
    if !flavour.ends_with("fre") && !flavour.ends_with("chk") {
        return None;
    }
    // Cumulative updates rewrite this string on 14393 only. Later builds keep that of their first day for ever
    // (`17763.1.amd64fre…`), whatever their revision is.
    let revision = (build == Build::WS2016).then_some(patched);
    Some(OsVersion { build, revision })
}

/// `10.0 16299 (16299.0.amd64fre.rs3_release.170922-1354)`: what Docker and old kubelets report.
fn kernel(text: &str) -> Option<OsVersion> {
    let (number, rest) = match text.strip_prefix("10.0 ")?.split_once(' ') {
        Some((number, rest)) => (number, Some(rest)),
        None => (text.strip_prefix("10.0 ")?, None),
    };
    let build = build(number)?;
    let Some(rest) = rest else { return Some(OsVersion { build, revision: None }) };
    let inner = rest.trim().strip_prefix('(')?.strip_suffix(')')?;
    build_lab(inner).filter(|version| version.build == build)
}

/// Whether `text` says that it is the OS of a server or of a client: the product in it, or a release that only one of them
/// has. None where it does not say so, as `ltsc2019` and `10.0.17763`, which are Windows 10 1809 too.
///
/// Engines print `Microsoft Windows Server Version 24H2 (OS Build 26100.4652)` on servers, and the same without `Server` on
/// clients (moby/moby `pkg/parsers/operatingsystem`, `windowsOSRelease.String`); until 2019 they printed the product's name.
pub fn kind(text: &str, releases: &Releases) -> Option<HostKind> {
    let text = text.trim();
    if let Some(release) = releases.by_name(text) {
        return Some(release.kind).filter(|kind| *kind == HostKind::Client);
    }
    if machine_image::release_of(text).is_some() {
        return Some(HostKind::Server);
    }
    let lower = text.to_ascii_lowercase();
    let product = lower.strip_prefix("microsoft ").unwrap_or(&lower).strip_prefix("windows ")?;
    let is =
        |word: &str| product.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|it: char| it.is_alphanumeric()));
    if is("server") {
        Some(HostKind::Server)
    } else if is("10") || is("11") || product.starts_with("version ") || product.starts_with("(os build ") {
        Some(HostKind::Client)
    } else {
        None
    }
}

/// `Microsoft Windows [Version 10.0.16299.125]`, `… (OS Build 20348.2700)`, `Microsoft Windows 10 Pro (Build 19045)`.
fn bracketed(text: &str) -> Option<OsVersion> {
    [("[Version ", ']'), ("(OS Build ", ')'), ("(Build ", ')')].into_iter().find_map(|(open, close)| {
        let (_, rest) = text.split_once(open)?;
        let (version, _) = rest.split_once(close)?;
        plain(version.trim())
    })
}

/// `Windows Server 2022 Datacenter`, with or without `Microsoft` before it, or `Windows 11 Enterprise, version 24H2`.
fn product(text: &str, releases: &Releases) -> Option<OsVersion> {
    let text = text.strip_prefix("Microsoft ").unwrap_or(text);
    let starts = |title: &str| {
        let (start, rest) = text.split_at_checked(title.len())?;
        (start.eq_ignore_ascii_case(title) && (rest.is_empty() || rest.starts_with(' '))).then_some(())
    };
    let titled = releases.iter().filter(|release| starts(&release.title).is_some()).max_by_key(|row| row.title.len());
    let release = titled.or_else(|| client(text, releases))?;
    Some(OsVersion { build: release.build, revision: None })
}

/// `Windows 11 Pro 24H2`, `Windows 10 Enterprise, version 22H2`: the product, its edition, and its version last.
fn client<'r>(text: &str, releases: &'r Releases) -> Option<&'r Release> {
    let product = ["Windows 10", "Windows 11"].into_iter().find(|product| {
        let start = text.split_at_checked(product.len());
        start.is_some_and(|(start, rest)| start.eq_ignore_ascii_case(product) && rest.starts_with([' ', ',']))
    })?;
    let version = text.rsplit(' ').next()?.trim_matches(['(', ')']);
    let title = format!("{product} {version}");
    releases.iter().find(|release| release.kind == HostKind::Client && release.title.eq_ignore_ascii_case(&title))
}

/// A build has five digits; that distinguishes it from a release such as `2004`.
pub(super) fn build(text: &str) -> Option<Build> {
    (text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0'))
        .then(|| text.parse().ok().map(Build))
        .flatten()
}

/// One to five digits.
pub(super) fn revision(text: &str) -> Option<u16> {
    ((1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// Whether a text is an OS version with its fields written out, not a release.
pub fn is_written_out(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// The build in `20348` or `10.0.20348`.
pub fn build_number(text: &str) -> Option<u16> {
    text.strip_prefix(PREFIX).unwrap_or(text).parse().ok()
}

/// The first two fields of every OS version.
const PREFIX: &str = "10.0.";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(u16, Option<u16>)> {
        parse(text, &Releases::default()).map(|version| (version.build.0, version.revision))
    }

    #[test]
    fn every_form_is_read() {
        let table: [(&str, u16, Option<u16>); 36] = [
            ("ltsc2022", 20348, None),
            ("LTSC2022", 20348, None),
            ("1809", 17763, None),
            ("20H2", 19042, None),
            ("20h2", 19042, None),
            ("2009", 19042, None),
            ("2004", 19041, None),
            ("sac2016", 14393, None),
            ("1607", 14393, None),
            ("win11-24h2", 26100, None),
            ("20348", 20348, None),
            ("10.0.20348", 20348, None),
            ("10.0.17763.437", 17763, Some(437)),
            ("10.0.26100.33296", 26100, Some(33296)),
            ("14393.1715", 14393, Some(1715)),
            ("14393.321.amd64fre.rs1_release_inmarket.161004-2338", 14393, Some(321)),
            ("14393.1715.amd64fre.rs1_release_inmarket.170906-1810", 14393, Some(1715)),
            ("10.0 14393 (14393.1715.amd64fre.rs1_release_inmarket.170906-1810)", 14393, Some(1715)),
            ("10.0 16299 (16299.0.amd64fre.rs3_release.170922-1354)", 16299, None),
            ("Microsoft Windows [Version 10.0.16299.125]", 16299, Some(125)),
            ("Microsoft Windows Server Version 21H2 (OS Build 20348.2700)", 20348, Some(2700)),
            ("Windows Server 2022 Datacenter", 20348, None),
            ("Microsoft Windows Server 2019 Standard", 17763, None),
            ("  ltsc2025 ", 26100, None),
            ("Windows 11 24H2", 26100, None),
            ("Windows 10 22H2", 19045, None),
            ("windows 11 23h2", 22631, None),
            ("Windows 10 21H2", 19044, None),
            ("Windows 11 21H2", 22000, None),
            ("Windows 11 Enterprise 24H2", 26100, None),
            ("Microsoft Windows 11 Pro, version 25H2", 26200, None),
            ("Windows 10 Enterprise (1809)", 17763, None),
            ("Microsoft Windows Version 24H2 (OS Build 26100.4652)", 26100, Some(4652)),
            ("Microsoft Windows Server Version 24H2 (OS Build 26100.4652)", 26100, Some(4652)),
            ("Windows 10 Enterprise Version 1803 (OS Build 17134.48)", 17134, Some(48)),
            ("Microsoft Windows 10 Pro (Build 19045)", 19045, None),
        ];
        for (text, build, revision) in table {
            assert_eq!(read(text), Some((build, revision)), "{text}");
        }
    }

    #[test]
    fn a_host_is_known_by_the_name_of_its_machine_image() {
        let table = [
            ("Windows2019", 17763),
            ("windows2022", 20348),
            ("Windows2025", 26100),
            ("WindowsAnnual", 25398),
            ("WINDOWS_CORE_2019_x86_64", 17763),
            ("WINDOWS_FULL_2025_x86_64", 26100),
            ("WindowsServer2022CoreContainer", 20348),
            ("WindowsServer2019FullContainer", 17763),
            ("WindowsServer2004CoreContainer", 19041),
            ("WindowsServer20H2CoreContainer", 19042),
            ("OS_VERSION_LTSC2022", 20348),
            ("WINDOWS_SERVER_2016_FULL", 14393),
            ("WINDOWS_SERVER_20H2_CORE", 19042),
            (" windows-2022 ", 20348),
            ("Windows-2025", 26100),
            ("windows-2019", 17763),
            ("ltsc2022", 20348),
        ];
        for (text, build) in table {
            let version = of_host(text, &Releases::default());
            assert_eq!(version, Some(OsVersion { build: Build(build), revision: None }), "{text}");
        }
        let none =
            ["windows", "windows-latest", "Windows2008", "windows_core_2022", "OS_VERSION_LTSC", "linux", "2022"];
        for text in none {
            assert_eq!(of_host(text, &Releases::default()), None, "{text}");
        }
        let kind = |text| kind(text, &Releases::default());
        assert_eq!((kind("Windows2025"), kind("windows-2025")), (Some(HostKind::Server), Some(HostKind::Server)));
        // An image is not called so.
        assert_eq!(read("Windows2022"), None);
    }

    #[test]
    fn what_is_no_os_version_is_not_read() {
        let table = [
            "",
            "linux",
            "2019",
            "2022",
            "ltsc",
            "ltsc2017",
            "21H2",
            "10.0",
            "10.0.",
            "10.0.1809",
            "1809.1",
            "203480",
            "01234",
            "70000",
            "10.0.20348.",
            "10.0.20348.123456",
            "10.0.20348.x",
            "20348.1.notabuild",
            "10.0 16299 (17763.1.amd64fre.x)",
            "Windows",
            "Windows Server",
            "Windows Server 20222",
            "Microsoft Windows [Version 6.3.9600]",
            "windows2022",
            "Windows 11",
            "Windows 11 Enterprise",
            "Windows 10 24H2",
            "Windows 11 1809",
            "Windows 111 24H2",
            "Microsoft Windows 10 Pro (Build 7)",
        ];
        for text in table {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn products_and_releases_of_clients_say_what_kind_they_are() {
        let (server, client) = (Some(HostKind::Server), Some(HostKind::Client));
        let table = [
            ("Windows 11 24H2", client),
            ("win11-24h2", client),
            ("25H2", client),
            ("1703", client),
            ("Windows 10 Enterprise Version 1803 (OS Build 17134.48)", client),
            ("Microsoft Windows Version 24H2 (OS Build 26100.4652)", client),
            ("Microsoft Windows (OS Build 26100)", client),
            ("microsoft windows 10 pro (Build 19045)", client),
            ("Microsoft Windows Server Version 24H2 (OS Build 26100.4652)", server),
            ("Windows Server 2022 Datacenter", server),
            ("Windows Server, version 23H2", server),
            ("ltsc2019", None),
            ("1809", None),
            ("10.0.26100", None),
            ("Microsoft Windows [Version 10.0.26100.4652]", None),
            ("10.0 16299 (16299.0.amd64fre.rs3_release.170922-1354)", None),
            ("Windows 100", None),
            ("linux", None),
        ];
        for (text, expected) in table {
            assert_eq!(kind(text, &Releases::default()), expected, "{text}");
        }
    }
}
