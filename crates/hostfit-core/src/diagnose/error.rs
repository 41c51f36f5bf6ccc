//! The known errors and the words by which they are told.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::message::Message;
use crate::{
    source::Span,
    text::Text,
    windows::{
        OsVersion,
        image::{self, Fault},
        nano_server,
        release::Releases,
        version,
    },
};

/// A known error. What several programs say of the same failure is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Error {
    /// 0xc0370101: the container's Windows does not fit the host's.
    OsMismatch,
    /// The containerd store of Docker finds no image for this Windows in the list.
    StoreNoMatch,
    /// The list has no image that this Windows host takes.
    NoWindowsManifest,
    /// The same, of engines that did not know their own name.
    NoManifest,
    /// The list has no Linux image.
    NoLinuxManifest,
    /// containerd finds no image for the host.
    NoPlatform,
    /// The image's build is above the host's.
    NewerImage,
    /// A Windows image on an engine for Linux.
    LinuxEngine,
    /// A Linux image on an engine for Windows.
    WindowsEngine,
    /// 0xc0370106: the container ended before it had started.
    UnexpectedExit,
    /// 0xc0370112: the host does not know the format of a layer.
    LayerFormat,
    /// A layer could not be unpacked.
    ImportLayer,
    /// The container's system could not be made, since a file is missing.
    CreateSystem,
    /// Process isolation on a client, which the engine does not know yet.
    ClientIsolation,
    /// No isolation mode of Windows.
    InvalidIsolation,
    /// An isolation mode on an engine for Linux.
    LinuxIsolation,
    /// The schema of the stack file has no `isolation`.
    NoIsolationKey,
    /// `latest`, where it is not published.
    UnpublishedLatest,
    /// A repository that is gone.
    RetiredRepository,
    /// A name that no registry serves.
    InvalidRepository,
    /// A tag that was never published.
    UnknownTag,
    /// A constraint without `==` and `!=`.
    ConstraintOperator,
    /// No node satisfies the service's constraints, or has its platform.
    NoSuitableNode,
    /// `spec.os.name` is not the node's.
    OsField,
    /// A pod's label contradicts the node's.
    OsLabel,
    /// No node has the labels that the pod asks for.
    NodeSelector,
    /// The pod does not tolerate the taint of Windows nodes.
    Taint,
    /// A field that Windows pods must not have, or Windows options on a Linux pod.
    PodField,
    /// What HostProcess containers want is missing.
    HostProcess,
    /// A program that is not in the image.
    MissingProgram,
    /// Exit codes of images and hosts from before and after February 2020.
    Baseline,
    /// The engine needs a newer Windows.
    EngineTooNew,
    /// The table cut the error off.
    CutOff,
}

/// All of them.
pub const ALL: [Error; 33] = [
    Error::OsMismatch,
    Error::StoreNoMatch,
    Error::NoWindowsManifest,
    Error::NoManifest,
    Error::NoLinuxManifest,
    Error::NoPlatform,
    Error::NewerImage,
    Error::LinuxEngine,
    Error::WindowsEngine,
    Error::UnexpectedExit,
    Error::LayerFormat,
    Error::ImportLayer,
    Error::CreateSystem,
    Error::ClientIsolation,
    Error::InvalidIsolation,
    Error::LinuxIsolation,
    Error::NoIsolationKey,
    Error::UnpublishedLatest,
    Error::RetiredRepository,
    Error::InvalidRepository,
    Error::UnknownTag,
    Error::ConstraintOperator,
    Error::NoSuitableNode,
    Error::OsField,
    Error::OsLabel,
    Error::NodeSelector,
    Error::Taint,
    Error::PodField,
    Error::HostProcess,
    Error::MissingProgram,
    Error::Baseline,
    Error::EngineTooNew,
    Error::CutOff,
];

