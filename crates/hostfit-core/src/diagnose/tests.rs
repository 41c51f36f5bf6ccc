//! Each known error in the words of who prints it, and what looks like it and is none.

use proptest::prelude::*;

use super::*;
use crate::{
    rules,
    source::{Source, SourceId},
    windows::release::Releases,
};

mod explained;

fn reading(text: &str) -> Reading {
    read(&Source::from_text(SourceId(0), "text", text), &Releases::default())
}

fn errors(text: &str) -> Vec<&'static str> {
    reading(text).incidents.iter().map(|it| it.error.id()).collect()
}

/// The messages as microsoft/hcsshim, moby, containerd, swarmkit and Kubernetes have them in their sources, and as people
/// reported them; the number is that of the error in the list that this was built from.
const KNOWN: &[(u8, &str, &str)] = &[
    (
        1,
        "os-mismatch",
        "docker: Error response from daemon: container b81e encountered an error during CreateContainer: failure in a Windows system call: The operating system of the container does not match the operating system of the host. (0xc0370101) extra info: {\"SystemType\":\"Container\"}.",
    ),
    (
        2,
        "os-mismatch",
        "Error response from daemon: hcsshim::CreateComputeSystem cf6b: The container operating system does not match the host operating system.",
    ),
    (
        2,
        "os-mismatch",
        "hcs::CreateComputeSystem cf6b: The container operating system does not match the host operating system.: unknown",
    ),
    (3, "no-windows-manifest", "no matching manifest for windows/amd64 10.0.17763 in the manifest list entries"),
    (3, "no-windows-manifest", "no matching manifest for windows(10.0.17763)/amd64 in the manifest list entries"),
    (4, "no-manifest", "no matching manifest for unknown in the manifest list entries"),
    (5, "no-linux-manifest", "no matching manifest for linux/amd64 in the manifest list entries"),
    (
        6,
        "store-no-match",
        "no matching manifest for windows(10.0.26200)/amd64/v3 in the manifest list entries: no match for platform in manifest: not found",
    ),
    (7, "no-platform", "failed to pull and unpack image \"acme/web:1\": no match for platform in manifest: not found"),
    (8, "newer-image", "a Windows version 10.0.20348-based image is incompatible with a 10.0.19045 host"),
    (
        9,
        "linux-engine",
        "image operating system \"windows\" cannot be used on this platform: operating system is not supported",
    ),
    (9, "windows-engine", "image operating system \"linux\" cannot be used on this platform"),
    (10, "unexpected-exit", "hcsshim::CreateComputeSystem cf6b: The virtual machine or container exited unexpectedly"),
    (
        10,
        "unexpected-exit",
        "failure in a Windows system call: The virtual machine or container exited unexpectedly. (0xc0370106)",
    ),
    (
        11,
        "layer-format",
        "hcs::CreateComputeSystem cf6b: The container image contains a layer with an unrecognized format. (0xc0370112)",
    ),
    (
        12,
        "import-layer",
        "failed to register layer: re-exec error: exit status 1: output: hcsshim::ImportLayer failed in Win32: The system cannot find the file specified. (0x2)",
    ),
    (
        13,
        "create-system",
        "docker: Error response from daemon: hcsshim::CreateComputeSystem 4ad7a7f5f5b6a2a3fc9b1f3c5a3f0f6dd6b1f9f0f0a4b5c6d7e8f9a0b1c2d3e4: The system cannot find the file specified.",
    ),
    (
        14,
        "client-isolation",
        "docker: Error response from daemon: invalid isolation: Windows client operating systems only support Hyper-V containers.",
    ),
    (
        15,
        "invalid-isolation",
        "Error response from daemon: invalid isolation (hyper-v): Windows supports 'default', 'process', or 'hyperv'",
    ),
    (15, "linux-isolation", "Error response from daemon: invalid isolation (process): linux only supports 'default'"),
    (16, "no-isolation-key", "services.web Additional property isolation is not allowed"),
    (
        17,
        "unpublished-latest",
        "Error response from daemon: manifest for mcr.microsoft.com/windows/servercore:latest not found: manifest unknown: manifest unknown",
    ),
    (17, "unpublished-latest", "Back-off pulling image \"mcr.microsoft.com/windows/nanoserver\""),
    (17, "unknown-tag", "manifest for mcr.microsoft.com/windows/servercore:2022 not found: manifest unknown"),
    (
        18,
        "retired-repository",
        "Error response from daemon: manifest for microsoft/windowsservercore:latest not found: manifest unknown",
    ),
    (
        18,
        "retired-repository",
        "pull access denied for microsoft/windowsservercore, repository does not exist or may require 'docker login'",
    ),
    (
        18,
        "invalid-repository",
        "pull access denied for windows/servercore, repository does not exist or may require 'docker login'",
    ),
    (
        19,
        "constraint-operator",
        "Error response from daemon: rpc error: code = InvalidArgument desc = constraint expected one operator from ==, !=",
    ),
    (20, "no-suitable-node", "1/1: no suitable node (scheduling constraints not satisfied on 3 nodes)"),
    (20, "no-suitable-node", "no suitable node (unsupported platform on 2 nodes)"),
    (21, "os-field", "Failed to admit pod as the OS field doesn't match node OS"),
    (21, "os-field", "0s  Warning  PodOSNotSupported  pod/web"),
    (22, "os-label", "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"),
    (23, "node-selector", "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."),
    (23, "node-selector", "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match node selector."),
    (23, "taint", "0/3 nodes are available: 3 node(s) had untolerated taint {os: windows}."),
    (
        23,
        "taint",
        "0/2 nodes are available: 2 node(s) had taint {node.kubernetes.io/os: windows}, that the pod didn't tolerate.",
    ),
    (
        24,
        "pod-field",
        "The Pod \"web\" is invalid: spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod",
    ),
    (24, "pod-field", "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod"),
    (
        25,
        "host-process",
        "spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers",
    ),
    (
        26,
        "missing-program",
        "container web encountered an error during hcsshim::System::CreateProcess: failure in a Windows system call: The system cannot find the file specified. (0x2) extra info: {\"CommandLine\":\"powershell -Command Start\"}",
    ),
    (26, "missing-program", "hcs::System::CreateProcess web: The system cannot find the file specified.: unknown"),
    (
        26,
        "missing-program",
        "'powershell' is not recognized as an internal or external command,\noperable program or batch file.",
    ),
    (27, "baseline", "The command 'cmd /S /C app32.exe' returned a non-zero code: 3221225794"),
    (27, "baseline", "task: non-zero exit (-1073741502)"),
    (27, "baseline", "web exited with code 3221225785"),
    (
        28,
        "engine-too-new",
        "this version of Windows does not support the docker daemon (Windows build 17763 or higher is required)",
    ),
    (29, "chown", "unable to change file: chown c:\\var\\lib\\kubelet\\pods\\1\\token: not supported by windows"),
    (
        30,
        "eks-selector",
        "failed to parse Kubernetes args: pod does not have label vpc.amazonaws.com/PrivateIPv4Address",
    ),
    (
        31,
        "linux-layers",
        "hcsshim::ProcessBaseLayer C:\\snapshots\\25: The system cannot find the path specified.: unknown",
    ),
    (32, "architecture", "no matching manifest for windows/arm64 10.0.26100 in the manifest list entries"),
    (
        33,
        "platform-version",
        "Cannot run this Operating System/Version in Windows Containers. Maximum supported OS version is 10.0.14393.9999.",
    ),
    (34, "history-check", "Container image history check failed after successful download. ImageName=acme/web:1"),
];

