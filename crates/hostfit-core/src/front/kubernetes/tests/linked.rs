//! What linking makes of pods: RuntimeClasses joined, evidence, isolation.

use super::{Read, linked, read};
use crate::{
    config::Config,
    front::{self, Outcome, kubernetes::File, link::link},
    model::{EvidenceKind, ImageId, IsolationBy, Role, WorkloadId},
    source::{Source, SourceId, Sources},
    syntax::yaml::Tree,
    windows::{Isolation, Os},
};

#[test]
fn workloads_are_numbered_from_the_first() {
    let source = Source::from_text(
        SourceId(0),
        "a",
        "kind: Pod\nspec: {containers: [{image: a}]}\n---\nkind: Pod\nspec: {containers: [{}, {image: b}]}\n",
    );
    let file = File::read(&source, &Tree::parse(&source));
    let mut roles = Vec::new();
    linked(&file, 7, &mut |_, role| {
        let Role::Container { workload, container } = role else { panic!("{role:?}") };
        roles.push((workload.0, container));
        ImageId(0)
    });
    assert_eq!(roles, [(7, 0), (8, 1)]);
}

#[test]
fn each_image_knows_its_container_however_many_there_are() {
    let pods = (0..200).map(|it| {
        let images = (0..it % 3).map(|image| format!("{{image: 'i{it}-{image}'}}")).collect::<Vec<_>>().join(", ");
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p{it}}}\nspec: {{containers: [{{}}, {images}]}}\n")
    });
    let source = Source::from_text(SourceId(0), "a.yaml", pods.collect::<Vec<_>>().join("---\n"));
    let Outcome::Unit(unit) = front::read(&source) else { panic!("a manifest") };
    let project = link(&Sources::new(vec![source]), &[unit], &Config::default());
    assert_eq!((project.workloads.len(), project.images.len()), (200, 199));
    for (number, workload) in (0..).zip(&project.workloads) {
        assert_eq!(workload.id, WorkloadId(number));
        for (place, container) in (0..).zip(&workload.containers).skip(1) {
            let image = project.image(container.image.expect("an image")).expect("its number");
            assert_eq!(image.text.value, format!("i{number}-{}", place - 1));
            assert_eq!(image.role, Role::Container { workload: workload.id, container: place });
        }
    }
}

#[test]
fn evidence_is_what_places_the_pod_or_names_its_system() {
    use EvidenceKind::{Hint, Isolation, OsName, Selector};
    let term = |requirements: &str| {
        format!(
            "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{requirements}]}}}}}}"
        )
    };
    let os = |operator: &str, values: &str| {
        format!("{{matchExpressions: [{{key: kubernetes.io/os, operator: {operator}, values: [{values}]}}]}}")
    };
    for (spec, expected) in [
        ("nodeSelector: {kubernetes.io/os: windows}".to_owned(), vec![(Os::Windows, Selector, "windows")]),
        ("nodeSelector: {kubernetes.io/os: linux}".to_owned(), vec![(Os::Linux, Selector, "linux")]),
        (term(&os("In", "windows")), vec![(Os::Windows, Selector, "windows")]),
        (term(&os("NotIn", "windows")), vec![(Os::Linux, Selector, "windows")]),
        (term(&os("In", "windows, linux")), vec![]),
        (term(&format!("{}, {}", os("In", "windows"), os("In", "linux"))), vec![]),
        (term(&format!("{}, {}", os("In", "windows"), os("NotIn", "linux"))), vec![(Os::Windows, Selector, "windows")]),
        (
            "nodeSelector: {node.kubernetes.io/windows-build: 10.0.20348}".to_owned(),
            vec![(Os::Windows, Selector, "10.0.20348")],
        ),
        (
            "nodeSelector: {kubernetes.azure.com/os-sku: Windows2022}".to_owned(),
            vec![(Os::Windows, Selector, "Windows2022")],
        ),
        (
            "nodeSelector: {kubernetes.azure.com/os-sku: AzureLinux}".to_owned(),
            vec![(Os::Linux, Selector, "AzureLinux")],
        ),
        (
            "nodeSelector: {cloud.google.com/gke-windows-os-version: '2022'}".to_owned(),
            vec![(Os::Windows, Selector, "2022")],
        ),
        ("os: {name: windows}".to_owned(), vec![(Os::Windows, OsName, "windows")]),
        ("nodeSelector: {pool: windows}".to_owned(), vec![]),
        ("tolerations: [{key: os, value: Windows}]".to_owned(), vec![(Os::Windows, Hint, "os")]),
        ("tolerations: [{key: os, operator: Exists}]".to_owned(), vec![]),
        ("tolerations: [{key: app, value: windows}]".to_owned(), vec![]),
        ("tolerations: [{key: os, value: windows}, {key: os, value: linux}]".to_owned(), vec![]),
        ("volumes: [{hostPath: {path: 'C:\\k'}}]".to_owned(), vec![(Os::Windows, Hint, "C:\\k")]),
        ("volumes: [{hostPath: {path: 'C:\\k'}}, {hostPath: {path: /var}}]".to_owned(), vec![]),
        ("containers: [{volumeMounts: [{mountPath: 'C:/k'}]}]".to_owned(), vec![(Os::Windows, Hint, "C:/k")]),
        ("containers: [{volumeMounts: [{mountPath: 'C:/k'}, {mountPath: /k}]}]".to_owned(), vec![]),
        ("containers: [{workingDir: 'C:/k', command: [sh]}]".to_owned(), vec![]),
    ] {
        assert_eq!(read(&format!("kind: Pod\nspec:\n  {spec}\n")).evidence(), expected, "{spec}");
    }
    let meta = |meta: &str| format!("kind: Pod\nmetadata: {{{meta}}}\nspec: {{}}\n");
    assert_eq!(read(&meta("labels: {kubernetes.io/os: windows}")).evidence(), []);
    let annotated = meta("annotations: {experimental.windows.kubernetes.io/isolation-type: hyperv}");
    assert_eq!(read(&annotated).evidence(), [(Os::Windows, Isolation, "hyperv")]);
}

