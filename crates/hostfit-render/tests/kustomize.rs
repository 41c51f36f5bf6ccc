//! Kustomizations: what comes out, where its bytes come from, and what is not known.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test")]

mod common;

use std::fmt::Write as _;

use common::Files;
use hostfit_render::{
    FileTable, Origin, ProblemKind,
    kustomize::{Building, Options, build, references},
    yaml,
};

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      nodeSelector:\n        kubernetes.io/os: linux\n      containers:\n      - name: web\n        image: registry.example/web:ltsc2019\n      - name: log\n        image: registry.example/log\n";

/// A tree of these files.
fn tree(files: &[(&str, &str)]) -> Files {
    let mut all = Files::default();
    for (path, text) in files {
        all.put(path, text);
    }
    all
}

/// The base of one Deployment, under these files.
fn over_base(files: &[(&str, &str)]) -> Files {
    let mut all = tree(files);
    all.put("base/kustomization.yaml", "resources: [web.yaml]\n");
    all.put("base/web.yaml", DEPLOYMENT);
    all
}

fn built(files: &Files, folder: &str) -> (Building, FileTable) {
    let mut table = FileTable::default();
    let building = build(files, folder, &mut table, &Options::default());
    (building, table)
}

/// All objects, one after the other.
fn output(building: &Building) -> String {
    let texts = building.rendering.manifests.iter().map(|manifest| manifest.text.as_str());
    texts.collect::<Vec<_>>().join("\n---\n")
}

fn problems(building: &Building) -> Vec<(ProblemKind, &str)> {
    building.rendering.problems.iter().map(|problem| (problem.kind, problem.message.as_str())).collect()
}

/// The file bytes that decide `needle` in the first object that has it: `path: bytes`, one for each piece.
fn origins(files: &Files, folder: &str, needle: &str) -> Vec<String> {
    let (building, table) = built(files, folder);
    assert_eq!(problems(&building), []);
    let manifest = building.rendering.manifests.iter().find(|manifest| manifest.text.as_str().contains(needle));
    let text = &manifest.expect(needle).text;
    let at = text.as_str().find(needle).unwrap();
    let origins = text.origins(at..at + needle.len());
    let shown = origins.map(|(_, origin)| match &origin {
        Origin::Written(place) => {
            let path = table.path(place.file);
            format!("{path}: {}", String::from_utf8_lossy(&files.0[path][place.range()]))
        }
        Origin::Given => "given".to_owned(),
        other => format!("{other:?}"),
    });
    shown.collect()
}

#[test]
fn what_nothing_changes_stands_in_the_base() {
    let files = over_base(&[("prod/kustomization.yaml", "resources: [../base]\n")]);
    assert_eq!(origins(&files, "prod", "linux"), ["base/web.yaml: linux"]);
    assert_eq!(origins(&files, "prod", "nodeSelector"), ["base/web.yaml: nodeSelector"]);
    let (building, table) = built(&files, "prod");
    assert_eq!(building.kustomizations, ["base"]);
    let paths: Vec<_> = building.files.iter().map(|&id| table.path(id)).collect();
    assert_eq!(paths, ["prod/kustomization.yaml", "base/kustomization.yaml", "base/web.yaml"]);
    assert_eq!(table.path(building.rendering.manifests[0].template), "base/web.yaml");
    assert_eq!(references(&files, "prod"), ["base"]);
}

#[test]
fn a_new_tag_stands_where_the_overlay_writes_it() {
    let overlay = "resources: [../base]\nimages:\n- name: registry.example/web\n  newTag: ltsc2022\n- name: registry.example/log\n  newName: mirror.example/log\n  newTag: $(Build.BuildNumber)\n";
    let files = over_base(&[("prod/kustomization.yaml", overlay)]);
    assert_eq!(
        origins(&files, "prod", "registry.example/web:ltsc2022"),
        ["base/web.yaml: registry.example/web:", "prod/kustomization.yaml: ltsc2022"]
    );
    assert_eq!(
        origins(&files, "prod", "mirror.example/log:$(Build.BuildNumber)"),
        ["prod/kustomization.yaml: mirror.example/log", "given", "prod/kustomization.yaml: $(Build.BuildNumber)"]
    );
}