#[test]
fn every_known_error_is_recognised() {
    for (number, expected, text) in KNOWN {
        assert_eq!(errors(text), [*expected], "{number}: {text}");
    }
    let numbers: Vec<_> = (1..=34).filter(|number| !KNOWN.iter().any(|(it, ..)| it == number)).collect();
    assert!(numbers.is_empty(), "{numbers:?}");
    let covered: Vec<_> = KNOWN.iter().map(|(_, error, _)| *error).collect();
    let missing: Vec<_> =
        error::ALL.iter().map(|it| it.id()).filter(|it| !covered.contains(it) && *it != "cut-off").collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// One beside each of those above: the same words about something else.
const OTHERS: &[(u8, &str)] = &[
    (
        1,
        "failure in a Windows system call: The virtual machine could not be started because a required feature is not installed. (0xc0351000)",
    ),
    (1, "container 0xc03701012 failed"),
    (2, "hcsshim::CreateComputeSystem cf6b: The request is not supported."),
    (2, "the operating system of the host was updated"),
    (3, "no matching manifest for darwin/arm64 in the manifest list entries"),
    (4, "manifest unknown: unknown"),
    (5, "no matching manifest for linux/arm64/v8 in the manifest list entries"),
    (6, "platform in manifest: windows(10.0.26200)/amd64"),
    (
        7,
        "failed to pull and unpack image \"acme/web:1\": failed to resolve reference \"acme/web:1\": acme/web:1: not found",
    ),
    (8, "a Windows version 10.0.20348-based image was pulled on a 10.0.19045 host"),
    (9, "image operating system \"freebsd\" cannot be used on this platform"),
    (
        10,
        "failure in a Windows system call: The virtual machine or container with the specified identifier is not running. (0xc0370110)",
    ),
    (11, "failed to register layer: unrecognized layer format"),
    (12, "hcsshim::ImportLayer failed in Win32: There is not enough space on the disk. (0x70)"),
    (13, "hcsshim::CreateComputeSystem cf6b: The paging file is too small for this operation to complete."),
    (14, "Windows client operating systems are supported"),
    (15, "invalid isolation level (serializable)"),
    (16, "services.web Additional property buildx is not allowed"),
    (17, "manifest for acme/web:latest not found: manifest unknown"),
    (17, "Back-off pulling image \"mcr.microsoft.com/windows/servercore:ltsc2022\""),
    (18, "pull access denied for acme/web, repository does not exist or may require 'docker login'"),
    (19, "operator == expected in expression"),
    (20, "no suitable node (missing plugin on 3 nodes)"),
    (20, "no suitable node (insufficient resources on 2 nodes)"),
    (21, "Failed to admit pod: node didn't have enough resource: cpu"),
    (22, "label kubernetes.io/os doesn't exist"),
    (23, "0/3 nodes are available: 3 Insufficient memory."),
    (23, "0/3 nodes are available: 3 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }."),
    (23, "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules."),
    (24, "spec.containers[0].image: Forbidden: cannot be set for an ephemeral container"),
    (25, "hostNetwork is not allowed to be used"),
    (
        26,
        "encountered an error during hcsshim::System::CreateProcess: failure in a Windows system call: The system cannot find the file specified. (0x2) extra info: {\"CommandLine\":\"C:\\\\app\\\\web.exe\",\"User\":\"\"}",
    ),
    (26, "'node' is not recognized as an internal or external command"),
    (27, "web exited with code 3221225786"),
    (27, "Exit Code: -1073741510"),
    (27, "docker://3221225794ab"),
    (28, "this version of Windows does not support the docker plugin"),
    (29, "failed to chown stage file: chown ..\\Server\\.conf: not supported by windows"),
    (30, "pod does not have label app.kubernetes.io/name"),
    (31, "ProcessBaseLayer C:\\ProgramData\\docker\\windowsfilter\\a0: The parameter is incorrect."),
    (32, "no matching manifest for linux/arm64/v8 in the manifest list entries"),
    (33, "Maximum supported API version is 1.43"),
    (34, "Container image history is empty"),
];

#[test]
fn what_only_looks_like_an_error_is_none() {
    for (number, text) in OTHERS {
        assert_eq!(errors(text), [""; 0], "{number}: {text}");
    }
    assert_eq!((1..=34).find(|number| !OTHERS.iter().any(|(it, _)| it == number)), None);
}

/// The numbers of `hcserror.h` and `ntstatus.h`, in the three ways in which they are printed.
#[test]
fn numbers_are_those_of_their_names() {
    for (hexadecimal, expected) in [
        (0xc037_0101_u32, "os-mismatch"),
        (0xc037_0106, "unexpected-exit"),
        (0xc037_0112, "layer-format"),
        (0xc000_0142, "baseline"),
        (0xc000_0139, "baseline"),
    ] {
        let spellings = [
            format!("{hexadecimal:#x}"),
            format!("{hexadecimal:#X}").replace("0X", "0x"),
            hexadecimal.to_string(),
            hexadecimal.cast_signed().to_string(),
        ];
        for spelling in spellings {
            assert_eq!(errors(&format!("exit code: {spelling}")), [expected], "{spelling}");
        }
    }
}

#[test]
fn words_are_found_whatever_wraps_or_colours_them() {
    let text = "The container operating system does not match the host operating system.";
    let cases = [
        text.replace("does not", "does\r\n      not"),
        text.replace("operating", "\u{1b}[31moperating\u{1b}[0m"),
        text.to_uppercase(),
        format!("{{\"error\": \"{text}"),
        format!("\u{feff}{text}"),
    ];
    for text in cases {
        assert_eq!(errors(&text), ["os-mismatch"], "{text:?}");
    }
    let quoted = "image operating system \\\\\\\"windows\\\\\\\" cannot be used on this platform";
    assert_eq!(errors(quoted), ["linux-engine"]);
}

const EVENTS: &str = r#"{
  "apiVersion": "v1", "kind": "List", "items": [
    {"kind": "Event", "reason": "Failed", "type": "Warning", "count": 4,
     "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-5d4f8c6b7-x2x4z", "fieldPath": "spec.containers{web}"},
     "source": {"component": "kubelet", "host": "akswin000001"},
     "message": "Failed to pull image \"acme/web:1\": rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/acme/web:1\": no match for platform in manifest: not found"},
    {"kind": "Event", "reason": "FailedCreate",
     "involvedObject": {"kind": "ReplicaSet", "namespace": "shop", "name": "api-6d4cf56db6"},
     "message": "Error creating: Pod \"api-6d4cf56db6-\" is invalid: spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod"},
    {"kind": "Event", "reason": "Pulled", "involvedObject": {"kind": "Pod", "name": "ok"}, "message": "Successfully pulled image"}
  ]
}"#;