const CLASSED: &str =
    "kind: Pod\nmetadata: {name: a}\nspec: {runtimeClassName: w, containers: [{name: c, image: 'i:1'}]}\n";

fn with_class(class: &str) -> Read {
    read(&format!("{CLASSED}---\nkind: RuntimeClass\nmetadata: {{name: w}}\n{class}\n"))
}

#[test]
fn a_runtime_class_joins_the_pods_that_name_it() {
    let read = with_class(
        "handler: runhcs-wcow-process\nscheduling: {nodeSelector: {kubernetes.io/os: windows}, tolerations: [{operator: Exists}]}",
    );
    let (workload, pod) = read.only();
    assert!(pod.runtime_class.as_ref().is_some_and(|(_, found)| *found));
    assert!(pod.selector[0].from_runtime_class);
    assert_eq!(pod.tolerations.len(), 1);
    assert_eq!(pod.selector_key, None);
    assert!(workload.containers[0].isolation.is_none());
    assert_eq!(
        read.evidence(),
        [
            (Os::Windows, EvidenceKind::RuntimeClass, "windows"),
            (Os::Windows, EvidenceKind::RuntimeClass, "runhcs-wcow-process")
        ]
    );
}

#[test]
fn a_runtime_class_that_is_missing_or_not_unique_is_not_found() {
    let found = |read: &Read| read.only().1.runtime_class.as_ref().map(|(_, found)| *found);
    assert_eq!(found(&read(CLASSED)), Some(false));
    let twice = |second: &str| {
        with_class(&format!("handler: a\n---\nkind: RuntimeClass\nmetadata: {{name: w}}\nhandler: {second}"))
    };
    assert_eq!(found(&twice("a")), Some(true));
    assert_eq!(found(&twice("b")), Some(false));
}

#[test]
fn a_hypervisor_handler_or_the_annotation_asks_for_isolation() {
    for handler in ["runhcs-wcow-hypervisor", "runhcs-wcow-hypervisor-17763", "containerd-hyperv-17763"] {
        let read = with_class(&format!("handler: {handler}"));
        let setting = read.only().0.containers[0].isolation.as_ref().expect("asked for");
        assert_eq!((setting.mode, &setting.by), (Some(Isolation::Hyperv), &IsolationBy::RuntimeHandler));
        assert_eq!(read.slice(setting.value.span), handler);
    }
    let annotated = "kind: Deployment\nspec:\n  template:\n    metadata:\n      annotations:\n        \
                     experimental.windows.kubernetes.io/isolation-type: hyperv\n    spec: {containers: [{name: a}]}\n";
    let read = read(annotated);
    let setting = read.only().0.containers[0].isolation.as_ref().expect("asked for");
    assert_eq!(setting.mode, Some(Isolation::Hyperv));
    assert!(matches!(setting.by, IsolationBy::Annotation(_)));
}

#[test]
fn nothing_is_judged_of_linux_containers_on_windows() {
    let read = with_class("handler: runhcs-lcow\nscheduling: {nodeSelector: {kubernetes.io/os: windows}}");
    let (workload, pod) = read.only();
    assert_eq!(workload.evidence, []);
    assert_eq!(pod.unreadable.map(|span| read.slice(span)), Some("runhcs-lcow"));
}