#[test]
fn digests_and_ports_of_registries_are_not_tags() {
    let pod = |image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec: {{containers: [{{name: a, image: '{image}'}}]}}\n"
        )
    };
    for (image, entry, expected) in [
        ("r.example:5000/a", "name: r.example:5000/a, newTag: '2'", "r.example:5000/a:2"),
        ("r.example:5000/a:1@sha256:12", "name: r.example:5000/a, newTag: '2'", "r.example:5000/a:2"),
        ("a:1", "name: a, digest: 'sha256:12'", "a@sha256:12"),
        ("a:1", "name: a, digest: 'sha256:12', newTag: '2'", "a:2@sha256:12"),
        ("a@sha256:12", "name: a, newName: b", "b@sha256:12"),
        // kustomize goes over containers twice.
        ("a:1", "name: a, tagSuffix: -x", "a:1-x-x"),
        ("ab:1", "name: a, newTag: '2'", "ab:1"),
        ("r.example/a:1", "name: a, newTag: '2'", "r.example/a:1"),
        ("aXb:1", "name: a.b, newTag: '2'", "aXb:2"),
        ("a:1", "name: '(', newTag: '2'", "a:1"),
    ] {
        let overlay = format!("resources: [pod.yaml]\nimages: [{{{entry}}}]\n");
        let files = tree(&[("kustomization.yaml", &overlay), ("pod.yaml", &pod(image))]);
        let (building, _) = built(&files, "");
        assert!(output(&building).contains(&format!("image: {expected}\n")), "{entry}: {}", output(&building));
    }
}

#[test]
fn a_strategic_merge_patch_brings_its_places() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      nodeSelector:\n        kubernetes.io/os: windows\n      containers:\n      - name: web\n        image: registry.example/web:ltsc2022\n";
    let files = over_base(&[
        ("prod/kustomization.yaml", "resources: [../base]\npatches: [{path: patch.yaml}]\n"),
        ("prod/patch.yaml", patch),
    ]);
    assert_eq!(origins(&files, "prod", "windows"), ["prod/patch.yaml: windows"]);
    assert_eq!(origins(&files, "prod", "nodeSelector"), ["base/web.yaml: nodeSelector"]);
    assert_eq!(
        origins(&files, "prod", "registry.example/web:ltsc2022"),
        ["prod/patch.yaml: registry.example/web:ltsc2022"]
    );
    assert_eq!(origins(&files, "prod", "registry.example/log"), ["base/web.yaml: registry.example/log"]);
}

#[test]
fn an_inline_patch_stands_in_the_kustomization() {
    let overlay = "resources: [../base]\npatches:\n- target: {kind: Deploy.*}\n  patch: |\n    - op: replace\n      path: /spec/template/spec/nodeSelector/kubernetes.io~1os\n      value: windows\n    - op: add\n      path: /spec/template/spec/runtimeClassName\n      value: wcow\n";
    let files = over_base(&[("prod/kustomization.yaml", overlay)]);
    assert_eq!(origins(&files, "prod", "windows"), ["prod/kustomization.yaml: windows"]);
    assert_eq!(origins(&files, "prod", "wcow"), ["prod/kustomization.yaml: wcow"]);
    assert_eq!(origins(&files, "prod", "runtimeClassName"), ["prod/kustomization.yaml: runtimeClassName"]);
}

