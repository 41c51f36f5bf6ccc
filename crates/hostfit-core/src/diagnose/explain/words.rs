//! What each error means by itself, what to do about it, and which rules predict it.
//!
//! The causes are those of Microsoft's page "Windows container version compatibility" (VC), of the programs that print the
//! errors (see [`error`](crate::diagnose::error)), and of the threads named beside them.

use crate::{
    diagnose::{Error, Incident, Reporter},
    source::Span,
    text::Text,
    windows::{
        HostKind, Isolation, Os, OsVersion,
        image::{self, Identity},
        release::Releases,
    },
};

/// An error by itself.
pub(super) struct General {
    pub(super) cause: String,
    pub(super) help: Vec<String>,
    /// The rule that predicts it best stands first.
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

/// The same where the engine of a Docker host runs Windows containers.
const LINUX_IMAGE: &[&str] =
    &["mixed-os-project", "unschedulable", "platform-mismatch", "linux-pod-unpinned", "no-windows-variant"];

/// Rules about revisions.
const REVISION: &[&str] = &["revision-mismatch", "floating-revision", "build-mismatch", "missing-build-selector"];

/// Rules about images that are newer than their host.
const NEWER: &[&str] = &[
    "image-newer-than-host",
    "build-mismatch",
    "missing-build-selector",
    "missing-swarm-constraint",
    "placement-image-mismatch",
    "host-dependent-tag",
    "undeclared-image-os",
];

/// Rules about selectors that nothing satisfies.
const PLACEMENT: &[&str] = &[
    "unset-node-label",
    "invalid-selector-value",
    "deprecated-node-label",
    "placement-image-mismatch",
    "unschedulable",
    "missing-toleration",
];

/// What is known of an incident without any file, but for the kind of the `declared` hosts of that build.
#[expect(clippy::too_many_lines, reason = "a table, one row for each error")]
pub(super) fn of(incident: &Incident, declared: Option<HostKind>) -> General {
    use Error as E;
    let image = incident.object.image.as_deref().map_or_else(|| "the image".to_owned(), |it| format!("`{it}`"));
    let kind = |it: OsVersion| declared.unwrap_or_else(|| Releases::default().usual_kind(it.build));
    let host = incident.host_version.map(|it| Releases::default().describe_host(it, kind(it)));
    let on = host.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
    let say = |cause: String, help: &[&str], rules| General {
        cause: capital(&cause),
        help: help.iter().map(|it| (*it).to_owned()).collect(),
        rules,
    };
    if incident.is_of_pause() {
        return say(
            format!(
                "The pod's sandbox did not start, because {} has no variant for this node{on}. The images of the pod itself were \
                 not tried yet.",
                incident
                    .object
                    .image
                    .as_deref()
                    .map_or_else(|| "the pause image".to_owned(), |it| format!("the pause image `{it}`"))
            ),
            &["configure a pause image that has this Windows build: `sandbox` in containerd's config.toml \
                 (`sandbox_image` before containerd 2), `--pod-infra-container-image` of old kubelets"],
            MISFIT,
        );
    }
    match incident.error {
        E::OsMismatch => os_mismatch(incident, &image),
        E::StoreNoMatch => say(
            format!(
                "The containerd image store of Docker finds no variant of {image} for this host{on}. Its matcher takes images of older \
                 releases only back to the last LTSC below the host, so Docker 29.0 to 29.7 reject `ltsc2022` on Windows 11 25H2, which \
                 Windows itself would run."
            ),
            &[
                "use an `ltsc2025` image",
                "or disable the containerd image store: `\"features\": {\"containerd-snapshotter\": false}` in daemon.json",
            ],
            &["runtime-refuses-image", "image-newer-than-host", "no-windows-variant", "build-mismatch", "undeclared-image-os"],
        ),
        E::NoWindowsManifest | E::NoManifest if incident.image_os() == Some(Os::Linux) => say(
            format!("{image} is a Linux image, and the engine runs Windows containers{on}."),
            &["switch the engine to Linux containers, or run it on a Linux host"],
            LINUX_IMAGE,
        ),
        E::NoWindowsManifest | E::NoManifest if incident.image_os() == Some(Os::Windows) => say(
            format!("The Windows images of {image} are newer than the host{on}, which no isolation mode runs."),
            &["use a tag of the host's release or of an older one"],
            NO_MATCH,
        ),
        E::NoWindowsManifest | E::NoManifest => say(
            format!(
                "{image} has no variant for this Windows host{on}. Either its Windows images are newer than the host, which no \
                 isolation mode runs, or it has Linux images only."
            ),
            &[
                "use a tag of the host's release or of an older one",
                "for a Linux image, switch the engine to Linux containers or run it on a Linux host",
            ],
            NO_MATCH,
        ),
        E::NoLinuxManifest => say(
            format!("The engine runs Linux containers (or the node is a Linux one), and {image} has no Linux image for amd64."),
            &["for a Windows image, switch the engine to Windows containers, or place it on Windows nodes"],
            OS,
        ),
        E::NoPlatform => no_platform(incident, &image),
        E::NewerImage => say(
            format!(
                "The image's Windows{} is newer than the host's{on}. No isolation mode runs a newer image, and Docker does not even pull it.",
                incident.image_version.map(|it| format!(" ({})", Releases::default().describe(it))).unwrap_or_default()
            ),
            &["use a tag of the host's release or of an older one, or a newer host"],
            NEWER,
        ),
        E::LinuxEngine if incident.reporter == Some(Reporter::ContainerInstances) => say(
            format!("The container group is one for Linux containers, and {image} is a Windows image."),
            &["set `osType: Windows` for the container group (`--os-type Windows`)"],
            OS,
        ),
        E::WindowsEngine if incident.reporter == Some(Reporter::ContainerInstances) => say(
            format!("The container group is one for Windows containers, and {image} is a Linux image."),
            &["set `osType: Linux` for the container group (`--os-type Linux`)"],
            OS,
        ),
        E::LinuxEngine => say(
            format!("The engine runs Linux containers, and {image} is a Windows image."),
            &["switch the engine to Windows containers, or run it on a Windows host"],
            OS,
        ),
        E::WindowsEngine => say(
            format!("The engine runs Windows containers, and {image} is a Linux image."),
            &["switch the engine to Linux containers, or run it on a Linux host"],
            LINUX_IMAGE,
        ),
        E::LinuxLayers => say(
            format!(
                "The first layer of {image} is not one of Windows. Unpacking a Linux image on a Windows host ends like this when the engine \
                 does not compare operating systems first."
            ),
            &["run it on a Linux host or with Linux containers, or name an image that is made for Windows"],
            OS,
        ),
        E::Architecture => say(
            format!(
                "The host runs Windows on Arm64{on}, and {image} has no variant for that architecture. The version of Windows does not \
                 matter here."
            ),
            &["run it on an x64 host, or name an image that has a variant for `windows/arm64`"],
            &[],
        ),
        E::UnexpectedExit => say(
            "The container ended before it had started. Known causes are an image whose revision is newer than the host's patch level, \
             too little memory, and Hyper-V problems. The error does not say which."
                .to_owned(),
            &["update the host to the image's revision or a later one", "check memory limits, and virtualization on Hyper-V hosts"],
            REVISION,
        ),
        E::LayerFormat => say(
            "The host does not know the format of a layer: the image was made on a newer patch level of Windows.".to_owned(),
            &["update the host"],
            REVISION,
        ),
        E::ImportLayer => say(
            format!("A layer of {image} could not be unpacked. Engines that do not compare versions when they pull report this for an image that is newer than the host."),
            &["use a tag of the host's release or of an older one"],
            NEWER,
        ),
        E::CreateSystem => {
            let advice = match incident.isolation {
                Some(Isolation::Hyperv) => "use an image of the host's build",
                _ => "run it with `--isolation=hyperv`, or use an image of the host's build",
            };
            say(
                format!("The container could not be created. Windows 10 reports this with process isolation where the build of {image} is not the host's."),
                &[advice],
                &["process-on-client", "build-mismatch", "image-newer-than-host", "undeclared-image-os"],
            )
        }
        E::ClientIsolation if incident.message.contains("operating systems earlier than") => say(
            "Process isolation was requested on a Windows 10 host that is older than version 1809 (10.0.17763). Docker runs only Hyper-V \
             isolation there."
                .to_owned(),
            &["remove `--isolation=process` (`isolation: process`), or update the host to Windows 10 1809 or later"],
            &["process-on-client", "invalid-isolation"],
        ),
        E::ClientIsolation => say(
            "Process isolation was requested on a Windows 10 or 11 host, which Docker allows since 18.09.1.".to_owned(),
            &["update Docker, or remove `--isolation=process` (`isolation: process`)"],
            &["process-on-client", "invalid-isolation"],
        ),
        E::InvalidIsolation => say(
            "The isolation mode does not exist. Docker knows `default`, `process` and `hyperv`.".to_owned(),
            &["write `hyperv` or `process`"],
            &["invalid-isolation", "invalid-daemon-config"],
        ),
        E::LinuxIsolation => say(
            "An isolation mode was requested from an engine that runs Linux containers.".to_owned(),
            &["switch the engine to Windows containers, or remove the isolation mode"],
            &["isolation-conflict", "invalid-isolation"],
        ),
        E::NoIsolationKey => say(
            "The schema that the stack file declares has no `isolation`, which came with 3.5.".to_owned(),
            &["declare `version: \"3.5\"` or later"],
            &["invalid-isolation"],
        ),
        E::UnpublishedLatest => say(
            format!("{image} does not exist: Microsoft stopped publishing `latest` for Windows base images on 2019-04-16."),
            &["name a release, as in `:ltsc2022`"],
            &["unpublished-latest"],
        ),
        E::RetiredRepository => say(
            format!("The repository of {image} was removed. Microsoft's images are on mcr.microsoft.com."),
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
            &["use a published tag (`hostfit images` lists what is known of each image)"],
            &["unknown-tag"],
        ),
        E::ConstraintOperator => say(
            "A placement constraint has neither `==` nor `!=`. Most have a single `=`.".to_owned(),
            &["write `==`"],
            &["invalid-constraint"],
        ),
        E::NoSuitableNode => say(
            node_of_swarm(&incident.message),
            &["compare the constraints with `docker node inspect` (names of labels are case-sensitive, globs are not supported)"],
            &["unset-constraint-label", "invalid-constraint", "unschedulable", "placement-image-mismatch", "missing-swarm-constraint"],
        ),
        E::OsField => say(
            "`spec.os.name` of the pod is not the node's operating system. The field does not place a pod, a selector does.".to_owned(),
            &["add `kubernetes.io/os` to the nodeSelector"],
            &["os-field-mismatch", "missing-os-selector", "linux-pod-unpinned"],
        ),
        E::OsLabel => say(
            "The pod carries the label `kubernetes.io/os`, and its node has another value. The label of a pod does not place it, a \
             selector does."
                .to_owned(),
            &["move it from the labels to the nodeSelector"],
            &["missing-os-selector", "os-field-mismatch", "linux-pod-unpinned"],
        ),
        E::NodeSelector => say(
            "No node has all the labels that the pod's selector or affinity asks for.".to_owned(),
            &["compare them with `kubectl get nodes --show-labels` (values must be equal, globs are not supported)"],
            PLACEMENT,
        ),
        E::Taint if incident.message.contains("node affinity") || incident.message.contains("node selector") => say(
            "The Windows nodes are tainted and the pod does not tolerate the taint. The other nodes do not have the labels that it asks for."
                .to_owned(),
            &["if it is a Windows pod, add the toleration", "if it is a Linux pod, correct its selector"],
            TAINT,
        ),
        E::Taint => say(
            "The Windows nodes are tainted, and the pod does not tolerate the taint.".to_owned(),
            &["if it is a Windows pod, add the toleration", "if it is a Linux pod, check why it does not fit the Linux nodes"],
            TAINT,
        ),
        E::PodField => say(
            "The pod sets a field that pods of its `spec.os.name` must not set.".to_owned(),
            &["remove the field, or correct `spec.os.name`"],
            &["linux-field-on-windows", "os-field-mismatch"],
        ),
        E::HostProcess => say(
            "HostProcess containers need `hostNetwork: true`, do not mix with other containers in a pod, and must be allowed by the cluster."
                .to_owned(),
            &["set `hostNetwork: true`, and `hostProcess` for the whole pod"],
            &["invalid-host-process"],
        ),
        E::Chown => say(
            "The pod is on a Windows node and has `runAsUser` or `fsGroup`. The kubelet cannot change the owner of its volumes there, so \
             the pod stays in ContainerCreating. Usually it is a Linux pod that nothing keeps off Windows nodes."
                .to_owned(),
            &[
                "for a Linux pod, add `kubernetes.io/os: linux` to the nodeSelector",
                "for a Windows pod, remove `runAsUser` and `fsGroup` from its securityContext",
            ],
            &["linux-pod-unpinned", "linux-field-on-windows", "missing-os-selector"],
        ),
        E::EksSelector => say(
            "EKS gave the pod no address. Its admission webhook looks for `kubernetes.io/os: windows` in the nodeSelector only, so an \
             affinity or a label of your own is not enough."
                .to_owned(),
            &[
                "add `kubernetes.io/os: windows` to the nodeSelector",
                "if it is there already, enable Windows support in the cluster (`enable-windows-ipam`)",
            ],
            &["eks-selector-in-affinity", "missing-os-selector", "linux-pod-unpinned"],
        ),
        E::PlatformVersion => {
            let platform = incident.reporter.map_or("the platform", Reporter::name);
            let newest = host.map(|it| format!(" The newest that it names is {it}.")).unwrap_or_default();
            say(
                format!("{} does not run the version of Windows in {image}.{newest}", capital(platform)),
                &["build on a release that the platform supports, and name it in the tag of the base image"],
                NEWER,
            )
        }
        E::HistoryCheck => say(
            format!(
                "Service Fabric pulled {image}, and the node does not run it: it is a Linux image on a Windows node, or a Windows image whose \
                 build is not the node's."
            ),
            &["build on the release of the nodes, or list one image for each build under `ImageOverrides` in the service manifest"],
            MISFIT,
        ),
        E::MissingProgram => say(
            "The program to start is not in the image. Usually it is PowerShell, which Nano Server lacks since version 1709.".to_owned(),
            &["start what the image has (`cmd`), use `mcr.microsoft.com/powershell`, or build on Server Core"],
            &["missing-in-nanoserver"],
        ),
        E::Baseline => say(
            "A program could not be loaded. This happens when either the image or the host is from before the security update of February \
             2020."
                .to_owned(),
            &["build on a newer revision, so that image and host are both from 2020-02-11 or later"],
            &["revision-mismatch", "floating-revision"],
        ),
        E::EngineTooNew => say(
            "Docker 23 and later need Windows build 17763 (Windows Server 2019), and this host is older.".to_owned(),
            &["use a newer Windows, or Docker 20.10"],
            &["engine-refuses-host"],
        ),
        E::CutOff => say("The table cut the error off, so its cause is unknown.".to_owned(), &[], &[])
            .with(incident.object.service.as_deref().unwrap_or("SERVICE")),
    }
}

/// Rules about taints of Windows nodes.
const TAINT: &[&str] = &["missing-toleration", "unset-node-label", "invalid-selector-value", "unschedulable"];

fn os_mismatch(incident: &Incident, image: &str) -> General {
    let version =
        incident.identity().and_then(|it| it.version).map(|(version, _)| Releases::default().describe(version));
    let version = version.map(|it| format!(" ({it})")).unwrap_or_default();
    let mut help = vec!["build on a release that the host runs, or place the container on hosts that fit".to_owned()];
    let cause = if incident.isolation == Some(Isolation::Hyperv) {
        format!(
            "The Windows in {image}{version} is newer than the host's: Hyper-V isolation runs images up to the host's build only."
        )
    } else {
        // Kubernetes, BuildKit and ECS do not offer Hyper-V isolation.
        let is_docker = !matches!(
            incident.reporter,
            Some(Reporter::BuildKit | Reporter::Kubelet | Reporter::Containerd | Reporter::Ecs)
        );
        if is_docker && incident.object.pod.is_none() {
            help.push("on Docker and Swarm, if the host is newer, run it with `isolation: hyperv`".to_owned());
        }
        format!(
            "The Windows in {image}{version} does not fit the host's. With process isolation both need the same build, on Windows Server \
             2016 the same revision too. Only hosts of Windows Server 2022 or later run older images, back to that release."
        )
    };
    General { cause, help, rules: MISFIT }
}

fn no_platform(incident: &Incident, image: &str) -> General {
    let is_build = incident.reporter == Some(Reporter::BuildKit);
    let (who, here) = if is_build { ("BuildKit", "build") } else { ("containerd", "node") };
    let cause = match incident.image_os() {
        Some(Os::Windows) if is_build => format!(
            "{image} is a Windows image, and BuildKit builds for Linux here, or on a Windows host that does not take this Windows build."
        ),
        Some(Os::Windows) => {
            format!("{image} is a Windows image, and the node is a Linux one or does not take this Windows build.")
        }
        Some(Os::Linux) => format!("{image} is a Linux image, and this is a Windows {here}."),
        None => format!(
            "{who} finds no variant of {image} for this {here}. It is a Linux image on Windows, a Windows image on Linux, or a \
             Windows image of a build that the host does not take."
        ),
    };
    let help: &[&str] = match incident.reporter {
        Some(Reporter::BuildKit | Reporter::Docker | Reporter::Ecs) => &[
            "switch the engine to the containers of the image's operating system",
            "for a Windows image on a Windows host, use a tag of the host's release",
        ],
        _ => &[
            "keep the pod on nodes of its operating system with `kubernetes.io/os` in its nodeSelector",
            "for a Windows image, pin the build with `node.kubernetes.io/windows-build`",
        ],
    };
    let rules = if incident.image_os() == Some(Os::Linux) { OS } else { NO_MATCH };
    General { cause, help: help.iter().map(|it| (*it).to_owned()).collect(), rules }
}

pub(super) fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

impl Incident {
    /// Whether it is about the image that Kubernetes starts for the pod itself.
    pub(super) fn is_of_pause(&self) -> bool {
        self.sandbox && self.error.is_of_image()
    }

    /// What the name of the image says of it.
    fn identity(&self) -> Option<Identity> {
        let text = Text::literal(self.object.image.as_deref()?, Span::NOWHERE);
        Some(image::identify(&text, &[], &Releases::default()))
    }

    /// The operating system of the image, where its name says it.
    fn image_os(&self) -> Option<Os> {
        self.identity()?.os
    }
}

impl General {
    fn with(mut self, service: &str) -> Self {
        self.help.push(format!("print the whole error with `docker service ps --no-trunc {service}`"));
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
