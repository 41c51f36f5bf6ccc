use super::*;
use crate::{
    front::{Content, Outcome, read},
    source::{Source, SourceId},
};

/// What becomes of a file: its kind, `+` if it has errors, or why it is passed over.
fn outcome(path: &str, text: &str) -> String {
    match read(&Source::from_text(SourceId(0), path, text)) {
        Outcome::NotOurs => "not ours".to_owned(),
        Outcome::Skipped(skip) => skip.reason.to_owned(),
        Outcome::Unit(unit) => {
            let kind = match unit.content {
                Content::Dockerfile(_) => "dockerfile",
                Content::Compose(_) => "compose",
                Content::Kubernetes(_) => "kubernetes",
                Content::Daemon(_) => "daemon",
                Content::Env(_) => "env",
                Content::Bake(_) => "bake",
                Content::Chart(_) => "chart",
            };
            format!("{kind}{}", if unit.errors.is_empty() { "" } else { "+" })
        }
    }
}

#[test]
fn names_decide_where_they_can() {
    let table = [
        ("Dockerfile", Some(Kind::Dockerfile)),
        ("a/dockerfile", Some(Kind::Dockerfile)),
        ("Dockerfile.1809", Some(Kind::Dockerfile)),
        ("Dockerfile.hotspot.releases.full", Some(Kind::Dockerfile)),
        ("x.Dockerfile", Some(Kind::Dockerfile)),
        ("nodejs.dockerfile", Some(Kind::Dockerfile)),
        ("Dockerfile-Windows", Some(Kind::Dockerfile)),
        ("dockerfile_1", Some(Kind::Dockerfile)),
        ("Containerfile", Some(Kind::Dockerfile)),
        ("containerfile.windows", Some(Kind::Dockerfile)),
        ("Dockerfile.tmpl", Some(Kind::Dockerfile)),
        ("cni.Dockerfile.tmpl", Some(Kind::Dockerfile)),
        ("Dockerfile.template.erb", Some(Kind::Dockerfile)),
        ("Dockerfile.yml", None),
        ("dockerfile.go", None),
        ("dockerfile_parser.pest", None),
        ("Dockerfile.dockerignore", None),
        ("compose.yaml", Some(Kind::Compose)),
        ("deploy/docker-compose.prod.yml", Some(Kind::Compose)),
        ("docker-compose-windows.yml", Some(Kind::Compose)),
        ("Docker-Compose.override.YAML", Some(Kind::Compose)),
        ("docker-stack.yml", Some(Kind::Compose)),
        ("web.stack.yml", Some(Kind::Compose)),
        ("composer.yml", None),
        ("compose.json", None),
        ("etc/docker/daemon.json", Some(Kind::Daemon)),
        (".env", Some(Kind::Env)),
        ("web.env", None),
        ("docker-bake.hcl", Some(Kind::Bake)),
        ("docker-bake.override.json", Some(Kind::Bake)),
        ("deployment.yaml", None),
    ];
    for (path, kind) in table {
        assert_eq!(by_name(path), kind, "{path}");
    }
}