#[test]
fn names_labels_and_replacements_keep_their_pieces() {
    let overlay = "resources: [../base]\nnamePrefix: prod-\nconfigMapGenerator:\n- name: versions\n  literals: [web=ltsc2022]\n  envs: [more.env]\nreplacements:\n- source: {kind: ConfigMap, name: versions, fieldPath: data.web}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths: ['spec.template.spec.containers.[name=web].image']\n    options: {delimiter: ':', index: 1}\n- source: {kind: ConfigMap, name: versions, fieldPath: data.LOG}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths: [spec.template.spec.containers.1.image]\n";
    let files = over_base(&[
        ("prod/kustomization.yaml", overlay),
        ("prod/more.env", "# versions\n  LOG=registry.example/log:2\n"),
    ]);
    assert_eq!(origins(&files, "prod", "prod-web"), ["prod/kustomization.yaml: prod-", "base/web.yaml: web"]);
    assert_eq!(
        origins(&files, "prod", "registry.example/web:ltsc2022"),
        ["base/web.yaml: registry.example/web", "given", "prod/kustomization.yaml: ltsc2022"]
    );
    assert_eq!(origins(&files, "prod", "registry.example/log:2"), ["prod/more.env: registry.example/log:2"]);
}

#[test]
fn an_image_of_a_chart_stands_in_its_values() {
    let files = tree(&[
        (
            "prod/kustomization.yaml",
            "helmGlobals: {chartHome: ../charts}\nhelmCharts:\n- name: web\n  releaseName: shop\n  valuesInline: {tag: ltsc2022}\nnamePrefix: prod-\nimages: [{name: registry.example/web, newName: mirror.example/web}]\n",
        ),
        ("charts/web/Chart.yaml", "name: web\nversion: 0.1.0\n"),
        ("charts/web/values.yaml", "tag: ltsc2019\nsize: 1\n"),
        (
            "charts/web/templates/pod.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: \"{{ .Release.Name }}\"}\nspec:\n  nodeSelector: {{ .Values.selector.missing }}\n  containers:\n  - name: a\n    image: registry.example/web:{{ .Values.tag }}\n",
        ),
    ]);
    let (building, table) = built(&files, "prod");
    let paths: Vec<_> = building.files.iter().map(|&id| table.path(id)).collect();
    let of_chart = ["charts/web/Chart.yaml", "charts/web/values.yaml", "charts/web/templates/pod.yaml"];
    assert_eq!(paths, [&["prod/kustomization.yaml"][..], &of_chart].concat());
    assert_eq!(building.charts, ["charts/web"]);
    assert_eq!(references(&files, "prod"), ["charts/web"]);
    assert_eq!(
        origins(&files, "prod", "mirror.example/web:ltsc2022"),
        [
            "prod/kustomization.yaml: mirror.example/web",
            "charts/web/templates/pod.yaml: :",
            "prod/kustomization.yaml: ltsc2022"
        ]
    );
    assert!(output(&building).contains("name: prod-shop\n"), "{}", output(&building));
    assert_eq!(building.rendering.holes.len(), 1);
    assert!(building.rendering.manifests[0].text.hole().is_some());
}

#[test]
fn what_is_written_can_be_read() {
    let text = "a: \u{95}\n\u{7}\u{feff}\tx ";
    let mut files = tree(&[
        (
            "kustomization.yaml",
            "configMapGenerator: [{name: x, files: [text.txt, other=bytes.bin], literals: ['yes=1.0', 'a=# b: ']}]\n",
        ),
        ("text.txt", text),
    ]);
    files.0.insert("bytes.bin".to_owned(), vec![0xff, 0xfe, 0]);
    let (building, _) = built(&files, "");
    let read = yaml::read(&building.rendering.manifests[0].text);
    assert_eq!(read.error, None, "{}", output(&building));
    let data = read.roots[0].get("data").unwrap();
    let value = |key: &str| data.get(key).unwrap().str();
    assert_eq!([value("text.txt"), value("yes"), value("a")], [Some(text), Some("1.0"), Some("# b: ")]);
    assert!(data.get("other").unwrap().hole().is_some());
}

