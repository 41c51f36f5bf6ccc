use super::*;
use crate::source::SourceId;

fn read_as(path: &str, text: &str) -> Vec<Target> {
    File::read(&Source::from_text(SourceId(0), path, text)).0.targets()
}

fn read(text: &str) -> Vec<Target> {
    read_as("docker-bake.hcl", text)
}

const HCL: &str = r#"
    # A comment, and // another
    variable "TAG" { default = "ltsc2022" }
    variable "REGISTRY" {
      type = string
      default = "registry.contoso.com"
    }
    variable "NONE" {}
    function "tag" {
      params = [x]
      result = lower(md5(x))
    }
    group "default" { targets = ["web", "api"] }
    target "_common" {
      context    = "src"
      args = { WINDOWS = "${TAG}", "QUOTED" = "x" }
    }
    target "web" {
      inherits = ["_common"]
      dockerfile = "web/Dockerfile"
      tags = ["${REGISTRY}/web:${TAG}", tag("a"), "x:${sha1(TAG)}", NONE == "" ? "a" : "b"]
      args = {
        MORE: "1"
        WINDOWS = TAG
      }
      target = "final"
      contexts = { base = "target:base" }
    }
    target "api" { tags = ["api:1"] }
"#;

#[test]
fn targets_inherit_and_variables_are_filled_in() {
    let targets = read(HCL);
    let names: Vec<_> = targets.iter().map(|target| target.name.value.as_str()).collect();
    assert_eq!(names, ["_common", "web", "api"]);
    let web = &targets[1];
    assert_eq!(web.context.as_ref().and_then(Text::known), Some("src"));
    assert_eq!(web.dockerfile.as_ref().and_then(Text::known), Some("web/Dockerfile"));
    assert_eq!(web.target.as_ref().and_then(Text::known), Some("final"));
    let tags: Vec<_> = web.tags.iter().map(Text::known).collect();
    assert_eq!(tags, [Some("registry.contoso.com/web:ltsc2022"), None, None, None]);
    let args: Vec<_> = web.args.iter().map(|(name, value)| (name.as_str(), value.known())).collect();
    assert_eq!(args, [("MORE", Some("1")), ("QUOTED", Some("x")), ("WINDOWS", Some("ltsc2022"))]);
}

#[test]
fn a_variable_is_located_at_its_default() {
    let targets = read(HCL);
    let tag = &targets[1].tags[0];
    let at = tag.locate(tag.value.len() - 8..tag.value.len());
    assert_eq!(HCL.get(at.range()), Some("ltsc2022"));
    assert_eq!(HCL.get(tag.span.range()), Some("${REGISTRY}/web:${TAG}"));
}

#[test]
fn json_says_the_same() {
    let targets = read_as(
        "docker-bake.json",
        r#"{"variable": {"TAG": {"default": "1809"}},
            "target": {"web": {"context": ".", "tags": ["web:${TAG}"], "args": {"A": "${TAG}"}}}}"#,
    );
    assert_eq!(targets[0].tags[0].known(), Some("web:1809"));
    assert_eq!(targets[0].args[0].1.known(), Some("1809"));
}

#[test]
fn broken_input_loses_no_more_than_itself() {
    for text in ["target \"a", "target \"a\" { tags = [", "target \"a\" { tags = [\"x\" }", "}}}", "target {{{{"] {
        read(text);
    }
    let targets = read("target \"a\" { tags = [ 1 + (2 ] }\ntarget \"b\" { tags = [\"b:1\"] }");
    assert!(targets.iter().any(|target| target.name.value == "b"));
    read(&"target \"a\" { x = [".repeat(10_000));
    read_as("docker-bake.json", &"{\"a\":[".repeat(10_000));
}

#[test]
fn targets_that_inherit_from_each_other_end() {
    let names = "[\"a\",\"b\",\"a\",\"b\",\"a\",\"b\"]";
    let targets = read(&format!("target \"a\" {{ inherits = {names} }}\ntarget \"b\" {{ inherits = {names} }}"));
    assert_eq!(targets.len(), 2);
}

