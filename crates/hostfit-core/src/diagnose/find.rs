//! The words by which errors are known, and where they stand in a message.

use std::{ops::Range, sync::LazyLock};

use memchr::memmem::Finder;

use super::{
    error::{Error, fault_of},
    message::{Message, floor},
};
use crate::windows::{OsVersion, nano_server, release::Releases, version};

/// The words by which an error is known, in lower case.
struct Row {
    error: Error,
    /// What it starts with.
    needle: &'static str,
    /// What follows within so many bytes, blanks not counted; all of it, or one of what a stroke parts.
    near: &'static [&'static str],
    within: usize,
}

const fn row(error: Error, needle: &'static str) -> Row {
    Row { error, needle, near: &[], within: 0 }
}

const fn rows(error: Error, needle: &'static str, within: usize, near: &'static [&'static str]) -> Row {
    Row { error, needle, near, within }
}

/// A container's id stands between a call and what came of it.
const CALL: usize = 160;

/// What Windows says of a missing file, in the languages that people pasted.
const NO_FILE: &str = "the system cannot find the file specified|das system kann die angegebene datei nicht finden|\
    le fichier spécifié est introuvable";

/// The same of a missing folder.
const NO_PATH: &str = "the system cannot find the path specified|das system kann den angegebenen pfad nicht finden|\
    le chemin d'accès spécifié est introuvable|system can not find the specified path";

/// The rows in front claim what they match. Sources: microsoft/hcsshim `internal/hcs/errors.go`; moby
/// `daemon/internal/distribution/pull_v2_windows.go`, `daemon/containerd/image_pull.go`, `daemon/daemon_windows.go`,
/// `hostconfig_windows.go`; swarmkit `manager/constraint/constraint.go`, `manager/scheduler/filter.go`; kubernetes
/// `pkg/kubelet/lifecycle/predicate.go`, `pkg/apis/core/validation/validation.go`; the numbers are those of `ntstatus.h`
/// and `hcserror.h`, as hexadecimal, unsigned and signed.
const ROWS: &[Row] = &[
    row(Error::OsMismatch, "operating system of the container does not match the operating system of the host"),
    row(Error::OsMismatch, "container operating system does not match the host operating system"),
    row(Error::OsMismatch, "0xc0370101"),
    row(Error::OsMismatch, "3224830209"),
    row(Error::OsMismatch, "-1070137087"),
    rows(Error::StoreNoMatch, "no matching manifest for windows(", 120, &["no match for platform in manifest"]),
    row(Error::Architecture, "no matching manifest for windows/arm"),
    rows(Error::Architecture, "no matching manifest for windows(10.0.", 12, &[")/arm"]),
    row(Error::NoWindowsManifest, "no matching manifest for windows/"),
    row(Error::NoWindowsManifest, "no matching manifest for windows("),
    row(Error::NoManifest, "no matching manifest for unknown in the manifest list"),
    row(Error::NoLinuxManifest, "no matching manifest for linux/amd64"),
    row(Error::NoPlatform, "no match for platform in manifest"),
    rows(Error::NewerImage, "a windows version 10.0.", 80, &["-based image is incompatible with a 10.0."]),
    row(Error::LinuxEngine, "image operating system \"windows\" cannot be used on this platform"),
    row(Error::WindowsEngine, "image operating system \"linux\" cannot be used on this platform"),
    row(Error::LinuxEngine, "doesn't support specified os 'linux'"),
    row(Error::WindowsEngine, "doesn't support specified os 'windows'"),
    row(Error::PlatformVersion, "cannot run this operating system/version in windows containers"),
    rows(Error::PlatformVersion, "the os version of image '", 300, &["is not supported"]),
    rows(Error::PlatformVersion, "the container os version ", CALL, &["is not supported"]),
    row(Error::PlatformVersion, "unsupported windows image version"),
    row(Error::PlatformVersion, "osversionnotsupported"),
    row(Error::HistoryCheck, "container image history check failed"),
    row(Error::UnexpectedExit, "0xc0370106"),
    row(Error::UnexpectedExit, "the virtual machine or container exited unexpectedly"),
    row(Error::UnexpectedExit, "the compute system exited unexpectedly"),
    row(Error::UnexpectedExit, "3224830214"),
    row(Error::UnexpectedExit, "-1070137082"),
    row(Error::LayerFormat, "0xc0370112"),
    row(Error::LayerFormat, "contains a layer with an unrecognized format"),
    row(Error::LayerFormat, "3224830226"),
    row(Error::LayerFormat, "-1070137070"),
    rows(Error::ImportLayer, "hcsshim::importlayer", CALL, &[NO_FILE]),
    rows(Error::ImportLayer, "processutilityvmimage", 300, &[NO_PATH]),
    rows(Error::LinuxLayers, "processbaselayer", 300, &[NO_PATH]),
    rows(Error::CreateSystem, "createcomputesystem", CALL, &[NO_FILE]),
    row(Error::ClientIsolation, "windows client operating systems only support hyper-v containers"),
    row(
        Error::ClientIsolation,
        "windows client operating systems earlier than version 1809 can only run hyper-v containers",
    ),
    rows(Error::InvalidIsolation, "invalid isolation: \"", CALL, &["windows supports 'default'"]),
    rows(Error::InvalidIsolation, "invalid --isolation: \"", CALL, &["windows supports 'default'"]),
    rows(Error::InvalidIsolation, "invalid isolation '", 40, &["' on windows"]),
    rows(Error::LinuxIsolation, "invalid isolation: \"", CALL, &["only supports 'default'"]),
    rows(Error::LinuxIsolation, "invalid --isolation: \"", CALL, &["only supports 'default'"]),
    rows(Error::LinuxIsolation, "invalid isolation '", 40, &["' on linux"]),
    rows(Error::InvalidIsolation, "invalid isolation (", CALL, &["windows supports 'default', 'process', or 'hyperv'"]),
    rows(Error::LinuxIsolation, "invalid isolation (", CALL, &["linux only supports 'default'"]),
    row(Error::NoIsolationKey, "additional property isolation is not allowed"),
    row(Error::ConstraintOperator, "constraint expected one operator from ==, !="),
    rows(Error::NoSuitableNode, "no suitable node (", CALL, &["scheduling constraints not satisfied"]),
    rows(Error::NoSuitableNode, "no suitable node (", CALL, &["unsupported platform on"]),
    row(Error::OsField, "failed to admit pod as the os field doesn't match node os"),
    row(Error::OsField, "podosnotsupported"),
    row(Error::OsLabel, "failed to admit pod as the `kubernetes.io/os` label doesn't match node label"),
    row(Error::OsLabel, "podosselectornodelabeldoesnotmatch"),
    row(Error::NodeSelector, "node(s) didn't match pod's node affinity"),
    row(Error::NodeSelector, "node(s) didn't match node selector"),
    row(Error::NodeSelector, "matchnodeselector ("),
    rows(Error::Taint, "had untolerated taint {", 60, &["windows"]),
    rows(Error::Taint, "had untolerated taint(s) {", 60, &["windows"]),
    rows(Error::Taint, "had taint {", 120, &["windows", "that the pod didn't tolerate"]),
    rows(Error::Chown, ": chown ", 600, &["kubelet|kubernetes.io~", "not supported by windows"]),
    row(Error::EksSelector, "pod does not have label vpc.amazonaws.com/privateipv4address"),
    row(Error::PodField, "cannot be set for a windows pod"),
    row(Error::PodField, "windows options cannot be set for a linux pod"),
    row(Error::HostProcess, "hostnetwork must be true if pod contains any hostprocess containers"),
    row(Error::HostProcess, "if pod contains any hostprocess containers then all containers must be hostprocess"),
    row(Error::HostProcess, "hostprocess containers are disallowed by cluster policy"),
    rows(Error::MissingProgram, "system::createprocess", 400, &[NO_FILE]),
    row(Error::MissingProgram, "'powershell' is not recognized"),
    row(Error::MissingProgram, "'powershell.exe' is not recognized"),
    row(Error::Baseline, "3221225794"),
    row(Error::Baseline, "-1073741502"),
    row(Error::Baseline, "0xc0000142"),
    row(Error::Baseline, "3221225785"),
    row(Error::Baseline, "-1073741511"),
    row(Error::Baseline, "0xc0000139"),
    row(Error::EngineTooNew, "this version of windows does not support the docker daemon"),
];

/// A known error in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) error: Error,
    /// Offsets in the message as [`Message::plain`] has it.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) image: Option<String>,
    pub(super) image_version: Option<OsVersion>,
    pub(super) host_version: Option<OsVersion>,
}