#[test]
fn own_generators_and_transformers_run() {
    let plugin = |kind: &str, rest: &str| format!("apiVersion: builtin\nkind: {kind}\nmetadata: {{name: x}}\n{rest}\n");
    let files = over_base(&[
        (
            "prod/kustomization.yaml",
            "resources: [../base]\ngenerators: [config.yaml]\ntransformers:\n- image.yaml\n- ../plugins\n- |\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: y}\n  target: {kind: Deployment}\n  patch: '[{op: add, path: /spec/template/spec/runtimeClassName, value: wcow}]'\n",
        ),
        ("prod/config.yaml", &plugin("ConfigMapGenerator", "literals: [a=b]")),
        ("prod/image.yaml", &plugin("ImageTagTransformer", "imageTag: {name: registry.example/web, newTag: ltsc2022}")),
        ("plugins/kustomization.yaml", "resources: [prefix.yaml]\n"),
        ("plugins/prefix.yaml", &plugin("PrefixTransformer", "prefix: p-\nfieldSpecs: [{path: metadata/name}]")),
    ]);
    assert_eq!(
        origins(&files, "prod", "registry.example/web:ltsc2022"),
        ["base/web.yaml: registry.example/web:", "prod/image.yaml: ltsc2022"]
    );
    assert_eq!(origins(&files, "prod", "p-web"), ["plugins/prefix.yaml: p-", "base/web.yaml: web"]);
    assert_eq!(origins(&files, "prod", "wcow"), ["prod/kustomization.yaml: wcow"]);
    let (building, _) = built(&files, "prod");
    assert_eq!(building.rendering.manifests.len(), 2);
    assert_eq!(building.kustomizations, ["base", "plugins"]);
    assert_eq!(references(&files, "prod"), ["base", "plugins"]);
}

#[test]
fn what_is_remote_leaves_the_rest() {
    let overlay = "resources:\n- https://example.com/all.yaml\n- github.com/example/repo//base?ref=v1\n- ../missing\n- ../base\nhelmCharts: [{name: x, repo: 'https://charts.example'}]\npatches:\n- patch: '{apiVersion: v1, kind: Secret, metadata: {name: remote}, data: {a: b}}'\n";
    let files = over_base(&[("prod/kustomization.yaml", overlay)]);
    let (building, table) = built(&files, "prod");
    assert!(!building.is_unknown);
    assert_eq!(building.rendering.manifests.len(), 1);
    let problems = &building.rendering.problems;
    let kinds: Vec<_> = problems.iter().map(|problem| problem.kind).collect();
    // That the patch finds no target follows from what is remote.
    assert_eq!(kinds[..4], [ProblemKind::Missing; 4], "{problems:?}");
    assert_eq!(kinds[4..], [ProblemKind::Consequence]);
    let place = problems[1].place.unwrap();
    assert_eq!(table.path(place.file), "prod/kustomization.yaml");
    assert_eq!(&overlay[place.range()], "github.com/example/repo//base?ref=v1");
}

#[test]
fn what_may_change_everything_leaves_nothing() {
    for field in [
        "components: ['https://example.com/part']",
        "components: [../missing]",
        "components: [../base]",
        "generators: [plugin.yaml]",
        "transformers: [plugin.yaml]",
        "transformers: ['https://example.com/plugin.yaml']",
        "configurations: [missing.yaml]",
        "openapi: {path: schema.json}",
        "patches: [{path: missing.yaml}]",
        "patches: [{path: ../base/web.yaml}]",
        "patchesStrategicMerge: [missing.yaml]",
        "patchesJson6902: [{target: {kind: Deployment, name: web}, path: missing.yaml}]",
        "replacements: [{path: missing.yaml}]",
        "unknownField: 1",
        "kind: Other",
        "namespace: 1",
    ] {
        let files = over_base(&[
            ("prod/kustomization.yaml", &format!("resources: [../base]\n{field}\n")),
            ("prod/plugin.yaml", "apiVersion: example.com/v1\nkind: Plugin\nmetadata: {name: x}\n"),
            ("all/kustomization.yaml", "resources: [../prod, own.yaml]\n"),
            ("all/own.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: own}\n"),
        ]);
        let (building, _) = built(&files, "prod");
        assert!(building.is_unknown, "{field}");
        assert!(building.rendering.manifests.is_empty());
        assert_eq!(building.rendering.problems.len(), 1, "{field}: {:?}", building.rendering.problems);
        // Who uses it has its own objects.
        let (building, _) = built(&files, "all");
        assert!(!building.is_unknown);
        assert_eq!(output(&building), "apiVersion: v1\nkind: Pod\nmetadata:\n  name: own");
    }
}