#[test]
fn events_and_pods_are_read_from_json_and_yaml() {
    let found = reading(EVENTS).incidents;
    assert_eq!(found.iter().map(|it| it.error.id()).collect::<Vec<_>>(), ["no-platform", "pod-field"]);
    assert_eq!(
        found[0].object,
        Object {
            orchestrator: Some(Orchestrator::Kubernetes),
            namespace: Some("shop".into()),
            pod: Some("web-5d4f8c6b7-x2x4z".into()),
            container: Some("web".into()),
            node: Some("akswin000001".into()),
            image: Some("docker.io/acme/web:1".into()),
            ..Object::default()
        }
    );
    assert_eq!(found[1].object.owner, Some(("ReplicaSet".into(), "api-6d4cf56db6".into())));
    // The same cut off, as a pager leaves it.
    let cut = EVENTS.split("FailedCreate").next().unwrap();
    assert_eq!(errors(cut), ["no-platform"]);
    let pods = "apiVersion: v1\nkind: PodList\nitems:\n- metadata:\n    name: db-0\n    namespace: shop\n    ownerReferences:\n    - {kind: StatefulSet, name: db}\n  \
        spec:\n    nodeName: win1\n    containers:\n    - {name: db, image: acme/db}\n  status:\n    containerStatuses:\n    - name: db\n      lastState:\n        terminated:\n          exitCode: 3221225794\n";
    let found = reading(pods).incidents;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].error, Error::Baseline);
    let object = &found[0].object;
    assert_eq!(
        (object.pod.as_deref(), object.node.as_deref(), object.image.as_deref()),
        (Some("db-0"), Some("win1"), Some("acme/db"))
    );
    assert_eq!(object.owner, Some(("StatefulSet".into(), "db".into())));
}