/// So many of one kind are looked at; nobody reads more.
const MOST: usize = 1000;

/// A row as it is searched: consoles break lines within words, so that blanks do not count.
struct Search {
    row: &'static Row,
    finder: Finder<'static>,
    /// Each is one of several.
    near: Vec<Vec<String>>,
}

/// Made once: a text has many messages.
static SEARCHES: LazyLock<Vec<Search>> = LazyLock::new(|| ROWS.iter().map(Search::new).collect());

impl Search {
    fn new(row: &'static Row) -> Self {
        let tight = |text: &str| text.replace(' ', "");
        let near = row.near.iter().map(|near| near.split('|').map(tight).collect());
        Self { row, finder: Finder::new(&tight(row.needle)).into_owned(), near: near.collect() }
    }

    /// Where its words stand in `lower`, if those that begin at a place of `tight` are all there.
    fn place(&self, message: &Message, start: usize) -> Option<Range<usize>> {
        let tight = message.tight().as_bytes();
        let end = start + self.finder.needle().len();
        let rest = tight.get(end..tight.len().min(end + self.row.within)).unwrap_or_default();
        let mut last = end;
        for near in &self.near {
            let ends = near.iter().filter_map(|it| Some(memchr::memmem::find(rest, it.as_bytes())? + it.len()));
            last = last.max(end + ends.min()?);
        }
        message.loosened(start..last)
    }
}