#[test]
fn a_walk_opens_no_pictures_and_no_source_code() {
    for path in ["logo.PNG", "src/main.rs", "a.tar.gz", "README.md"] {
        assert_eq!(may_be_ours(path), NameHint::Never, "{path}");
    }
    for path in [
        "web.yaml",
        "pod.json",
        "build/image.windows",
        "kubevirt-Dockerfile",
        "Makefile",
        "web.yaml.tpl",
        "dockerfile.go",
    ] {
        assert_eq!(may_be_ours(path), NameHint::ByContent, "{path}");
    }
    for path in ["Dockerfile", "docker-compose.yml", "daemon.json", ".env"] {
        assert_eq!(may_be_ours(path), NameHint::Ours, "{path}");
    }
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n  - image: a:1\n";

#[test]
fn content_decides_where_the_name_does_not() {
    let table = [
        ("web.yaml", POD),
        ("-", POD),
        ("pods.yml", "# note\n---\n---\napiVersion: v1\nkind: List\nitems: []\n"),
        ("pod.json", "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Pod\"\n}"),
        ("<stdin>", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}"),
        ("docker-compose.yml", "apiVersion: v1\nkind: Pod\n"),
    ];
    for (path, text) in table {
        assert_eq!(outcome(path, text), "kubernetes", "{path} {text}");
    }
    let compose = [
        ("web.yml", "version: '3'\nservices:\n  web:\n    image: a:1\n"),
        ("override-windows.yml", "services:\n  web:\n    isolation: ${ISOLATION}\n    environment: [A=b]\n"),
        ("old.yml", "web:\n  image: a:1\n  links: [db]\ndb:\n  build: ./db\n"),
        ("-", "services:\n  web:\n    build: .\n"),
        ("x.yml", "x-base: &b\n  image: a:1\nservices:\n  web:\n    <<: *b\n"),
        ("compose.yaml", ""),
        ("compose.yaml", "# nothing yet\n"),
        ("docker-compose.yml", "- what\n- is this\n"),
    ];
    for (path, text) in compose {
        assert_eq!(outcome(path, text), "compose", "{path} {text}");
    }
    assert_eq!(outcome("build.yml", "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nRUN dir\n"), "dockerfile");
    assert_eq!(outcome("Dockerfile", "nothing that anybody reads"), "dockerfile+");
}

#[test]
fn files_of_other_tools_are_not_ours() {
    let table = [
        (".gitlab-ci.yml", "image: a\nservices:\n  - docker:dind\nbuild:\n  script: [make]\n"),
        (".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    services:\n      db:\n        image: x\n"),
        (".travis.yml", "services: [docker]\nimage: x\n"),
        ("azure-pipelines.yml", "resources:\n  containers:\n  - container: a\n    image: b\n"),
        ("values.yaml", "web:\n  image:\n    repository: a\n    tag: b\n"),
        ("values.yaml", "web:\n  image: a\n  replicaCount: 1\n"),
        ("services.yaml", "services:\n  app.mailer:\n    class: App\\Mailer\n    arguments: [x]\n"),
        ("openapi.json", "{\"openapi\": \"3.0.0\", \"paths\": {\"/image:build\": {}}}"),
        ("Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0\n"),
        ("broken.yml", "key: [a\nb: 'c\nimage: x\n"),
        ("notes.yaml", ""),
        ("kube.yaml", "apiVersion: v1\nkind: Config\nclusters:\n- name: a\ncontexts: []\n"),
        ("kube.yaml", "apiVersion: v1\nkind: Config\nclusters:\n- name: <cluster\n  x: 'a' b\ncontexts: []\n"),
        ("table.yaml", "a: b\nimage: {registry}/x\n"),
        ("-", "hello\n"),
    ];
    for (path, text) in table {
        assert_eq!(outcome(path, text), "not ours", "{path} {text}");
    }
}

#[test]
fn a_broken_file_of_ours_is_ours() {
    assert_eq!(outcome("web.yaml", &format!("{POD}    command: [\"x\n")), "kubernetes+");
    assert_eq!(outcome("web.yaml", "apiVersion: v1\nkind: Pod\nspec: {{\n"), "template");
    assert_eq!(outcome("web.yaml", "apiVersion: v1\nkind: Pod\nspec: [[\n"), "kubernetes+");
    assert_eq!(outcome("web.json", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {"), "kubernetes+");
    assert_eq!(outcome("web.yaml", "apiVersion: v1\nkind: Pod\nspec: {a: b} c\n"), "kubernetes+");
    assert_eq!(outcome("web.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  image: \"a\" b\n"), "kubernetes+");
    assert_eq!(outcome("web.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  half-typed\n  x: y\n"), "kubernetes+");
    assert_eq!(outcome("web.yaml", "apiVersion: x.io/v1\nkind: Config\nspec: 'a' b\n"), "kubernetes+");
    assert_eq!(outcome("Dockerfile", "RUN dir\n"), "dockerfile+");
    assert_eq!(outcome("Dockerfile.x", "FROM a:1\nENV A=1 B=2\n  APP_HOME /x\n"), "dockerfile+");
    assert_eq!(outcome("compose.yaml", "services:\n\tweb:\n\t\timage: x\n"), "compose+");
    assert_eq!(outcome("compose.yaml", "services:\n  web: {image: x}\n  web: {image: y}\n"), "compose+");
}

#[test]
fn templates_are_passed_over_with_the_reason() {
    let table = [
        ("chart/templates/web.yaml", "kind: Pod\napiVersion: v1\nimage: {{ .Values.image }}\n", "helm-template"),
        ("chart/templates/web.yaml", "{{- include \"common.deployment\" . }}\n", "helm-template"),
        ("chart/templates/web.yaml", "kind: Pod\napiVersion: v1\nimage: \"{{ .Values.image }}\"\n", "helm-template"),
        ("deploy/web.yaml", "kind: Pod\napiVersion: v1\nimage: {{IMAGE}}\n", "template"),
        ("deploy/web.yml.j2", "kind: Pod\napiVersion: v1\n{% if x %}\nimage: a\n{% endif %}\n", "template"),
        ("docker-compose.yml.erb", "services:\n<% for x in y %>\n  web: {image: a}\n<% end %>\n", "template"),
        ("Dockerfile.tmpl", "FROM {{ .Base }}\nRUN x\n", "template"),
        ("Dockerfile", "{% if x %}\nFROM a\n{% endif %}\n", "template"),
        ("Dockerfile-windows.template", "FROM a\nENV VERSION %%VERSION%%\n", "template"),
        ("Dockerfile-alpine.template", "FROM a\nRUN case b in \\\n  \"${CASES[@]}\"\n  esac\n", "template"),
        ("web.yaml.tmpl", "kind: Pod\napiVersion: v1\nmetadata:\n  labels: {a: \"b\"LABELS}\n", "template"),
        ("web.yaml", "kind: Pod\napiVersion: v1\nmetadata:\n  labels:\n    a: \"true\"OTHER_LABELS\n", "template"),
        ("web.yaml", "kind: Pod\napiVersion: v1\nspec:\n  image: {registry}/x:{version}\n", "template"),
        ("web.yaml", "kind: Pod\napiVersion: v1\nspec:\n  image: @IMAGE@\n", "template"),
        ("web.yaml", "kind: Pod\napiVersion: v1\nspec:\n  args:\n  $TLS_CERT\n  image: a\n", "template"),
        ("web.yaml", "kind: Pod\napiVersion: v1\nmetadata:\n  labels:\n    a: b\nOTHER_LABELS\nspec: {}\n", "template"),
        ("compose.yaml", "services:\n  web:\n    image: %%IMAGE%%:1\n", "template"),
        ("compose.yaml", "services:\n  web:\n    image: [[image]]:1\n", "template"),
        ("compose.yaml", "services:\n  web:\n    image: '{{ image }}:1'\n", "template"),
        ("Dockerfile", "FROM a:1\n%%INSTALL%%\nRUN dir\n", "template"),
        ("Dockerfile.install", "COPY a b\nRUN dir\n", "template"),
    ];
    for (path, text, reason) in table {
        assert_eq!(outcome(path, text), reason, "{path} {text}");
    }
}

#[test]
fn braces_that_the_file_means_make_no_template() {
    let rules = "  rules: |\n    {{ $labels.x }}\n    summary: '{{ $value }}'\n";
    let config = format!("apiVersion: v1\nkind: ConfigMap\ndata:\n{rules}# {{{{ .Values.x }}}}\n");
    assert_eq!(outcome("web.yaml", &config), "kubernetes");
    assert_eq!(outcome("chart/templates/crd.yaml", POD), "kubernetes");
    let check = "services:\n  web:\n    image: a:1\n    hostname: '{{.Node.Hostname}}'\n";
    assert_eq!(outcome("compose.yaml", check), "compose");
    assert_eq!(outcome("compose.yaml", "services:\n  web:\n    image: r.io/a:{{x}}\n"), "compose");
    let run = "FROM a:1\n# {{ not this }}\nRUN docker inspect --format '{{.State}}' x && \\\n    echo '{{'\n";
    assert_eq!(outcome("Dockerfile", run), "dockerfile");
}