#[test]
fn tables_of_kubectl_and_docker_are_read_by_their_columns() {
    let events = "NAMESPACE   LAST SEEN   TYPE      REASON             OBJECT                    MESSAGE\n\
                  shop        2m          Warning   FailedScheduling   pod/web-5d4f8c6b7-x2x4z   0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.\n\
                  shop        2m          Normal    Scheduled          pod/ok                    Successfully assigned shop/ok to win1\n";
    let found = reading(events).incidents;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].object.pod.as_deref(), Some("web-5d4f8c6b7-x2x4z"));
    assert_eq!(found[0].object.namespace.as_deref(), Some("shop"));
    // A task that has no node yet.
    let tasks = "ID             NAME         IMAGE        NODE      DESIRED STATE   CURRENT STATE           ERROR                                                                  PORTS\n\
                 abc            shop_web.1   acme/web:1             Running         Pending 2 minutes ago   \"no suitable node (scheduling constraints not satisfied on 3 nodes)\"   \n\
                 def             \\_ é_api.1  acme/api:1   win1      Shutdown        Failed 2 minutes ago    \"container exited\"   \n";
    let found = reading(tasks).incidents;
    assert_eq!(found.len(), 1);
    let object = &found[0].object;
    assert_eq!(
        (object.service.as_deref(), object.node.as_deref(), object.image.as_deref()),
        (Some("shop_web"), None, Some("acme/web:1"))
    );
    assert_eq!(object.orchestrator, Some(Orchestrator::Swarm));
}

