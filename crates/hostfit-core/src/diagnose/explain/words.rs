//! What each error means by itself, what to do about it, and which rules foresee it.
//!
//! The causes are those of Microsoft's page "Windows container version compatibility" (VC), of the programs that print the
//! errors (see [`error`](crate::diagnose::error)), and of the threads named beside them.

use crate::{
    diagnose::{Error, Incident},
    windows::{HostKind, OsVersion, release::Releases},
};

/// An error by itself.
pub(super) struct General {
    pub(super) cause: String,
    pub(super) mends: Vec<String>,
    /// The rule that foresees it best stands first.
    pub(super) rules: &'static [&'static str],
}

/// Rules about an image that does not fit its host.
const MISFIT: &[&str] = &[
    "build-mismatch",
    "image-newer-than-host",
    "missing-build-selector",
    "missing-swarm-constraint",
    "placement-image-mismatch",
    "revision-mismatch",
    "process-on-client",
    "hyperv-unsupported",
    "runtime-refuses-image",
    "floating-revision",
    "host-dependent-tag",
    "undeclared-image-os",
];

/// Rules about an image of which there is none for the host.
const NO_MATCH: &[&str] = &[
    "image-newer-than-host",
    "no-windows-variant",
    "missing-os-selector",
    "linux-pod-unpinned",
    "runtime-refuses-image",
    "build-mismatch",
    "missing-build-selector",
    "missing-swarm-constraint",
    "placement-image-mismatch",
    "mixed-os-project",
    "platform-mismatch",
    "host-dependent-tag",
    "undeclared-image-os",
];

/// Rules about the wrong operating system.
const OS: &[&str] =
    &["mixed-os-project", "platform-mismatch", "missing-os-selector", "linux-pod-unpinned", "no-windows-variant"];

/// Rules about revisions.
const REVISION: &[&str] = &["revision-mismatch", "floating-revision", "build-mismatch", "missing-build-selector"];

/// Rules about selectors that nothing satisfies.
const PLACEMENT: &[&str] = &[
    "unset-node-label",
    "invalid-selector-value",
    "deprecated-node-label",
    "placement-image-mismatch",
    "unschedulable",
    "missing-toleration",
];

