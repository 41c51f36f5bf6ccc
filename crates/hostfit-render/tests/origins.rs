//! Where the bytes of a rendering come from, and what stays unknown.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test")]

mod common;

use common::{Files, output};
use hostfit_render::{Data, FileTable, Options, Origin, Rendering, yaml};

/// The file bytes that decide `needle` in the output of the first template: `path: bytes`, one for each piece.
fn origins(files: &Files, needle: &str) -> Vec<String> {
    let (rendering, table) = files.render();
    origins_of(files, &rendering, &table, needle)
}

fn origins_of(files: &Files, rendering: &Rendering, table: &FileTable, needle: &str) -> Vec<String> {
    let text = &rendering.manifests[0].text;
    let at = text.as_str().find(needle).expect(needle);
    let origins = text.origins(at..at + needle.len());
    let shown = origins.map(|(_, origin)| match &origin {
        Origin::Given => "given".to_owned(),
        Origin::Setting(number) => format!("setting {number}"),
        Origin::Hole(hole) => format!("hole: {}", rendering.holes[hole.0 as usize].reason),
        Origin::Written(_) => places(files, table, &origin),
        Origin::Made(_) => format!("made of {}", places(files, table, &origin)),
    });
    shown.collect()
}

fn places(files: &Files, table: &FileTable, origin: &Origin) -> String {
    let shown = origin.places().into_iter().map(|place| {
        let path = table.path(place.file);
        let bytes = files.0.get(path).map(|bytes| String::from_utf8_lossy(&bytes[place.range()]).into_owned());
        format!("{}: {}", path.trim_start_matches("chart/"), bytes.unwrap_or_default())
    });
    shown.collect::<Vec<_>>().join(", ")
}

const VALUES: &str = "image:\n  repository: registry.example/web\n  tag: \"ltsc2022\"\nnodeSelector:\n  kubernetes.io/os: windows\nport: 8080\nlarge: 1000000\n";

fn with_template(template: &str) -> Files {
    Files::chart(&[("values.yaml", VALUES), ("templates/a.yaml", template)])
}

#[test]
fn a_value_that_is_put_together_keeps_all_its_pieces() {
    let files = with_template("image: {{ printf \"%s:%s\" .Values.image.repository .Values.image.tag | quote }}\n");
    assert_eq!(
        origins(&files, "web:ltsc2022\""),
        ["values.yaml: web", "templates/a.yaml: :", "values.yaml: ltsc2022", "given"]
    );
}

#[test]
fn an_output_knows_the_action_that_wrote_it() {
    let template = "image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"\n";
    let files = with_template(template);
    let (rendering, _) = files.render();
    let manifest = &rendering.manifests[0];
    let at = u32::try_from(manifest.text.as_str().find("ltsc2022").unwrap()).unwrap();
    let used = manifest.uses.iter().find(|used| used.end > at).unwrap();
    assert_eq!(&template[used.place.range()], "{{ .Values.image.tag }}");
}

#[test]
fn yaml_of_values_keeps_keys_and_scalars() {
    let files = with_template("spec:\n  nodeSelector:\n    {{- toYaml .Values.nodeSelector | nindent 4 }}\n");
    assert_eq!(origins(&files, "kubernetes.io/os"), ["values.yaml: kubernetes.io/os"]);
    assert_eq!(origins(&files, "windows"), ["values.yaml: windows"]);
    assert_eq!(origins(&files, "nodeSelector"), ["templates/a.yaml: nodeSelector"]);
}

#[test]
fn numbers_keep_their_place() {
    let files = with_template(
        "a: {{ .Values.port }}\nb: {{ .Values.port | int }}\nc: {{ .Values.large }}\nd: {{ add .Values.port 1 }}\n",
    );
    assert_eq!(origins(&files, "a: 8080")[1..], ["values.yaml: 8080"]);
    assert_eq!(origins(&files, "b: 8080")[1..], ["values.yaml: 8080"]);
    assert_eq!(origins(&files, "1e+06"), ["values.yaml: 1000000"]);
    assert_eq!(origins(&files, "8081"), ["made of values.yaml: 8080, templates/a.yaml: 1"]);
}

