//! What files give, with the bytes it stands at.

mod linked;
mod nodes;
mod upstream;

use super::File;
use crate::{
    front::link::pod::Pods,
    model::{EvidenceKind, ImageId, Known, Placement, Role, Workload},
    placement::kubernetes::{Operator, PodPlacement, TolerationOperator},
    source::{Source, SourceId, Sources, Span},
    syntax::yaml::Tree,
    text::Text,
    windows::Os,
};

struct Read {
    source: Source,
    file: File,
    images: Vec<Text>,
    workloads: Vec<Workload>,
}

fn read(text: &str) -> Read {
    let source = Source::from_text(SourceId(0), "web.yaml", text);
    let file = File::read(&source, &Tree::parse(&source));
    let mut images = Vec::new();
    let workloads = linked(&file, 0, &mut |text, _| {
        images.push(text);
        ImageId(u32::try_from(images.len() - 1).expect("few"))
    });
    Read { source, file, images, workloads }
}

/// The workloads of one file, the first of which gets the number `first`.
fn linked(file: &File, first: u32, add_image: &mut dyn FnMut(Text, Role) -> ImageId) -> Vec<Workload> {
    let sources = Sources::default();
    let pods = Pods::of(&sources, &[(SourceId(0), file)]);
    pods.parts(first).iter().flat_map(|part| part.workloads(add_image)).collect()
}

impl Read {
    fn only(&self) -> (&Workload, &PodPlacement) {
        assert_eq!(self.workloads.len(), 1);
        let workload = &self.workloads[0];
        let Placement::Kubernetes(pod) = &workload.placement else { panic!("no pod") };
        (workload, pod)
    }

    fn slice(&self, span: Span) -> &str {
        self.source.slice(span)
    }

    fn names(&self) -> Vec<&str> {
        self.workloads.iter().map(|workload| workload.name.as_str()).collect()
    }

    fn images(&self) -> Vec<&str> {
        self.images.iter().map(|image| image.value.as_str()).collect()
    }

    fn evidence(&self) -> Vec<(Os, EvidenceKind, &str)> {
        self.workloads.iter().flat_map(|it| &it.evidence).map(|it| (it.os, it.kind, self.slice(it.span))).collect()
    }

    /// The lines of the file that hold `span`, underlined.
    fn underlined(&self, span: Span) -> String {
        let line = self.source.line_span(span.start);
        let from = (span.start - line.start) as usize;
        format!("{}\n{}{}", self.slice(line), " ".repeat(from), "^".repeat(span.len()))
    }
}

const COMPOSED: &str = r#"apiVersion: extensions/v1beta1
kind: Deployment
metadata:
  annotations:
    kompose.cmd: kompose convert -f docker-compose-combined.yml
    kompose.version: 1.2.0 (99f88ef)
  creationTimestamp: null
  labels:
    io.kompose.service: fabrikamfiber.web
  name: fabrikamfiber.web
spec:
  replicas: 1
  strategy: {}
  template:
    metadata:
      creationTimestamp: null
      labels:
        io.kompose.service: fabrikamfiber.web
    spec:
      containers:
      - image: patricklang/fabrikamfiber.web:latest
        name: fabrikamfiberweb
        ports:
        - containerPort: 80
        resources: {}
      restartPolicy: Always
      nodeSelector:
        "beta.kubernetes.io/os": windows
        "beta.kubernetes.io/osbuild": "14393.1715"
status: {}
"#;

#[test]
fn every_span_of_a_deployment_is_exact() {
    let read = read(COMPOSED);
    let (workload, pod) = read.only();
    assert_eq!(workload.name, "Deployment/fabrikamfiber.web");
    assert_eq!(workload.containers[0].name, "fabrikamfiberweb");
    let mut shown = vec![read.underlined(workload.name_span)];
    shown.extend(workload.containers.iter().map(|container| read.underlined(container.span)));
    shown.extend(read.images.iter().map(|image| read.underlined(image.span)));
    shown.extend(pod.anchor().map(|span| read.underlined(span)));
    for label in pod.labels() {
        shown.push(read.underlined(label.key.span));
        shown.push(read.underlined(label.span()));
    }
    assert_eq!(
        shown.join("\n"),
        r#"  name: fabrikamfiber.web
        ^^^^^^^^^^^^^^^^^
        name: fabrikamfiberweb
              ^^^^^^^^^^^^^^^^
      - image: patricklang/fabrikamfiber.web:latest
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      nodeSelector:
      ^^^^^^^^^^^^
        "beta.kubernetes.io/os": windows
         ^^^^^^^^^^^^^^^^^^^^^
        "beta.kubernetes.io/os": windows
                                 ^^^^^^^
        "beta.kubernetes.io/osbuild": "14393.1715"
         ^^^^^^^^^^^^^^^^^^^^^^^^^^
        "beta.kubernetes.io/osbuild": "14393.1715"
                                       ^^^^^^^^^^"#
    );
    assert_eq!(
        read.evidence(),
        [(Os::Windows, EvidenceKind::Selector, "windows"), (Os::Windows, EvidenceKind::Selector, "14393.1715")]
    );
}