#[test]
fn what_comes_from_an_unknown_object_is_a_hole() {
    let overlay = "resources: [../base, ../missing]\nreplacements:\n- source: {kind: ConfigMap, name: remote, fieldPath: data.image}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths: ['spec.template.spec.containers.[name=web].image']\n";
    let files = over_base(&[("prod/kustomization.yaml", overlay)]);
    let (building, _) = built(&files, "prod");
    let text = &building.rendering.manifests[0].text;
    let hole = text.hole().expect("a hole");
    assert_eq!(building.rendering.holes[hole.0 as usize].reason, "nothing selected by ConfigMap remote");
    assert!(text.as_str().contains("image: ‹unknown›"), "{}", text.as_str());
}

#[test]
fn what_kustomize_refuses_is_a_problem() {
    for (field, message) in [
        ("resources: [../base, ../base]", "already registered id: Deployment web"),
        ("patches: [{patch: '{apiVersion: v1, kind: Secret, metadata: {name: x}}'}]", "no matches for Id Secret x"),
        (
            "patches: [{patch: '[{op: remove, path: /spec/none}]', target: {kind: Deployment}}]",
            "remove operation does not apply: /spec/none",
        ),
        (
            "patches: [{patch: '[{op: test, path: /kind, value: Pod}]', target: {kind: Deployment}}]",
            "testing value /kind failed",
        ),
        ("patches: [{patch: '[{op: add, path: /x, value: 1}]'}]", "must specify a target"),
        ("patches: [{patch: '[{op: add, path: /x, value: 1}]', target: {name: '('}}]", "not a regular expression"),
        (
            "patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: []}'}]",
            "wrong node kind",
        ),
        (
            "patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {$patch: x}}'}]",
            "unknown patch strategy 'x'",
        ),
        (
            "patches: [{target: {kind: Deployment}, patch: \"{kind: A, metadata: {name: x}}\\n---\\n{kind: B, metadata: {name: x}}\"}]",
            "several strategic merge patches",
        ),
        ("replicas: [{name: other, count: 2}]", "does not match"),
        ("replacements: [{source: {kind: Secret}, targets: []}]", "nothing selected by Secret"),
        ("configMapGenerator: [{name: x, behavior: merge}]", "does not exist; cannot merge or replace"),
    ] {
        let resources = if field.starts_with("resources") { "" } else { "resources: [../base]\n" };
        let files = over_base(&[("prod/kustomization.yaml", &format!("{resources}{field}\n"))]);
        let (building, _) = built(&files, "prod");
        let problems = problems(&building);
        assert_eq!(problems.len(), 1, "{field}: {problems:?}");
        assert!(problems[0].0 == ProblemKind::Refused && problems[0].1.contains(message), "{field}: {problems:?}");
        assert_eq!(building.rendering.manifests.len(), 1, "{field}");
    }
}