#[test]
fn helpers_and_tpl_lead_to_the_innermost_literal() {
    let files = Files::chart(&[
        (
            "values.yaml",
            "os: windows\nselector: 'kubernetes.io/os: {{ .Values.os }}'\nblock: |\n  first: {{ .Values.os }}\n  second: here\n",
        ),
        ("templates/_helpers.tpl", "{{- define \"case.name\" -}}\nfixed-name\n{{- end -}}\n"),
        (
            "templates/a.yaml",
            "name: {{ include \"case.name\" . | trunc 5 | trimSuffix \"-\" }}\n{{ tpl .Values.selector . }}\n{{ tpl .Values.block . }}",
        ),
    ]);
    assert_eq!(origins(&files, "name: fixed")[1..], ["templates/_helpers.tpl: fixed"]);
    assert_eq!(
        origins(&files, "kubernetes.io/os: windows"),
        ["values.yaml: kubernetes.io/os: ", "values.yaml: windows"]
    );
    assert_eq!(origins(&files, "second: here"), ["values.yaml: second: here"]);
    assert_eq!(origins(&files, "first: windows"), ["values.yaml: first: ", "values.yaml: windows"]);
}

#[test]
fn yaml_that_a_helper_writes_keeps_its_places() {
    let files = Files::chart(&[
        ("values.yaml", "os: windows\n"),
        (
            "templates/_helpers.tpl",
            "{{ define \"case.selector\" }}kubernetes.io/os: {{ .Values.os }}\nzone: \"a\\tb\"\n{{ end }}",
        ),
        ("templates/a.yaml", "{{ $s := include \"case.selector\" . | fromYaml }}{{ toYaml $s }}\n"),
    ]);
    assert_eq!(origins(&files, "windows"), ["values.yaml: windows"]);
    assert_eq!(origins(&files, "zone"), ["templates/_helpers.tpl: zone"]);
    assert_eq!(origins(&files, "a\\tb")[1], "made of templates/_helpers.tpl: a\\tb");
}

#[test]
fn defaults_lead_to_what_was_taken() {
    let files = with_template(
        "a: {{ .Values.none | default .Chart.AppVersion }}\nb: {{ .Values.none | default \"fixed\" }}\nc: {{ upper .Values.image.tag }}\n",
    );
    assert_eq!(origins(&files, "a: 1.1")[1..], ["Chart.yaml: 1.10"]);
    assert_eq!(origins(&files, "fixed"), ["templates/a.yaml: fixed"]);
    assert_eq!(origins(&files, "LTSC2022"), ["made of values.yaml: ltsc2022"]);
}

#[test]
fn further_values_are_put_over_the_charts_own() {
    let files = with_template(
        "a: {{ .Values.image.tag }}\nb: {{ .Values.image.repository }}\nc: {{ .Values.port }}\nd: {{ .Values.new }}\n",
    );
    let mut table = FileTable::default();
    let over = "image: {tag: ltsc2019}\nport: null\n";
    let id = table.id("over.yaml");
    let layer = yaml::read(&hostfit_render::Text::file(id, over)).roots.remove(0);
    let mut set = hostfit_render::Node::new(Data::Map(Vec::new()));
    set.put(
        hostfit_render::Text::given("new"),
        hostfit_render::Node::new(Data::String(hostfit_render::Text::new("x", Origin::Setting(0)))),
    );
    let chart = hostfit_render::load(&files, "chart", &mut table).unwrap();
    let rendering = hostfit_render::render(&chart, &Options { values: vec![layer, set], ..Options::default() });
    assert_eq!(output(&rendering), "a: ltsc2019\nb: registry.example/web\nc: \nd: x\n");
    let mut all = files;
    all.put("over.yaml", over);
    assert_eq!(origins_of(&all, &rendering, &table, "ltsc2019"), ["over.yaml: ltsc2019"]);
    assert_eq!(origins_of(&all, &rendering, &table, "d: x")[1..], ["setting 0"]);
}

#[test]
fn subcharts_take_values_from_their_parents() {
    let files = Files::chart(&[
        (
            "Chart.yaml",
            "apiVersion: v2\nname: case\nversion: 0.1.0\ndependencies:\n- {name: db, version: 1.x, alias: store, condition: store.enabled}\n- {name: db, version: 1.x, alias: extra, condition: extra.enabled}\n- {name: lib, version: '*'}\n",
        ),
        ("values.yaml", "global: {os: windows}\nstore: {tag: parent}\nextra: {enabled: false}\n"),
        ("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.2.3\n"),
        ("charts/db/values.yaml", "tag: own\nname: deep\nenabled: true\n"),
        (
            "charts/db/templates/a.yaml",
            "{{ .Chart.Name }} {{ .Values.tag }} {{ .Values.name }} {{ .Values.global.os }} {{ include \"lib.x\" . }}\n",
        ),
        ("charts/lib/Chart.yaml", "apiVersion: v2\nname: lib\nversion: 0.1.0\ntype: library\n"),
        ("charts/lib/templates/_x.tpl", "{{ define \"lib.x\" }}from-lib{{ end }}"),
        ("charts/lib/templates/b.yaml", "never: rendered\n"),
    ]);
    let (rendering, _) = files.render();
    let names: Vec<_> = rendering.manifests.iter().map(|manifest| manifest.name.as_str()).collect();
    assert_eq!(names, ["case/charts/store/templates/a.yaml"]);
    assert_eq!(output(&rendering), "store parent deep windows from-lib\n");
    assert_eq!(origins(&files, "parent"), ["values.yaml: parent"]);
    assert_eq!(origins(&files, "deep"), ["charts/db/values.yaml: deep"]);
    assert_eq!(origins(&files, "windows"), ["values.yaml: windows"]);
    assert_eq!(origins(&files, "from-lib"), ["charts/lib/templates/_x.tpl: from-lib"]);
}