#[test]
fn several_texts_in_one_are_distinct() {
    let text = "Name:  a-x2x4z\nNamespace:  one\nNode:  n1/10.0.0.1\nContainers:\n  web:\n    Image:  acme/a:1\n    Last State:  Terminated\n      Message:  The container operating system does not match the host operating system.\n      Exit Code:  128\n\n\
                Name:  b-x2x4z\nNamespace:  two\nNode:  <none>\nContainers:\n  web:\n    Image:  acme/b:1\nEvents:\n  Type     Reason            Age  From               Message\n  ----     ------            ---  ----               -------\n  Warning  FailedScheduling  5m   default-scheduler  0/3 nodes are available: 3 node(s) didn't match node selector.\n\n\
                $ docker pull acme/c:1\nno matching manifest for windows/amd64 10.0.17763 in the manifest list entries\n";
    let found = reading(text).incidents;
    let row = |it: &Incident| {
        let object = &it.object;
        (it.error, object.pod.clone(), object.node.clone(), object.image.clone())
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        found.iter().map(row).collect::<Vec<_>>(),
        [
            (Error::OsMismatch, some("a-x2x4z"), some("n1"), some("acme/a:1")),
            (Error::NodeSelector, some("b-x2x4z"), None, None),
            (Error::NoWindowsManifest, None, None, some("acme/c:1")),
        ]
    );
}

#[test]
fn every_rule_that_an_answer_names_is_one() {
    let known = rules::ids();
    for error in error::ALL {
        let incident = Incident {
            error,
            span: Span::NOWHERE,
            message: String::new(),
            object: Object::default(),
            image_version: None,
            host_version: None,
            isolation: None,
            reporter: None,
            sandbox: false,
            times: 1,
        };
        let rules = explain::rules_of(&incident);
        assert!(rules.iter().all(|rule| known.contains(rule)), "{error:?}: {rules:?}");
        let is_beyond = matches!(error, Error::CutOff | Error::Architecture);
        assert!(is_beyond || !rules.is_empty(), "{error:?}");
    }
}

proptest! {
    /// Whatever is cut, doubled or torn: no panic, and spans stay in the text.
    #[test]
    fn torn_texts_are_read(which in 0..KNOWN.len(), cut in 0_usize..2000, junk in "\\PC{0,20}|[\\x00-\\x1f\\\\\"{]{0,20}", at in 0_usize..2000) {
        let (_, _, known) = KNOWN[which];
        for whole in [known.to_owned(), format!("Name: x\nNamespace: y\nContainers:\n  a:\n    Message: {known}\nEvents:\n  Type  Reason  Message\n  Warning  a  {known}\n"), EVENTS.to_owned(),
                      format!("ID  NAME  IMAGE  NODE  DESIRED STATE  CURRENT STATE  ERROR  PORTS\n1  a.1  i  n  Shutdown  Failed  \"{known}\"\n")] {
            let mut text: String = whole.chars().take(cut).collect();
            let place = text.char_indices().map(|(at, _)| at).nth(at % (text.len() + 1)).unwrap_or(text.len());
            text.insert_str(place, &junk);
            let source = Source::from_text(SourceId(0), "text", text);
            for incident in read(&source, &Releases::default()).incidents {
                prop_assert!(incident.span.end as usize <= source.text.len() && incident.span.start <= incident.span.end);
                prop_assert!(source.text.get(incident.span.range()).is_some());
            }
        }
    }
}