/// All known errors in a message, in order of their places.
pub(super) fn all_in(message: &Message) -> Vec<Found> {
    let lower = message.lower();
    let mut found: Vec<Found> = Vec::new();
    for search in SEARCHES.iter() {
        let (error, needle) = (search.row.error, search.row.needle);
        for at in search.finder.find_iter(message.tight().as_bytes()).take(MOST) {
            let Some(Range { start, end }) = search.place(message, at) else { continue };
            if is_word(lower, needle, start..end) && is_stated(error, lower, start, end) {
                let start = if error.is_of_scheduler() { sentence_of_scheduler(message, start) } else { start };
                found.push(Found::new(error, message, start, end));
            }
        }
    }
    found.extend(message.refused_images().filter_map(|(image, at)| {
        let (image_version, host_version) = (None, None);
        let error = fault_of(&image)?;
        Some(Found { error, start: at.start, end: at.end, image: Some(image), image_version, host_version })
    }));
    // Of what overlaps, the row in front counts.
    let mut order: Vec<_> = found.into_iter().enumerate().collect();
    order.sort_by_key(|(place, it)| (it.start, *place));
    let mut kept: Vec<Found> = Vec::new();
    for (_, found) in order {
        let Some(before) = kept.last_mut() else {
            kept.push(found);
            continue;
        };
        // Words and number of one error stand side by side.
        let is_same = before.error == found.error && before.image == found.image
            // The scheduler counts in one sentence why each node does not fit.
            || before.error.is_of_scheduler() && found.error.is_of_scheduler();
        if is_same && message.is_one_line(before.end, found.start) {
            // The taint says more than labels that nodes of the other system lack.
            if found.error == Error::Taint {
                before.error = Error::Taint;
            }
            before.end = before.end.max(found.end);
        } else if found.start >= before.end {
            kept.push(found);
        }
    }
    kept
}

