//! Charts that want to take forever, or more than there is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::Files;
use hostfit_render::{FileId, FileTable, Options, ProblemKind, Rendering, Text, UNKNOWN, load, render, render_alone};

/// What a chart with this one template gives.
fn rendered(template: &str) -> Rendering {
    Files::chart(&[("values.yaml", "a: {b: c}\n"), ("templates/a.yaml", template)]).render().0
}

/// The limits that were reached.
fn limits(rendering: &Rendering) -> Vec<&str> {
    let problems = rendering.problems.iter().filter(|problem| problem.kind == ProblemKind::Limit);
    problems.map(|problem| problem.message.as_str()).collect()
}

/// Templates that do not end by themselves, or not soon.
const ENDLESS: &[&str] = &[
    r#"{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}"#,
    r#"{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}"#,
    r#"{{ define "a" }}{{ include "b" . }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}{{ include "a" . }}"#,
    "{{ range until 1000000000 }}x{{ end }}",
    "{{ range 1000000000 }}x{{ end }}",
    "{{ range 1000 }}{{ range 1000 }}{{ range 1000 }}x{{ end }}{{ end }}{{ end }}",
    "{{ range 400 }}{{ range 400 }}{{ end }}{{ end }}",
    "{{ range untilStep 0 1000000000 1 }}x{{ end }}",
    "{{ seq 0 1000000000 }}",
    r#"{{ repeat 1000000000 "x" }}"#,
    r#"{{ $x := "x" }}{{ range 60 }}{{ $x = printf "%s%s" $x $x }}{{ end }}{{ $x }}"#,
    r#"{{ $x := "x" }}{{ range 60 }}{{ $x = print $x $x }}{{ end }}{{ $x }}"#,
    r#"{{ $x := "xxxxxxxxxx" }}{{ range 60 }}{{ $x = replace "x" "xxxxxxxxxx" $x }}{{ end }}{{ $x }}"#,
    r"{{ $x := list 1 2 }}{{ range 60 }}{{ $x = concat $x $x }}{{ end }}{{ $x }}",
    r#"{{ $x := dict }}{{ range 60 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ toYaml $x }}"#,
    r#"{{ $x := dict }}{{ range 60 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ toJson $x }}"#,
    r#"{{ $x := dict }}{{ range 60 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ $x }}"#,
    r#"{{ $x := dict }}{{ range 60 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ $y := deepCopy $x }}"#,
    r#"{{ $x := dict }}{{ range 60 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ deepEqual $x (deepCopy $x) }}"#,
    r#"{{ $x := "{{ tpl . . }}" }}{{ tpl $x $x }}"#,
    r#"{{ define "x" }}{{ range 20 }}{{ include "x" $ }}{{ end }}{{ end }}{{ include "x" . }}"#,
    r#"{{ range 100000 }}{{ nindent 1000 "a\na\na\na\na\na\na\na\na\na\na\na\na\na\na\na" }}{{ end }}"#,
    r#"{{ $x := repeat 8000000 "ab" }}{{ range 90000 }}{{ $y := regexReplaceAll "(a|b)+c" $x "" }}{{ end }}"#,
];

#[test]
fn every_loop_ends_at_a_limit() {
    for template in ENDLESS {
        let rendering = rendered(template);
        assert!(!limits(&rendering).is_empty(), "{template}: {:?}", rendering.holes.first());
    }
}

#[test]
fn what_is_nested_too_deep_is_a_hole() {
    for template in [
        r#"{{ $x := dict }}{{ range 10000 }}{{ $x = dict "a" $x }}{{ end }}x: {{ toYaml $x }}"#,
        r"{{ $x := list }}{{ range 10000 }}{{ $x = list $x }}{{ end }}x: {{ toJson $x }}",
        r"{{ $x := list }}{{ range 10000 }}{{ $x = list $x }}{{ end }}x: {{ $x }}",
        r"{{ $x := list }}{{ range 10000 }}{{ $x = list $x }}{{ end }}{{ deepEqual $x (deepCopy $x) }}",
        r#"{{ $x := dict }}{{ $_ := set $x "self" $x }}x: {{ toYaml $x }}"#,
        r#"{{ $_ := set .Values "self" .Values }}x: {{ .Values | toJson }}"#,
        r#"{{ $x := dict }}{{ $_ := set $x "self" $x }}{{ merge (dict "self" (dict "self" $x)) $x | toYaml }}"#,
        r"{{ range .Values.missing.list }}{{ end }}",
        r#"x: {{ regexFind "(((((a{1,100}){1,100}){1,100}){1,100}){1,100})" "a" }}"#,
        r#"x: {{ indent 1000000000 "a" }}"#,
    ] {
        let rendering = rendered(template);
        assert!(!rendering.holes.is_empty(), "{template}: {:?}", rendering.manifests);
    }
}

