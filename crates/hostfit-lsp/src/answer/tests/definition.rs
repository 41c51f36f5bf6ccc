use super::Desk;
use crate::answer::definition::definition;

/// What was asked about, and where it comes from.
fn defined(files: &[(&str, &str)]) -> Option<(String, Vec<String>)> {
    let desk = Desk::of(files);
    let found = definition(&desk.view(), desk.cursor.0, desk.cursor.1)?;
    let targets = found.targets.iter().map(|target| desk.show(*target));
    Some((desk.sources.slice(found.origin).to_owned(), targets.collect()))
}

fn jumps_to(files: &[(&str, &str)], from: &str, to: &[&str]) {
    let to: Vec<_> = to.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(defined(files), Some((from.to_owned(), to)), "{files:?}");
}

const WEB: &str = "ARG TAG=ltsc2019\nFROM mcr.microsoft.com/windows/servercore:${TAG} AS build\nFROM build AS final\nCOPY --from=build a b\n";

#[test]
fn an_image_leads_to_the_stage_that_makes_it() {
    let compose = "services:\n  web:\n    build:\n      context: web\n      target: build\n    image: acme/web‸:1\n";
    jumps_to(
        &[("web/Dockerfile", WEB), ("compose.yaml", compose)],
        "acme/web:1",
        &["web/Dockerfile:2 FROM mcr.microsoft.com/windows/servercore:${TAG} AS build"],
    );
    let plain = "services:\n  web:\n    build: w‸eb\n";
    jumps_to(&[("web/Dockerfile", WEB), ("compose.yaml", plain)], "web", &["web/Dockerfile:3 FROM build AS final"]);
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec:\n  containers: [{ name: a, image: ‸acme/web:1 }]\n";
    let compose = compose.replace('‸', "").replace("target: build", "target: final");
    jumps_to(
        &[("web/Dockerfile", WEB), ("compose.yaml", &compose), ("pod.yaml", pod)],
        "acme/web:1",
        &["web/Dockerfile:3 FROM build AS final"],
    );
    let other = "FROM acme/web:1‸\n";
    jumps_to(
        &[("web/Dockerfile", WEB), ("compose.yaml", &compose), ("other/Dockerfile", other)],
        "acme/web:1",
        &["web/Dockerfile:3 FROM build AS final"],
    );
}

#[test]
fn a_stages_name_leads_to_the_stage() {
    jumps_to(&[("Dockerfile", &WEB.replace("FROM build", "FROM bu‸ild"))], "build", &["Dockerfile:2 build"]);
    jumps_to(&[("Dockerfile", &WEB.replace("--from=build", "--from=‸build"))], "build", &["Dockerfile:2 build"]);
    jumps_to(&[("Dockerfile", &WEB.replace("--from=build", "--from=BUILD‸"))], "BUILD", &["Dockerfile:2 build"]);
    jumps_to(&[("Dockerfile", &WEB.replace("--from=build", "--from=1‸"))], "1", &["Dockerfile:3 final"]);
    jumps_to(
        &[("Dockerfile", "FROM a AS x\nFROM b\nRUN --mount=type=bind,from=‸x,target=/x dir\n")],
        "x",
        &["Dockerfile:1 x"],
    );
}

#[test]
fn a_variable_leads_to_what_gives_it_its_value() {
    let from = WEB.replace("${TAG}", "${T‸AG}");
    jumps_to(&[("Dockerfile", &from)], "${TAG}", &["Dockerfile:1 ltsc2019"]);
    // A build arg of the configuration takes the place of the default.
    let config = ("hostfit.toml", "[build-args]\nTAG = \"ltsc2022\"\n");
    jumps_to(&[("Dockerfile", &from), config], "${TAG}", &["hostfit.toml:2 ltsc2022"]);
    let compose = "services:\n  a:\n    build:\n      context: web\n      args: { TAG: ltsc2025 }\n  b:\n    build:\n      context: web\n      args: [TAG=1809]\n";
    jumps_to(
        &[("web/Dockerfile", &from), ("compose.yaml", compose)],
        "${TAG}",
        &["compose.yaml:5 ltsc2025", "compose.yaml:9 1809"],
    );
    let compose = "services:\n  a:\n    build:\n      context: web\n      args: { TAG: \"${WIN}\" }\n";
    jumps_to(
        &[("web/Dockerfile", &from), ("compose.yaml", compose), (".env", "A=1\nWIN=ltsc2022\n")],
        "${TAG}",
        &[".env:2 ltsc2022"],
    );
    // What nothing sets leads to where it is declared.
    jumps_to(&[("Dockerfile", "ARG TAG\nFROM a:${T‸AG}\n")], "${TAG}", &["Dockerfile:1 TAG"]);
    jumps_to(
        &[("Dockerfile", "ARG TAG=1\nARG BASE=a:${TAG}\nFROM ${BA‸SE}\n")],
        "${BASE}",
        &["Dockerfile:2 a:", "Dockerfile:1 1"],
    );
    jumps_to(&[("Dockerfile", "ARG TAG=1\nARG BASE=a:$T‸AG\nFROM ${BASE}\n")], "$TAG", &["Dockerfile:1 1"]);
}

#[test]
fn a_variable_of_a_stage_leads_to_its_arg_or_env() {
    let text = |last: &str| format!("ARG V=1\nFROM a\nARG V\nARG W=2\nENV X=3 Y=4\n{last}\n");
    jumps_to(&[("Dockerfile", &text("RUN echo $‸V"))], "$V", &["Dockerfile:1 1"]);
    jumps_to(&[("Dockerfile", &text("COPY ${W‸} b"))], "${W}", &["Dockerfile:4 2"]);
    jumps_to(&[("Dockerfile", &text("RUN echo ${Y:-‸5}"))], "${Y:-5}", &["Dockerfile:5 4"]);
    assert_eq!(defined(&[("Dockerfile", &text("RUN echo $‸NONE"))]), None);
}

#[test]
fn a_compose_variable_leads_to_its_line_of_env() {
    let env = (".env", "TAG=ltsc2022\nPORT=8080\n");
    let compose = "services:\n  web:\n    image: a:${T‸AG:-x}\n    ports: [\"$PORT:80\"]\n";
    jumps_to(&[env, ("compose.yaml", compose)], "${TAG:-x}", &[".env:1 ltsc2022"]);
    let compose = compose.replace('‸', "").replace("$PORT", "$PO‸RT");
    jumps_to(&[env, ("compose.yaml", &compose)], "$PORT", &[".env:2 8080"]);
    let compose = compose.replace("$PO", "$$PO");
    assert_eq!(defined(&[env, ("compose.yaml", &compose)]), None);
}

#[test]
fn a_runtime_class_leads_to_its_object() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec:\n  runtimeClassName: win‸-2022\n  containers: [{ name: a, image: a }]\n";
    let class =
        "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata:\n  name: win-2022\nhandler: runhcs-wcow-process\n";
    jumps_to(&[("pod.yaml", pod), ("class.yaml", class)], "win-2022", &["class.yaml:4 win-2022"]);
    assert_eq!(defined(&[("pod.yaml", pod)]), None);
}