#[test]
fn files_are_read_below_the_folder_only_and_bases_anywhere_in_the_tree() {
    for (path, is_known) in [
        ("../base", true),
        ("../base/web.yaml", false),
        ("../../base", false),
        ("/base", false),
        ("sub/../../base", true),
    ] {
        let files = over_base(&[("prod/kustomization.yaml", &format!("resources: ['{path}']\n"))]);
        let (building, _) = built(&files, "prod");
        assert_eq!(building.rendering.manifests.len(), usize::from(is_known), "{path}");
        assert_eq!(building.rendering.problems.len(), usize::from(!is_known), "{path}");
    }
    let files = over_base(&[("prod/kustomization.yaml", "resources: [../base/web.yaml]\n")]);
    let options = Options { reads_outside: true, ..Options::default() };
    let building = build(&files, "prod", &mut FileTable::default(), &options);
    assert_eq!(building.rendering.manifests.len(), 1);
}

#[test]
fn definitions_are_left_out_where_nobody_wants_them() {
    let definition =
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.example.com}\n";
    let files = over_base(&[
        ("prod/kustomization.yaml", "resources: [../base, definition.yaml]\n"),
        ("prod/definition.yaml", definition),
    ]);
    let count = |without_definitions| {
        let options = Options { without_definitions, ..Options::default() };
        build(&files, "prod", &mut FileTable::default(), &options).rendering.manifests.len()
    };
    assert_eq!([count(false), count(true)], [2, 1]);
}

#[test]
fn a_component_alone_and_other_kinds_of_kustomizations_are_not_faults() {
    let files = over_base(&[
        (
            "part/kustomization.yaml",
            "kind: Component\npatches: [{path: web.yaml}]\nreplicas: [{name: web, count: 2}]\n",
        ),
        ("part/web.yaml", DEPLOYMENT),
        (
            "flux/kustomization.yaml",
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {path: ./prod}\n",
        ),
    ]);
    let kinds = |folder| problems(&built(&files, folder).0).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    assert_eq!(kinds("part"), [ProblemKind::Consequence]);
    assert_eq!(kinds("flux"), [ProblemKind::Unreadable]);
}

#[test]
fn circles_end() {
    for folder in [".", "..", "../b", "../a/../b", "../../b"] {
        let files = tree(&[
            ("a/kustomization.yaml", "resources: [../b]\n"),
            ("b/kustomization.yaml", &format!("resources: [{folder}, ../a]\n")),
            ("kustomization.yaml", "resources: [a]\n"),
        ]);
        for start in ["a", "b", ""] {
            let (building, _) = built(&files, start);
            assert!(building.rendering.manifests.is_empty());
            assert!(!building.rendering.problems.is_empty(), "{folder}");
        }
    }
}

#[test]
fn bases_that_multiply_reach_a_limit() {
    let mut files = Files::default();
    for level in 0..30 {
        let uses = format!("resources: [../l{0}, ../l{0}x]\n", level + 1);
        files.put(&format!("l{level}/kustomization.yaml"), &uses);
        files.put(&format!("l{level}x/kustomization.yaml"), &uses);
    }
    let (building, _) = built(&files, "l0");
    assert!(building.is_unknown);
    assert_eq!(problems(&building).last().unwrap().0, ProblemKind::Limit);
    let mut deep = Files::default();
    for level in 0..100 {
        deep.put(&format!("l{level}/kustomization.yaml"), &format!("resources: [../l{}]\n", level + 1));
    }
    assert_eq!(problems(&built(&deep, "l0").0).last().unwrap().0, ProblemKind::Limit);
}