#[test]
fn deep_nesting_of_templates_is_refused() {
    let deep = format!("{}{}", "{{ if true }}".repeat(10_000), "{{ end }}".repeat(10_000));
    assert_eq!(rendered(&deep).problems.first().map(|problem| problem.kind), Some(ProblemKind::Syntax));
    let parentheses = format!("{{{{ {}1{} }}}}", "(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(rendered(&parentheses).problems.first().map(|problem| problem.kind), Some(ProblemKind::Syntax));
    // As deep as is read, in templates that include each other as deep as they may.
    let nested = format!("{}{{{{ include \"x\" . }}}}{}", "{{ if true }}".repeat(45), "{{ end }}".repeat(45));
    let template = format!("{{{{ define \"x\" }}}}{nested}{{{{ end }}}}{{{{ include \"x\" . }}}}");
    assert_eq!(limits(&rendered(&template)).len(), 1);
}

#[test]
fn damaged_templates_are_refused_without_a_panic() {
    let parts = [
        "{{", "}}", "{{-", "-}}", "if", "range", "end", "define", "\"", "`", "'", "/*", "*/", "|", ".", "$", "(", ")",
        ":=", "$x", ".x", "é", "\n", "else", "template", "block", "with", "1", "\\",
    ];
    let mut state = 1_u64;
    for _ in 0..3_000 {
        let mut template = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            template.push_str(parts[usize::try_from(state >> 33).unwrap() % parts.len()]);
            if state & 1 == 0 {
                template.push(' ');
            }
        }
        let mut files = Files::default();
        files.put("chart/Chart.yaml", "name: x\nversion: 0.1.0\n");
        files.put("chart/templates/a.yaml", &template);
        files.render();
    }
}

#[test]
fn a_large_values_file_is_refused() {
    let large = format!("x: \"{}\"\n", "a".repeat(10 * 1024 * 1024));
    let files = Files::chart(&[("values.yaml", &large), ("templates/a.yaml", "x: 1\n")]);
    assert!(load(&files, "chart", &mut FileTable::default()).is_err());
}

#[test]
fn aliases_that_expand_without_end_are_refused() {
    let mut values = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..10 {
        let before = format!("*a{}", at - 1);
        values = format!("{values}a{at}: &a{at} [{}]\n", vec![before; 10].join(", "));
    }
    let files = Files::chart(&[("values.yaml", &values), ("templates/a.yaml", "x: 1\n")]);
    assert!(load(&files, "chart", &mut FileTable::default()).is_err());
}

#[test]
fn files_outside_of_the_chart_are_not_read() {
    let mut files = Files::chart(&[(
        "templates/a.yaml",
        "x: {{ .Files.Get \"../../etc/passwd\" | quote }}{{ .Files.Get \"/etc/passwd\" }}\n",
    )]);
    files.put("chart/../secret.yaml", "x: 1\n");
    files.put("secret.yaml", "x: 1\n");
    let (rendering, table) = files.render();
    assert_eq!(common::output(&rendering), "x: \"\"\n");
    assert!(
        (0..table.len()).all(|at| table.path(hostfit_render::FileId(u32::try_from(at).unwrap())).starts_with("chart/"))
    );
}

#[test]
fn dependencies_outside_of_the_tree_are_missing() {
    for repository in ["file://../../outside", "file:///etc", "file://../chart", "file://."] {
        let chart = format!(
            "apiVersion: v2\nname: case\nversion: 0.1.0\ndependencies: [{{name: x, version: '*', repository: '{repository}'}}]\n"
        );
        let mut files = Files::default();
        files.put("chart/Chart.yaml", &chart);
        files.put("outside/Chart.yaml", "name: x\nversion: 0.1.0\n");
        let chart = load(&files, "chart", &mut FileTable::default()).expect("loaded");
        let kinds: Vec<_> = chart.problems().iter().map(|problem| problem.kind).collect();
        assert_eq!(kinds, [ProblemKind::Missing], "{repository}");
        assert!(render(&chart, &Options::default()).manifests.is_empty());
    }
}

#[test]
fn aliases_that_nest_without_end_are_refused() {
    let links = (1..1000).fold(String::new(), |links, at| format!("{links}a{at}: &a{at} [*a{}]\n", at - 1));
    let values = format!("a0: &a0 [x]\n{links}");
    let files = Files::chart(&[("values.yaml", &values), ("templates/a.yaml", "x: 1\n")]);
    assert!(load(&files, "chart", &mut FileTable::default()).is_err());
}