#[test]
fn spans_hold_in_json_with_crlf_and_a_byte_order_mark() {
    let json = "\u{feff}{\r\n \"kind\": \"Pod\",\r\n \"metadata\": {\"name\": \"é-web\"},\r\n \"spec\": {\"containers\": \
                [{\"name\": \"a\", \"image\": \"r\\/a:1\"}], \"nodeSelector\": {\"kubernetes.io/os\": \"windows\"}}}";
    let read = read(json);
    let (workload, pod) = read.only();
    assert_eq!(workload.name, "Pod/é-web");
    assert_eq!(read.slice(workload.name_span), "é-web");
    assert_eq!(read.images(), ["r/a:1"]);
    assert_eq!(read.slice(read.images[0].span), "r\\/a:1");
    assert_eq!(read.slice(read.images[0].locate(2..3)), "a");
    assert_eq!(read.slice(pod.selector[0].value.text.span), "windows");
}

#[test]
fn every_kind_gives_its_pods() {
    let pod = "{containers: [{name: c, image: 'i:1'}]}";
    for (kind, version, body, expected) in [
        ("Pod", "v1", format!("spec: {pod}"), "Pod/x"),
        ("PodTemplate", "v1", format!("template: {{spec: {pod}}}"), "PodTemplate/x"),
        ("ReplicationController", "v1", format!("spec: {{template: {{spec: {pod}}}}}"), "ReplicationController/x"),
        ("Deployment", "extensions/v1beta1", format!("spec: {{template: {{spec: {pod}}}}}"), "Deployment/x"),
        ("StatefulSet", "apps/v1", format!("spec: {{template: {{spec: {pod}}}}}"), "StatefulSet/x"),
        ("StatefulSet", "apps.kruise.io/v1beta1", format!("spec: {{template: {{spec: {pod}}}}}"), "StatefulSet/x"),
        ("Job", "batch/v1", format!("spec: {{template: {{spec: {pod}}}}}"), "Job/x"),
        (
            "Job",
            "batch.volcano.sh/v1alpha1",
            format!("spec: {{tasks: [{{name: t, template: {{spec: {pod}}}}}]}}"),
            "Job/x (t)",
        ),
        (
            "CronJob",
            "batch/v1beta1",
            format!("spec: {{jobTemplate: {{spec: {{template: {{spec: {pod}}}}}}}}}"),
            "CronJob/x",
        ),
        ("Rollout", "argoproj.io/v1alpha1", format!("spec: {{template: {{spec: {pod}}}}}"), "Rollout/x"),
        ("Service", "serving.knative.dev/v1", format!("spec: {{template: {{spec: {pod}}}}}"), "Service/x"),
        (
            "PyTorchJob",
            "kubeflow.org/v1",
            format!("spec: {{pytorchReplicaSpecs: {{Worker: {{template: {{spec: {pod}}}}}}}}}"),
            "PyTorchJob/x (Worker)",
        ),
        (
            "RayCluster",
            "ray.io/v1",
            format!("spec: {{workerGroupSpecs: [{{groupName: g, template: {{spec: {pod}}}}}]}}"),
            "RayCluster/x (g)",
        ),
        (
            "LeaderWorkerSet",
            "leaderworkerset.x-k8s.io/v1",
            format!("spec: {{leaderWorkerTemplate: {{workerTemplate: {{spec: {pod}}}}}}}"),
            "LeaderWorkerSet/x",
        ),
        ("Fleet", "agones.dev/v1", format!("spec: {{template: {{spec: {{template: {{spec: {pod}}}}}}}}}"), "Fleet/x"),
        (
            "Workflow",
            "argoproj.io/v1alpha1",
            "spec: {templates: [{name: t, container: {image: 'i:1'}}]}".to_owned(),
            "Workflow/x (t)",
        ),
        (
            "DeploymentList",
            "apps/v1",
            format!("items: [{{metadata: {{name: y}}, spec: {{template: {{spec: {pod}}}}}}}]"),
            "Deployment/y",
        ),
        ("List", "v1", format!("items: [{{kind: Pod, spec: {pod}}}]"), "Pod/(unnamed)"),
        (
            "Template",
            "template.openshift.io/v1",
            format!("objects: [{{kind: Pod, metadata: {{generateName: p-}}, spec: {pod}}}]"),
            "Pod/p-*",
        ),
    ] {
        let read = read(&format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\n{body}\n"));
        assert_eq!((read.names(), read.images()), (vec![expected], vec!["i:1"]), "{version} {kind}");
    }
}

#[test]
fn other_kinds_have_no_pods() {
    for (version, kind) in
        [("v1", "Service"), ("v1", "ConfigMap"), ("example.com/v1", "Fleet"), ("rbac/v1", "RoleList")]
    {
        let spec = "spec: {template: {spec: {containers: [{image: a}], template: {spec: {}}}}}";
        assert_eq!(read(&format!("apiVersion: {version}\nkind: {kind}\n{spec}\n")).names(), [""; 0], "{kind}");
    }
}

#[test]
fn containers_stand_in_the_order_in_which_they_start() {
    let read = read(
        "kind: Pod\nspec:\n  ephemeralContainers: [{name: e, image: e:1}]\n  containers: [{name: c, image: c:1}, {name: n}]\n  \
         initContainers: [{name: i, image: i:1}]\n",
    );
    let (workload, _) = read.only();
    let names: Vec<_> = workload.containers.iter().map(|it| (it.name.as_str(), it.image.map(|id| id.0))).collect();
    assert_eq!(names, [("i", Some(0)), ("c", Some(1)), ("n", None), ("e", Some(2))]);
}

#[test]
fn placeholders_make_holes_with_their_bytes() {
    let read = read(
        "kind: Pod\nspec:\n  containers: [{image: 'mcr.microsoft.com/windows/servercore:${TAG}-x'}]\n  \
         nodeSelector: {kubernetes.io/os: '#{Os}#'}\n  os: {name: $(OS)}\n",
    );
    let (workload, pod) = read.only();
    assert_eq!(read.images[0].known(), None);
    assert_eq!(read.images[0].hole(), Some("TAG"));
    assert_eq!(read.slice(read.images[0].pieces[1].at), "${TAG}");
    assert_eq!(pod.selector[0].value.text.hole(), Some("Os"));
    assert_eq!(pod.os_name.as_ref().and_then(|name| name.hole()), Some("OS"));
    assert!(workload.evidence.is_empty());
}

#[test]
fn selector_values_that_are_no_text_keep_their_text() {
    let read = read(
        "kind: Pod\nspec:\n  nodeSelector:\n    a: 14393.1715\n    b: '1'\n    c: yes\n    d: 10.0.20348\n    e: !!str 1\n",
    );
    let values: Vec<_> =
        read.only().1.selector.iter().map(|it| (it.value.text.value.as_str(), it.value.is_text)).collect();
    assert_eq!(values, [("14393.1715", false), ("1", true), ("yes", false), ("10.0.20348", true), ("1", true)]);
}

#[test]
fn wrong_types_make_the_placement_unreadable() {
    for (spec, unreadable) in [
        ("nodeSelector: ${SELECTOR}", "${SELECTOR}"),
        ("nodeSelector: {a: {b: c}}", "{b: c}"),
        ("nodeSelector: {a: [b]}", "[b]"),
        ("nodeSelector: {{ selector }}", "{ selector }"),
        ("affinity: x", "x"),
        ("affinity: {nodeAffinity: [y]}", "[y]"),
        ("tolerations: {key: z}", "{key: z}"),
        ("tolerations: [w]", "w"),
        ("runtimeClassName: {a: b}", "{a: b}"),
        ("nodeName: [n]", "[n]"),
    ] {
        let read = read(&format!("kind: Pod\nspec:\n  containers: [{{image: a}}]\n  {spec}\n"));
        let (_, pod) = read.only();
        assert_eq!(pod.unreadable.map(|span| read.slice(span)), Some(unreadable), "{spec}");
    }
    let null = read(
        "kind: Pod\nspec: {containers: [{image: a}], nodeSelector: null, affinity: ~, tolerations: , nodeName: null}\n",
    );
    assert_eq!(null.only().1.unreadable, None);
}

#[test]
fn the_placement_of_a_patch_is_elsewhere() {
    for (containers, unreadable) in
        [("[{name: web, args: [a]}]", "web"), ("[{name: b, image: b}, {args: [a]}]", "args"), ("[]", "p")]
    {
        let read = read(&format!("kind: Pod\nmetadata: {{name: p}}\nspec: {{containers: {containers}}}\n"));
        assert_eq!(read.only().1.unreadable.map(|span| read.slice(span)), Some(unreadable), "{containers}");
    }
}

#[test]
fn affinity_and_tolerations_are_read_as_they_stand() {
    let read = read(
        r#"kind: Pod
spec:
  tolerations:
  - {key: os, operator: Equal, value: windows, effect: NoSchedule}
  - operator: Exists
  affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms:
        - matchExpressions:
          - key: node.kubernetes.io/windows-build
            operator: In
            values: ["10.0.20348", 10.0.26100]
          - {key: gpu, operator: DoesNotExist}
          matchFields:
          - {key: metadata.name, operator: In, values: [n1]}
        - {}
      preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 1
        preference: {matchExpressions: [{key: x, operator: Exists}]}
"#,
    );
    let (_, pod) = read.only();
    let terms = pod.affinity.as_ref().expect("there");
    assert_eq!(
        terms.iter().map(|term| (term.expressions.len(), term.fields.len())).collect::<Vec<_>>(),
        [(2, 1), (0, 0)]
    );
    let labels: Vec<_> =
        pod.labels().map(|it| (it.key.value.as_str(), it.operator, it.values.len(), it.term)).collect();
    assert_eq!(
        labels,
        [("node.kubernetes.io/windows-build", Operator::In, 2, Some(0)), ("gpu", Operator::DoesNotExist, 0, Some(0))]
    );
    let tolerations: Vec<_> =
        pod.tolerations.iter().map(|it| (it.key.is_some(), it.operator(), it.effect.is_some())).collect();
    assert_eq!(
        tolerations,
        [(true, Some(TolerationOperator::Equal), true), (false, Some(TolerationOperator::Exists), false)]
    );
    assert_eq!(read.slice(pod.tolerations_key.expect("there")), "tolerations");
    assert_eq!(read.slice(pod.anchor().expect("there")), "affinity");
}

#[test]
fn a_container_overrides_the_host_process_of_its_pod() {
    let read = read(
        "kind: Pod\nspec:\n  securityContext: {windowsOptions: {hostProcess: true}}\n  containers:\n  - name: inherits\n  \
         - {name: refuses, securityContext: {windowsOptions: {hostProcess: false}}}\n  \
         - {name: asks, securityContext: {windowsOptions: {hostProcess: '${HP}'}}}\n",
    );
    let (workload, _) = read.only();
    let known: Vec<_> = workload.containers.iter().map(|it| it.host_process.known().map(|(is, _)| *is)).collect();
    assert_eq!(known, [Some(true), Some(false), None]);
    assert_eq!(read.evidence(), [(Os::Windows, EvidenceKind::HostProcess, "true")]);
    let plain = self::read("kind: Pod\nspec: {containers: [{name: a}]}\n");
    assert!(matches!(plain.only().0.containers[0].host_process, Known::Absent(_)));
}

#[test]
fn argo_templates_inherit_the_placement_of_their_workflow() {
    let workflow = |kind: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: {kind}\nmetadata: {{name: w}}\nspec:\n  nodeSelector: {{a: outer}}\n  \
             templates:\n  - {{name: inherits, container: {{image: 'i:1'}}}}\n  \
             - {{name: own, nodeSelector: {{b: inner}}, script: {{image: '{{{{inputs.parameters.image}}}}'}}}}\n  \
             - {{name: steps, steps: []}}\n"
        )
    };
    let read = read(&workflow("Workflow"));
    assert_eq!(read.names(), ["Workflow/w (inherits)", "Workflow/w (own)"]);
    assert_eq!(read.images[1].known(), None);
    let labels: Vec<_> = read
        .workloads
        .iter()
        .map(|it| match &it.placement {
            Placement::Kubernetes(pod) => {
                pod.selector.iter().map(|it| it.value.text.value.as_str()).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        })
        .collect();
    assert_eq!(labels, [["outer"], ["inner"]]);
}

#[test]
fn a_syntax_error_leaves_the_placement_of_its_document_unknown() {
    let pod = "kind: Pod\nspec:\n  containers: [{image: a}]\n";
    let read = read(&format!("{pod}---\n{pod}  nodeSelector\n  nodeName: n\n---\n{pod}"));
    let unreadable = read.workloads.iter().map(|it| match &it.placement {
        Placement::Kubernetes(pod) => pod.unreadable.is_some(),
        _ => false,
    });
    assert_eq!(unreadable.collect::<Vec<_>>(), [false, true, false]);
}

#[test]
fn broken_files_still_give_what_can_be_read() {
    for text in
        ["", "kind:", "kind: [Pod]", "kind: Pod", "kind: Pod\nspec: x", "[]", "kind: List\nitems: 3", "- kind: Pod"]
    {
        assert_eq!(read(text).names(), [""; 0], "{text}");
    }
    let lists = format!("{}kind: Pod, spec: {{}}{}", "{kind: List, items: [{".repeat(30), "}]}".repeat(30));
    assert_eq!(read(&lists).names(), [""; 0]);
}