#[test]
fn a_scalar_that_is_unknown_is_a_hole_among_what_is_known() {
    let files = with_template(
        "image: \"{{ .Values.image.repository }}:{{ required \"a tag\" .Values.tag }}\"\nos: {{ include \"common.os\" . }}\n",
    );
    let (rendering, _) = files.render();
    let root = yaml::read(&rendering.manifests[0].text).roots.remove(0);
    assert_eq!(root.get("image").unwrap().str(), Some("registry.example/web:‹unknown›"));
    assert!(matches!(root.get("os").unwrap().data, Data::Hole(_)));
    let reasons: Vec<_> = rendering.holes.iter().map(|hole| (hole.expression.as_str(), hole.reason.as_str())).collect();
    assert_eq!(
        reasons,
        [
            ("required \"a tag\" .Values.tag", "a tag"),
            ("include \"common.os\" .", "include \"common.os\" is not in the tree"),
        ]
    );
}

#[test]
fn lines_that_are_unknown_belong_to_the_mapping_that_they_stand_in() {
    let files = with_template(
        "metadata:\n  labels:\n    {{- include \"common.labels\" . | nindent 4 }}\n    app: x\nspec:\n  nodeSelector:\n    {{ include \"common.selector\" . }}\n  containers:\n  - name: a\n    {{- if .Values.missing.deep }}\n    image: b\n    {{- end }}\n  {{- if (unknownFunction 1) }}\n  x: y\n  {{- end }}\n",
    );
    let (rendering, _) = files.render();
    let root = yaml::read(&rendering.manifests[0].text).roots.remove(0);
    let labels = root.get("metadata").unwrap().get("labels").unwrap();
    let spec = root.get("spec").unwrap();
    assert!(matches!(spec.get("nodeSelector").unwrap().data, Data::Hole(_)));
    assert_eq!(labels.get("app").unwrap().str(), Some("x"));
    assert_eq!(labels.gaps.len(), 1);
    assert_eq!(spec.get("containers").unwrap().items()[0].gaps.len(), 1);
    assert_eq!(spec.gaps.len(), 1);
    assert!(root.gaps.is_empty());
}

#[test]
fn variables_that_an_unknown_branch_sets_are_unknown() {
    let files = with_template(
        "{{ $os := \"linux\" }}{{ if unknownFunction }}{{ $os = \"windows\" }}{{ end }}os: {{ $os }}\nb: {{ eq $os \"linux\" }}\nc: {{ $os | default \"x\" }}\nd: {{ .Values.port }}\n",
    );
    let (rendering, _) = files.render();
    let root = yaml::read(&rendering.manifests[0].text).roots.remove(0);
    for key in ["os", "b", "c"] {
        assert!(matches!(root.get(key).unwrap().data, Data::Hole(_)), "{key}");
    }
    assert!(matches!(root.get("d").unwrap().data, Data::Number(..)));
}

#[test]
fn a_template_with_broken_syntax_is_a_problem_with_a_place() {
    let files = with_template("a: 1\nb: {{ if }}\n");
    let (rendering, table) = files.render();
    let problem = &rendering.problems[0];
    let place = problem.place.unwrap();
    assert_eq!(table.path(place.file), "chart/templates/a.yaml");
    assert_eq!(place.range(), 8..16);
}

#[test]
fn charts_and_renderings_go_from_thread_to_thread() {
    fn goes<T: Send + Sync>() {}
    goes::<hostfit_render::Chart>();
    goes::<Rendering>();
}

#[test]
fn a_byte_order_mark_of_a_template_is_none_of_its_output() {
    let template = "image: {{ .Values.image.tag }}\n";
    let marked = with_template(&format!("\u{feff}{template}"));
    let rendered = |files: &Files| files.render().0.manifests[0].text.as_str().to_owned();
    assert_eq!(rendered(&marked), rendered(&with_template(template)));
    assert_eq!(origins(&marked, "image"), ["templates/a.yaml: image"]);
    let (rendering, _) = with_template("\u{feff}{{- include \"missing\" . }}\n").render();
    assert!(!rendering.manifests[0].text.as_str().contains('\u{feff}'));
}