/// The targets of files that are read together.
fn together(files: &serde_json::Map<String, serde_json::Value>) -> (Vec<Target>, bool) {
    let mut files: Vec<_> = files.iter().collect();
    files.sort_by_key(|(name, _)| NAMES.iter().position(|it| it == name));
    let read: Vec<_> = (0..)
        .zip(files)
        .map(|(number, (name, text))| File::read(&Source::from_text(SourceId(number), name, text.as_str().unwrap())))
        .collect();
    let is_refused = read.iter().any(|(_, errors)| !errors.is_empty());
    (targets(&read.iter().map(|(file, _)| file).collect::<Vec<_>>()), is_refused)
}

/// Whether what hostfit makes of a value is the upstream answer, or unknown.
struct Compared {
    is_wrong: bool,
    is_unknown: bool,
}

impl Compared {
    fn text(&mut self, own: Option<&Text>, upstream: Option<&str>) {
        let is_open = own.is_some_and(|own| own.hole().is_some());
        self.is_unknown |= is_open;
        self.is_wrong |= !is_open && own.and_then(Text::known) != upstream;
    }

    fn target(&mut self, own: &Target, upstream: &serde_json::Value) {
        let of = |key: &str, default| upstream[key].as_str().or(default);
        let context = Text::literal(".", Span::NOWHERE);
        let dockerfile = Text::literal("Dockerfile", Span::NOWHERE);
        self.text(own.context.as_ref().or(Some(&context)), of("context", Some(".")));
        self.text(own.dockerfile.as_ref().or(Some(&dockerfile)), of("dockerfile", Some("Dockerfile")));
        self.text(own.inline.as_ref(), of("inline", None));
        self.text(own.target.as_ref(), of("target", None));
        for (name, value) in &own.args {
            self.text(Some(value), upstream["args"][name].as_str());
        }
        let args = upstream["args"].as_object().into_iter().flatten().map(|(name, _)| name);
        let has_all = args.into_iter().all(|name| own.args.iter().any(|(own, _)| own == name));
        self.is_unknown |= own.other_args.is_some();
        self.is_wrong |= !has_all && own.other_args.is_none();
        let tags: Vec<_> = upstream["tags"].as_array().into_iter().flatten().filter_map(|it| it.as_str()).collect();
        let known: Vec<_> = own.tags.iter().filter_map(Text::known).collect();
        let is_open = known.len() < own.tags.len();
        self.is_unknown |= is_open;
        self.is_wrong |= if is_open { !known.iter().all(|tag| tags.contains(tag)) } else { known != tags };
    }
}

#[test]
fn files_mean_what_buildx_makes_of_them() {
    let table = include_str!("../../../tests/data/upstream/bake.tsv");
    let mut wrong = Vec::new();
    for row in crate::upstream::cells(table) {
        let [name, files, expected, answer] = row[..] else { panic!("{row:?}") };
        let (own, is_refused) = together(&serde_json::from_str(files).unwrap());
        let mut compared = Compared { is_wrong: is_refused, is_unknown: false };
        if expected != "refused" {
            let answer: Vec<serde_json::Value> = serde_json::from_str(answer).unwrap();
            compared.is_wrong |= own.len() != answer.len();
            for upstream in &answer {
                match own.iter().find(|it| it.name.known() == upstream["name"].as_str()) {
                    Some(own) => compared.target(own, upstream),
                    None => compared.is_wrong = true,
                }
            }
        }
        let found = match compared {
            Compared { .. } if is_refused => "refused",
            Compared { is_wrong: true, .. } => "wrong",
            Compared { is_unknown: true, .. } => "unknown",
            Compared { .. } => "same",
        };
        if found != expected {
            wrong.push(format!("{name}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