/// What is known of an incident without any file.
#[expect(clippy::too_many_lines, reason = "a table, one row for each error")]
pub(super) fn of(incident: &Incident) -> General {
    use Error as E;
    let image = incident.object.image.as_deref().map_or_else(|| "the image".to_owned(), |it| format!("`{it}`"));
    let on = incident.host_version.map(|it| format!(" ({})", Releases::default().describe_host(it, kind_of(it))));
    let on = on.unwrap_or_default();
    let say = |cause: String, mends: &[&str], rules| General {
        cause,
        mends: mends.iter().map(|it| (*it).to_owned()).collect(),
        rules,
    };
    match incident.error {
        E::OsMismatch if incident.sandbox => say(
            "The pod's sandbox did not start: the pause image that the kubelet or containerd is configured with has no image \
             for the Windows of this node. Images of the pod itself were not tried yet."
                .to_owned(),
            &[
                "configure a pause image that has this Windows build: `sandbox` in containerd's config.toml \
                 (`sandbox_image` before containerd 2), `--pod-infra-container-image` of old kubelets",
            ],
            MISFIT,
        ),
        E::OsMismatch => say(
            format!(
                "The Windows in {image} does not fit the host's: with process isolation both need the same build, on Windows \
                 Server 2016 the same revision too; only from Windows Server 2022 on hosts take older images, back to that one."
            ),
            &[
                "build on a release that the host runs, or place the container on hosts that fit",
                "on Docker and Swarm, if the host is newer: run it with `isolation: hyperv`",
            ],
            MISFIT,
        ),
        E::StoreNoMatch => say(
            format!(
                "Docker's containerd image store finds no image of {image} for this host{on}: its matcher takes older releases \
                 back to the last LTSC below the host only, so that Docker 29.0 to 29.7 refuse ltsc2022 on Windows 11 25H2 and later, \
                 which Windows itself would run."
            ),
            &[
                "use an ltsc2025 image",
                "or switch Docker's containerd image store off (`\"features\": {\"containerd-snapshotter\": false}` in daemon.json)",
            ],
            &["runtime-refuses-image", "image-newer-than-host", "no-windows-variant", "build-mismatch", "undeclared-image-os"],
        ),
        E::NoWindowsManifest | E::NoManifest => say(
            format!(
                "Nothing in the list of {image} is for this Windows host{on}: either its Windows images are newer than the host, which \
                 no isolation mode helps, or it has Linux images only."
            ),
            &[
                "use a tag of the host's release or an older one",
                "for a Linux image, switch the engine to Linux containers or run it on a Linux host",
            ],
            NO_MATCH,
        ),
        E::NoLinuxManifest => say(
            format!("The engine runs Linux containers (or the node is a Linux one), and {image} has no Linux image for amd64."),
            &["for a Windows image, switch the engine to Windows containers, or place it on Windows nodes"],
            OS,
        ),
        E::NoPlatform => say(
            format!(
                "containerd finds no image of {image} for this node: it is a Linux image on a Windows node, a Windows image on a \
                 Linux node, or a Windows image of a build that the node does not take."
            ),
            &[
                "keep the pod on nodes of its operating system with `kubernetes.io/os` in its nodeSelector",
                "for a Windows image, pin the build with `node.kubernetes.io/windows-build`",
            ],
            NO_MATCH,
        ),
        E::NewerImage => say(
            format!(
                "The image's Windows{} is newer than the host's{on}. No isolation mode runs a newer image, and Docker does not even pull it.",
                incident.image_version.map(|it| format!(" ({})", Releases::default().describe(it))).unwrap_or_default()
            ),
            &["use a tag of the host's release or an older one, or a newer host"],
            &[
                "image-newer-than-host",
                "build-mismatch",
                "missing-swarm-constraint",
                "placement-image-mismatch",
                "host-dependent-tag",
                "undeclared-image-os",
            ],
        ),
        E::LinuxEngine => say(
            "A Windows image on an engine that runs Linux containers.".to_owned(),
            &["switch the engine to Windows containers, or run it on a Windows host"],
            OS,
        ),
        E::WindowsEngine => say(
            "A Linux image on an engine that runs Windows containers.".to_owned(),
            &["switch the engine to Linux containers, or run it on a Linux host"],
            OS,
        ),
        E::UnexpectedExit => say(
            "The container ended before it had started. Known causes are an image whose revision is newer than the host's patch level, \
             too little memory, and trouble of Hyper-V; the error does not tell which."
                .to_owned(),
            &["patch the host to the image's revision or later", "look for memory limits, and for virtualization on Hyper-V hosts"],
            REVISION,
        ),
        E::LayerFormat => say(
            "The host does not know the format of a layer: the image was made on a newer patch level of Windows.".to_owned(),
            &["patch the host"],
            REVISION,
        ),
        E::ImportLayer => say(
            "A layer could not be unpacked. Engines that don't compare versions at the pull say this where the image is newer than the \
             host."
                .to_owned(),
            &["use a tag of the host's release or an older one"],
            &["image-newer-than-host", "build-mismatch", "missing-build-selector", "missing-swarm-constraint", "undeclared-image-os"],
        ),
        E::CreateSystem => say(
            "The container's system could not be made. Windows 10 says this with process isolation where the image's build is not the host's."
                .to_owned(),
            &["run it with `--isolation=hyperv`, or use an image of the host's build"],
            &["process-on-client", "build-mismatch", "image-newer-than-host", "undeclared-image-os"],
        ),
        E::ClientIsolation => say(
            "Process isolation was asked for on a Windows 10 or 11 host, which Docker allows since 18.09.1 only.".to_owned(),
            &["update Docker, or leave the isolation to it"],
            &["process-on-client", "invalid-isolation"],
        ),
        E::InvalidIsolation => say(
            "That is no isolation mode; there are `default`, `process` and `hyperv`.".to_owned(),
            &["write one of them"],
            &["invalid-isolation", "invalid-daemon-config"],
        ),
        E::LinuxIsolation => say(
            "An isolation mode was asked for on an engine that runs Linux containers.".to_owned(),
            &["take `isolation` away, or run it on a Windows engine"],
            &["isolation-conflict", "invalid-isolation"],
        ),
        E::NoIsolationKey => say(
            "The version that the stack file declares has no `isolation`: it came with 3.5.".to_owned(),
            &["declare `version: \"3.5\"` or later"],
            &["invalid-isolation"],
        ),
        E::UnpublishedLatest => say(
            format!("{image} is not there: `latest` is not published for Windows base images since 2019-04-16."),
            &["name a release, as in `:ltsc2022`"],
            &["unpublished-latest"],
        ),
        E::RetiredRepository => say(
            format!("The repository of {image} is gone: Microsoft's images are on mcr.microsoft.com."),
            &["use its successor"],
            &["retired-repository"],
        ),
        E::InvalidRepository => say(
            format!("No registry serves the name of {image}."),
            &["write the whole name, as in `mcr.microsoft.com/windows/servercore`"],
            &["invalid-repository"],
        ),
        E::UnknownTag => say(
            format!("The tag of {image} was never published."),
            &["use a tag that is: `hostfit images` tells what hostfit knows of one"],
            &["unknown-tag"],
        ),
        E::ConstraintOperator => say(
            "A placement constraint compares with something else than `==` and `!=`; mostly it is a single `=`.".to_owned(),
            &["write `==`"],
            &["invalid-constraint"],
        ),
        E::NoSuitableNode => say(
            node_of_swarm(&incident.message),
            &["compare the constraints with `docker node inspect`: names of labels are case-sensitive, and there are no patterns"],
            &["unset-constraint-label", "invalid-constraint", "unschedulable", "placement-image-mismatch", "missing-swarm-constraint"],
        ),
        E::OsField => say(
            "`spec.os.name` of the pod is not the node's operating system. The field does not place a pod: a selector does.".to_owned(),
            &["add `kubernetes.io/os` to the nodeSelector"],
            &["os-field-mismatch", "missing-os-selector", "linux-pod-unpinned"],
        ),
        E::OsLabel => say(
            "The pod carries the label `kubernetes.io/os`, and its node has another value. The label of a pod does not place it: a selector \
             does."
                .to_owned(),
            &["move it from the labels to the nodeSelector"],
            &["missing-os-selector", "os-field-mismatch", "linux-pod-unpinned"],
        ),
        E::NodeSelector => say(
            "No node has all the labels that the pod's selector or affinity asks for.".to_owned(),
            &["compare them with `kubectl get nodes --show-labels`: values must be equal, without patterns"],
            PLACEMENT,
        ),
        E::Taint => say(
            "Windows nodes are tainted, and the pod does not tolerate the taint.".to_owned(),
            &["add the toleration if it is a Windows pod; if not, look at what keeps it off the Linux nodes"],
            &["missing-toleration", "unschedulable"],
        ),
        E::PodField => say(
            "The pod sets what pods of its `spec.os.name` must not set.".to_owned(),
            &["take the field away, or correct `spec.os.name`"],
            &["linux-field-on-windows", "os-field-mismatch"],
        ),
        E::HostProcess => say(
            "HostProcess containers need `hostNetwork: true`, stand alone in their pod, and must be allowed by the cluster.".to_owned(),
            &["set `hostNetwork: true`, and `hostProcess` for the whole pod"],
            &["invalid-host-process"],
        ),
        E::MissingProgram => say(
            "The program that is to be started is not in the image. Mostly it is PowerShell, which Nano Server lacks since version 1709."
                .to_owned(),
            &["start what the image has (`cmd`), use `mcr.microsoft.com/powershell`, or build on Server Core"],
            &["missing-in-nanoserver"],
        ),
        E::Baseline => say(
            "A program could not be loaded. This is what 32-bit programs end with where one of image and host is from before the \
             security update of February 2020, and the other is not."
                .to_owned(),
            &["bring image and host to one side of 2020-02-11: mostly, build on a newer revision"],
            &["revision-mismatch", "floating-revision"],
        ),
        E::EngineTooNew => say(
            "Docker 23 and later need Windows build 17763 (Windows Server 2019); this host is older.".to_owned(),
            &["take a newer Windows, or Docker 20.10"],
            &["engine-refuses-host"],
        ),
        E::CutOff => say(
            "The table cut the error off, so that nobody can say what it was.".to_owned(),
            &[],
            &[],
        )
        .with(incident.object.service.as_deref().unwrap_or("SERVICE")),
    }
}

impl General {
    fn with(mut self, service: &str) -> Self {
        self.mends.push(format!("print it whole: `docker service ps --no-trunc {service}`"));
        self
    }
}

/// What Swarm counts in brackets.
fn node_of_swarm(message: &str) -> String {
    let constraints = message.contains("constraints not satisfied");
    let platform = message.contains("unsupported platform");
    match (constraints, platform) {
        (true, true) => {
            "No node satisfies the service's placement constraints and has the operating system of its image."
        }
        (false, true) => "No node has the operating system of the service's image.",
        _ => "No node satisfies the service's placement constraints.",
    }
    .to_owned()
}

fn kind_of(version: OsVersion) -> HostKind {
    Releases::default().by_build(version.build).map_or_else(Default::default, |it| it.kind)
}
