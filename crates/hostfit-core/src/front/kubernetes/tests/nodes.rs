//! Node objects as hosts.

use super::read;
use crate::{
    front::kubernetes::nodes_as_hosts,
    placement::{Allowed, kubernetes::allows},
    source::SourceId,
    windows::{HostKind, release::Releases},
};

#[test]
fn nodes_are_lowered_with_their_facts() {
    let read = read(
        r#"apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Node
  metadata: {name: lin, labels: {kubernetes.io/os: linux}}
  spec: {taints: [{key: a, effect: NoSchedule}, {key: b, value: c, effect: NoExecute}, {key: node.kubernetes.io/unschedulable, effect: NoSchedule}]}
  status: {nodeInfo: {operatingSystem: linux, kernelVersion: 5.15.0, containerRuntimeVersion: "containerd://1.7.20-1"}}
- apiVersion: v1
  kind: Node
  metadata: {name: win}
  status: {nodeInfo: {operatingSystem: windows, kernelVersion: unreadable}}
"#,
    );
    let hosts = nodes_as_hosts(&[(SourceId(0), &read.file)], &Releases::default());
    assert_eq!(hosts.iter().map(|host| host.name.as_str()).collect::<Vec<_>>(), ["lin"]);
    assert_eq!(hosts[0].runtime.as_ref().and_then(|it| it.version), Some((1, 7, 20)));
    let taints: Vec<_> = hosts[0].taints.iter().map(|it| (it.key.as_str(), it.value.as_str())).collect();
    assert_eq!(taints, [("a", ""), ("b", "c")]);
}

#[test]
fn windows_nodes_tell_their_version() {
    for (facts, version, kind, span) in [
        (
            "operatingSystem: windows, kernelVersion: 10.0.20348.2700, osImage: Windows Server 2022 Datacenter",
            "10.0.20348.2700",
            HostKind::Server,
            "10.0.20348.2700",
        ),
        (
            "operatingSystem: windows, kernelVersion: '10.0 16299 (16299.0.amd64fre.rs3_release.170922-1354)'",
            "10.0.16299",
            HostKind::Server,
            "10.0 16299 (16299.0.amd64fre.rs3_release.170922-1354)",
        ),
        ("operatingSystem: windows, kernelVersion: x", "10.0.17763", HostKind::Server, "n"),
        ("kernelVersion: 10.0.26100.1, osImage: Windows 11 Pro", "10.0.26100.1", HostKind::Client, "10.0.26100.1"),
    ] {
        let read = read(&format!(
            "apiVersion: v1\nkind: Node\nmetadata: {{name: n, labels: {{beta.kubernetes.io/os: windows, \
             node.kubernetes.io/windows-build: 10.0.17763}}}}\nstatus: {{nodeInfo: {{{facts}}}}}\n"
        ));
        let hosts = nodes_as_hosts(&[(SourceId(0), &read.file)], &Releases::default());
        let host = hosts.first().expect("a host");
        assert_eq!(host.windows().map(|it| it.to_string()).as_deref(), Some(version), "{facts}");
        assert_eq!((host.kind, read.slice(host.os_span)), (kind, span), "{facts}");
        let pinned =
            self::read("kind: Pod\nspec: {containers: [{image: a}], nodeSelector: {kubernetes.io/os: windows}}\n");
        assert_eq!(allows(pinned.only().1, host), Allowed::Yes);
    }
}