/// Whether a number stands by itself.
fn is_word(lower: &str, needle: &str, at: Range<usize>) -> bool {
    if !needle.starts_with(|it: char| it.is_ascii_digit() || it == '-') {
        return true;
    }
    let bytes = lower.as_bytes();
    let joins = |byte: Option<&u8>| byte.is_some_and(|it| it.is_ascii_alphanumeric() || *it == b'_');
    !joins(at.start.checked_sub(1).and_then(|before| bytes.get(before))) && !joins(bytes.get(at.end))
}

/// Where `0/3 nodes are available: …` begins, if that is what a place is in.
fn sentence_of_scheduler(message: &Message, place: usize) -> usize {
    let (line, _) = message.line_of(place);
    let before = message.lower().get(line..place).unwrap_or_default();
    let counted = before.rfind(" nodes are available").and_then(|at| before.get(..at));
    counted.map_or(place, |counted| line + counted.rfind([' ', '"', ':']).map_or(0, |at| at + 1))
}

/// What stands before the command line of a process.
const KEY: &str = "\"commandline\":\"";

/// Whether words that may mean something else mean this here: a command line names what could not be started.
fn is_stated(error: Error, lower: &str, start: usize, end: usize) -> bool {
    if error != Error::MissingProgram {
        return true;
    }
    let window = lower.get(start..).unwrap_or_default();
    let near = window.as_bytes().get(..window.len().min(end - start + 2000)).unwrap_or_default();
    let Some(at) = memchr::memmem::find(near, KEY.as_bytes()) else { return true };
    let line = window.get(at + KEY.len()..).unwrap_or_default();
    let word = line.split([' ', '"']).next().unwrap_or_default();
    nano_server::missing(&word.replace("\\\\", "\\")).is_some()
}

impl Found {
    fn new(error: Error, message: &Message, start: usize, end: usize) -> Self {
        let text = message.lower().get(start..).unwrap_or_default();
        let (mut image_version, mut host_version) = (None, None);
        match error {
            Error::PlatformVersion => host_version = newest_of_platform(text),
            Error::NoWindowsManifest | Error::StoreNoMatch | Error::Architecture => {
                let line = text.get(..text.len().min(80)).or_else(|| text.lines().next()).unwrap_or_default();
                host_version = version::first_in(line);
            }
            Error::NewerImage => {
                image_version = version_after(text, "a windows version ");
                host_version = version_after(text, "incompatible with a ");
            }
            _ => {}
        }
        Self { error, start, end, image: None, image_version, host_version }
    }
}

/// The newest Windows that a hosted platform says it runs: `Maximum supported OS version is 10.0.17763.9999`, or
/// `Supported versions are 'Windows Server 2016 - Before 2B, Windows Server, Version 2004'`.
fn newest_of_platform(text: &str) -> Option<OsVersion> {
    let text = text.get(..floor(text, text.len().min(PLATFORM))).unwrap_or_default();
    let of_build = |version: OsVersion| OsVersion { revision: None, ..version };
    if let Some((_, rest)) = text.split_once("maximum supported os version is ") {
        return version::first_in(rest).map(of_build);
    }
    let (_, list) = text.split_once("supported versions are '")?;
    let releases = Releases::default();
    let names = list.split('\'').next()?.split("windows server").skip(1);
    let names = names.filter_map(|name| name.split(" - ").next()).map(|it| it.trim_matches([',', ' ']));
    let read = |name: &str| {
        let title = if name.starts_with("version") { ", " } else { " " };
        version::parse(&format!("Windows Server{title}{name}"), &releases)
    };
    names.filter_map(read).map(of_build).max_by_key(|it| it.build)
}

/// The list of versions is not longer.
const PLATFORM: usize = 600;

fn version_after(text: &str, words: &str) -> Option<OsVersion> {
    version::first_in(text.split_once(words)?.1)
}