#[test]
fn large_input_reaches_a_limit() {
    let mut pods = String::new();
    for number in 0..10_010 {
        write!(pods, "---\nkind: Pod\nmetadata: {{name: p{number}}}\n").unwrap();
    }
    let files = tree(&[("kustomization.yaml", "resources: [pods.yaml]\n"), ("pods.yaml", &pods)]);
    assert_eq!(problems(&built(&files, "").0)[0].0, ProblemKind::Limit);

    // Two lists of which each item is looked for in the other.
    let items = |from: usize| (from..from + 40_000).fold(String::new(), |all, at| format!("{all}{{name: e{at}}},"));
    let object = |from: usize| {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec: {{volumes: [{}]}}\n", items(from))
    };
    let files = tree(&[
        ("kustomization.yaml", "resources: [pod.yaml]\npatches: [{path: patch.yaml}]\n"),
        ("pod.yaml", &object(0)),
        ("patch.yaml", &object(100_000)),
    ]);
    assert_eq!(problems(&built(&files, "").0)[0].0, ProblemKind::Limit);

    let nested = format!("kind: Pod\nmetadata: {{name: x}}\nspec: {}{}\n", "[".repeat(5_000), "]".repeat(5_000));
    let files = tree(&[("kustomization.yaml", "resources: [pod.yaml]\n"), ("pod.yaml", &nested)]);
    assert_eq!(problems(&built(&files, "").0)[0].0, ProblemKind::Unreadable);

    let lists = (0..100).fold("{kind: Pod, metadata: {name: x}}".to_owned(), |inner, _| {
        format!("{{kind: List, items: [{inner}, {{}}]}}")
    });
    let files = tree(&[("kustomization.yaml", "resources: [pod.yaml]\n"), ("pod.yaml", &lists)]);
    built(&files, "");

    let copies = (0..60).fold(String::new(), |all, at| format!("{all}{{op: copy, from: /spec, path: /spec/x{at}}},"));
    let many = format!("resources: [pod.yaml]\npatches: [{{patch: '[{copies}]', target: {{kind: Pod}}}}]\n");
    let files = tree(&[("kustomization.yaml", &many), ("pod.yaml", "kind: Pod\nmetadata: {name: x}\nspec: {a: 1}\n")]);
    assert_eq!(problems(&built(&files, "").0)[0].0, ProblemKind::Limit);

    // Copies in copies nest deeper with each of them.
    for field in [
        format!("patches: [{{patch: '[{}]', target: {{kind: Pod}}}}]", "{op: copy, from: /spec, path: /spec/x},".repeat(3_000)),
        format!("replacements:\n{}", "- {source: {kind: Pod, fieldPath: spec}, targets: [{select: {kind: Pod}, fieldPaths: [spec.x], options: {create: true}}]}\n".repeat(3_000)),
        format!("replacements: [{{sourceValue: a, targets: [{{select: {{kind: Pod}}, fieldPaths: ['{}'], options: {{create: true}}}}]}}]", "a.".repeat(50_000)),
    ] {
        let files = tree(&[
            ("kustomization.yaml", &format!("resources: [pod.yaml]\n{field}\n")),
            ("pod.yaml", "kind: Pod\nmetadata: {name: x}\nspec: {a: 1}\n"),
        ]);
        let (building, _) = built(&files, "");
        assert!(!building.rendering.problems.is_empty());
    }
}

#[test]
fn damaged_input_is_refused_without_a_panic() {
    let parts = [
        "resources:",
        "- ../base",
        "- web.yaml",
        "patches:",
        "- patch: |",
        "    - op: add",
        "      path: /spec/-",
        "      value: 1",
        "  target: {kind: D.*}",
        "images:",
        "- name: é",
        "  newTag: ''",
        "replacements:",
        "- source: {}",
        "  targets: [{select: {}}]",
        "components: []",
        "namespace: x",
        "vars: [{name: A, objref: {kind: Deployment, name: web}}]",
        "replicas: [{name: web}]",
        "labels: [{pairs: {a: b}}]",
        "configMapGenerator: [{literals: ['=']}]",
        "helmCharts: [{}]",
        "patchesStrategicMerge: ['{}']",
        "\u{feff}",
        ": :",
        "[",
        "---",
        "null",
    ];
    let mut state = 1_u64;
    for _ in 0..2_000 {
        let mut text = String::new();
        for _ in 0..8 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(parts[usize::try_from(state >> 33).unwrap() % parts.len()]);
            text.push('\n');
        }
        let files = over_base(&[("prod/kustomization.yaml", &text), ("prod/web.yaml", DEPLOYMENT)]);
        built(&files, "prod");
    }
}