/// A `.tgz` of these files.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for (name, bytes) in files {
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        header[156] = b'0';
        gzip.write_all(&header).unwrap();
        gzip.write_all(bytes).unwrap();
        gzip.write_all(&vec![0; bytes.len().next_multiple_of(512) - bytes.len()]).unwrap();
    }
    gzip.write_all(&[0; 1024]).unwrap();
    gzip.finish().unwrap()
}

/// The problems of a chart with this archive as its subchart.
fn with_archive(bytes: Vec<u8>) -> Vec<String> {
    let mut files = Files::chart(&[("templates/a.yaml", "x: 1\n")]);
    files.0.insert("chart/charts/sub-0.1.0.tgz".to_owned(), bytes);
    let chart = load(&files, "chart", &mut FileTable::default()).expect("the chart is loaded without it");
    assert_eq!(render(&chart, &Options::default()).manifests.len(), 1);
    chart.problems().into_iter().map(|problem| problem.message).collect()
}

#[test]
fn archives_are_unpacked_within_limits() {
    let chart: (&str, &[u8]) = ("sub/Chart.yaml", b"name: sub\nversion: 0.1.0\n");
    assert_eq!(with_archive(archive(&[chart])), [""; 0]);
    let zeros = vec![0_u8; 7 * 1024 * 1024];
    let bomb: Vec<(&str, &[u8])> =
        std::iter::once(chart).chain((0..6).map(|_| ("sub/zeros", zeros.as_slice()))).collect();
    for (bytes, reason) in [
        (archive(&bomb), "unpacks to over 32 MiB"),
        (archive(&[chart, ("sub/../../etc/passwd", b"x")]), "outside of its chart"),
        (archive(&[chart, ("/etc/passwd", b"x")]), "outside of its chart"),
        (archive(&[("sub/values.yaml", b"a: 1\n")]), "has no Chart.yaml"),
        (archive(&[chart])[..60].to_vec(), "not gzip"),
        (b"not an archive".to_vec(), "not gzip"),
    ] {
        let problems = with_archive(bytes);
        assert!(problems.len() == 1 && problems[0].contains(reason), "{problems:?}, not {reason}");
    }
}

/// What a template that lies in no chart gives.
fn alone(template: &str) -> Rendering {
    render_alone(FileId(0), Text::file(FileId(0), template)).unwrap()
}

#[test]
fn a_template_without_a_chart_ends_at_the_same_limits() {
    let of_conditions = [
        r#"{{ define "x" }}{{ if .a }}{{ template "x" . }}{{ end }}{{ template "x" . }}{{ end }}{{ template "x" . }}"#,
        "{{ range 1000 }}{{ range 1000 }}\n{{ if .x }}a{{ else }}b{{ end }}\n{{ end }}{{ end }}",
    ];
    for template in ENDLESS.iter().chain(&of_conditions) {
        let rendering = alone(template);
        assert!(!limits(&rendering).is_empty(), "{template}: {:?}", rendering.holes.first());
    }
}

#[test]
fn a_template_without_a_chart_has_no_files() {
    let rendering = alone("x: {{ .Files.Get \"../../etc/passwd\" }}{{ .Files.Get \"/etc/passwd\" }}\n");
    assert_eq!(rendering.manifests[0].text.as_str(), format!("x: {UNKNOWN}{UNKNOWN}\n"));
}

#[test]
fn conditions_that_nest_are_each_looked_at_once() {
    // Were both branches of each rendered twice, this would take 2^90 steps.
    for branch in ["{{ else }}\n", ""] {
        let nested = "{{ if .x }}\n".repeat(90) + "a: b\n" + &format!("{branch}{{{{ end }}}}\n").repeat(90);
        assert_eq!(limits(&alone(&nested)), [""; 0]);
    }
    let chain = "{{ if .a }}".to_owned() + &"{{ else if .b }}".repeat(90) + "\na: b\n{{ end }}\n";
    assert_eq!(limits(&alone(&chain)), [""; 0]);
    let deep = "{{ with .x }}\n".repeat(5000) + "a: b\n" + &"{{ end }}\n".repeat(5000);
    assert!(render_alone(FileId(0), Text::file(FileId(0), deep)).is_err());
}

#[test]
fn a_large_template_without_a_chart_takes_no_longer_than_it_is_long() {
    for line in [
        "{{ .x }}\n",
        "---\n{{ .x }}\n",
        "{{ if .x }}\na: b\n{{ end }}\n",
        "  {{ include \"x\" . }}\n     a: b\n",
        "a:\n{{- include \"x\" . }}\n",
    ] {
        let rendering = alone(&line.repeat(256 * 1024 / line.len()));
        assert!(rendering.manifests[0].text.len() <= 64 * 1024 * 1024, "{line}");
    }
}