/// By which words an error is told, in lower case.
struct Row {
    error: Error,
    /// What it starts with.
    needle: &'static str,
    /// What follows within so many bytes; all of it.
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
    row(Error::NoWindowsManifest, "no matching manifest for windows/"),
    row(Error::NoWindowsManifest, "no matching manifest for windows("),
    row(Error::NoManifest, "no matching manifest for unknown in the manifest list"),
    row(Error::NoLinuxManifest, "no matching manifest for linux/amd64"),
    row(Error::NoPlatform, "no match for platform in manifest"),
    rows(Error::NewerImage, "a windows version 10.0.", 80, &["-based image is incompatible with a 10.0."]),
    row(Error::LinuxEngine, "image operating system \"windows\" cannot be used on this platform"),
    row(Error::WindowsEngine, "image operating system \"linux\" cannot be used on this platform"),
    row(Error::UnexpectedExit, "0xc0370106"),
    row(Error::UnexpectedExit, "the virtual machine or container exited unexpectedly"),
    row(Error::UnexpectedExit, "the compute system exited unexpectedly"),
    row(Error::UnexpectedExit, "3224830214"),
    row(Error::UnexpectedExit, "-1070137082"),
    row(Error::LayerFormat, "0xc0370112"),
    row(Error::LayerFormat, "contains a layer with an unrecognized format"),
    row(Error::LayerFormat, "3224830226"),
    row(Error::LayerFormat, "-1070137070"),
    rows(Error::ImportLayer, "hcsshim::importlayer", CALL, &["the system cannot find the file specified"]),
    rows(Error::CreateSystem, "createcomputesystem", CALL, &["the system cannot find the file specified"]),
    row(Error::ClientIsolation, "windows client operating systems only support hyper-v containers"),
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
    row(Error::PodField, "cannot be set for a windows pod"),
    row(Error::PodField, "windows options cannot be set for a linux pod"),
    row(Error::HostProcess, "hostnetwork must be true if pod contains any hostprocess containers"),
    row(Error::HostProcess, "if pod contains any hostprocess containers then all containers must be hostprocess"),
    row(Error::HostProcess, "hostprocess containers are disallowed by cluster policy"),
    rows(Error::MissingProgram, "system::createprocess", 400, &["the system cannot find the file specified"]),
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

/// Made once: a text has many messages.
static FINDERS: LazyLock<Vec<(&Row, Finder)>> =
    LazyLock::new(|| ROWS.iter().map(|row| (row, Finder::new(row.needle))).collect());

/// All known errors in a message, in order of their places.
pub(super) fn all_in(message: &Message) -> Vec<Found> {
    let lower = message.lower();
    let mut found: Vec<Found> = Vec::new();
    for (row, finder) in FINDERS.iter() {
        for start in finder.find_iter(lower.as_bytes()).take(MOST) {
            let end = start + row.needle.len();
            let Some(end) = row.end(lower, start, end) else { continue };
            if is_word(lower, row.needle, start) && is_told(row.error, lower, start, end) {
                found.push(Found::new(row.error, message, start, end));
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
        let is_one =
            before.error == found.error && before.image == found.image && message.is_one_line(before.end, found.start);
        if is_one {
            before.end = before.end.max(found.end);
        } else if found.start >= before.end {
            kept.push(found);
        }
    }
    kept
}

impl Row {
    /// Where the last of its words end, if they are all there.
    fn end(&self, lower: &str, start: usize, end: usize) -> Option<usize> {
        let rest = lower.as_bytes().get(end..lower.len().min(end + self.within)).unwrap_or_default();
        let mut last = end;
        for near in self.near {
            let at = memchr::memmem::find(rest, near.as_bytes())?;
            last = last.max(end + at + near.len());
        }
        (last >= start).then_some(last)
    }
}

/// Whether a number stands by itself.
fn is_word(lower: &str, needle: &str, start: usize) -> bool {
    if !needle.starts_with(|it: char| it.is_ascii_digit() || it == '-') {
        return true;
    }
    let bytes = lower.as_bytes();
    let joins = |byte: Option<&u8>| byte.is_some_and(|it| it.is_ascii_alphanumeric() || *it == b'_');
    !joins(start.checked_sub(1).and_then(|before| bytes.get(before))) && !joins(bytes.get(start + needle.len()))
}

/// What stands before the command line of a process.
const KEY: &str = "\"commandline\":\"";

/// Whether words that may mean something else mean this here: a command line names what could not be started.
fn is_told(error: Error, lower: &str, start: usize, end: usize) -> bool {
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
            Error::NoWindowsManifest | Error::StoreNoMatch => {
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

/// What is wrong with a reference by itself.
fn fault_of(reference: &str) -> Option<Error> {
    let text = Text::literal(reference, Span::NOWHERE);
    Some(match *image::identify(&text, &[], &Releases::default()).fault? {
        Fault::InvalidRepository { .. } => Error::InvalidRepository,
        Fault::RetiredRepository { .. } => Error::RetiredRepository,
        Fault::UnpublishedLatest { .. } => Error::UnpublishedLatest,
        Fault::UnknownTag { .. } => Error::UnknownTag,
        Fault::Insider { .. } => return None,
    })
}

fn version_after(text: &str, words: &str) -> Option<OsVersion> {
    version::first_in(text.split_once(words)?.1)
}

impl Error {
    /// A name for programs.
    pub fn id(self) -> &'static str {
        match self {
            Self::OsMismatch => "os-mismatch",
            Self::StoreNoMatch => "store-no-match",
            Self::NoWindowsManifest => "no-windows-manifest",
            Self::NoManifest => "no-manifest",
            Self::NoLinuxManifest => "no-linux-manifest",
            Self::NoPlatform => "no-platform",
            Self::NewerImage => "newer-image",
            Self::LinuxEngine => "linux-engine",
            Self::WindowsEngine => "windows-engine",
            Self::UnexpectedExit => "unexpected-exit",
            Self::LayerFormat => "layer-format",
            Self::ImportLayer => "import-layer",
            Self::CreateSystem => "create-system",
            Self::ClientIsolation => "client-isolation",
            Self::InvalidIsolation => "invalid-isolation",
            Self::LinuxIsolation => "linux-isolation",
            Self::NoIsolationKey => "no-isolation-key",
            Self::UnpublishedLatest => "unpublished-latest",
            Self::RetiredRepository => "retired-repository",
            Self::InvalidRepository => "invalid-repository",
            Self::UnknownTag => "unknown-tag",
            Self::ConstraintOperator => "constraint-operator",
            Self::NoSuitableNode => "no-suitable-node",
            Self::OsField => "os-field",
            Self::OsLabel => "os-label",
            Self::NodeSelector => "node-selector",
            Self::Taint => "taint",
            Self::PodField => "pod-field",
            Self::HostProcess => "host-process",
            Self::MissingProgram => "missing-program",
            Self::Baseline => "baseline",
            Self::EngineTooNew => "engine-too-new",
            Self::CutOff => "cut-off",
        }
    }
}
