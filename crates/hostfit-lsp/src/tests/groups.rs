//! Among many files an edit has only those judged again that it concerns: what is found is what a fresh check finds.

use std::{collections::BTreeMap, path::Path, time::Duration};

use fastrand::Rng;
use hostfit_core::{check, finding::Finding, source::Sources};
use serde_json::{Value, json};

use super::{
    disk::{TODAY, Texts},
    editor::Editor,
};
use crate::{Disk, Scope};

const FLEET: &str = "[[host]]\nname = \"w19\"\nos = \"ltsc2019\"\norchestrator = \"kubernetes\"\n\
                     [[host]]\nname = \"d22\"\nos = \"ltsc2022\"\norchestrator = \"docker\"\n";
const CLASS: &str = "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: win}\nhandler: runhcs-wcow-process\n\
                     scheduling: {nodeSelector: {kubernetes.io/os: windows}}\n";

fn dockerfile(tag: &str) -> String {
    format!("FROM mcr.microsoft.com/windows/servercore:{tag}\n")
}

fn compose(image: &str) -> String {
    format!("services:\n  web:\n    build: .\n    image: {image}\n")
}

/// A pod on Windows, by a RuntimeClass where one is named.
fn pod(name: usize, image: &str, class: &str) -> String {
    let placement = match class {
        "" => "nodeSelector: {kubernetes.io/os: windows}".to_owned(),
        class => format!("runtimeClassName: {class}"),
    };
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{name}}}\nspec:\n  {placement}\n  containers:\n  - name: web\n    \
         image: {image}\n"
    )
}

/// Forty apps, each with a Dockerfile, a Compose file that builds it and a pod that runs it.
fn repository() -> BTreeMap<String, String> {
    let apps = (0..40).flat_map(|app| {
        let image = format!("shop/a{app}:1");
        [
            (format!("/w/a{app}/Dockerfile"), dockerfile(if app % 3 == 0 { "ltsc2022" } else { "ltsc2019" })),
            (format!("/w/a{app}/compose.yaml"), compose(&image)),
            (format!("/w/deploy/p{app}.yaml"), pod(app, &image, if app % 10 == 0 { "win" } else { "" })),
        ]
    });
    let others = [("/w/hostfit.toml", FLEET), ("/w/deploy/class.yaml", CLASS)];
    apps.chain(others.map(|(path, text)| (path.to_owned(), text.to_owned()))).collect()
}

/// `rule headline` of what is found in each file.
type Found = BTreeMap<String, Vec<String>>;

fn fresh(texts: &BTreeMap<String, String>) -> Found {
    let texts: Vec<_> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let tree = Texts::of(&texts).load(Path::new("/w"), Scope::Whole, &crate::Open::new(), None);
    let sources = Sources::new(tree.sources);
    let report = check::check(&sources, &tree.units, &tree.config, TODAY);
    let mut found = Found::new();
    for finding in &report.findings {
        let path = &tree.files[finding.span.source.0 as usize].path;
        let line = format!("{} {}", finding.rule, finding.message.headline);
        found.entry(path.to_str().unwrap().to_owned()).or_default().push(line);
    }
    found
}

fn served(editor: &mut Editor, texts: &BTreeMap<String, String>) -> Found {
    let mut found = Found::new();
    for path in texts.keys() {
        let items = editor.pull(&format!("file://{path}"));
        let line = |it: &Value| format!("{} {}", it["code"].as_str().unwrap(), it["message"].as_str().unwrap());
        found.insert(path.clone(), items.iter().map(line).collect());
    }
    found.retain(|_, lines| !lines.is_empty());
    found
}

#[test]
fn each_edit_leaves_what_a_fresh_check_finds() {
    let mut texts = repository();
    let listed: Vec<_> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let mut editor = Editor::new(&Texts::of(&listed), &["/w"], &json!({}));
    assert_eq!(served(&mut editor, &texts), fresh(&texts));
    let edits = [
        // It has to do with its own group.
        ("/w/a3/Dockerfile", dockerfile("ltsc2019")),
        ("/w/a3/Dockerfile", dockerfile("ltsc2022")),
        // It runs what another one builds, and that changes.
        ("/w/deploy/p5.yaml", pod(5, "shop/a7:1", "")),
        ("/w/a7/Dockerfile", dockerfile("ltsc2022")),
        ("/w/deploy/p5.yaml", pod(5, "shop/a5:1", "")),
        ("/w/a7/Dockerfile", dockerfile("ltsc2019")),
        ("/w/deploy/p13.yaml", pod(13, "shop/a13:1", "win")),
        // Two build one name; one stops.
        ("/w/a9/compose.yaml", compose("shop/a10:1")),
        ("/w/a9/compose.yaml", compose("shop/nobody:1")),
        ("/w/deploy/p11.yaml", pod(11, "shop/nobody:1", "")),
        // A class comes, and goes.
        ("/w/deploy/class.yaml", CLASS.replace("win}", "other}")),
        ("/w/deploy/class.yaml", String::new()),
        ("/w/deploy/class.yaml", CLASS.to_owned()),
        ("/w/hostfit.toml", FLEET.replace("ltsc2019", "ltsc2022")),
        ("/w/a12/Dockerfile", dockerfile("ltsc2025")),
        // The configuration says what an image is, and then something else.
        ("/w/deploy/p14.yaml", pod(14, "shop/private:1", "")),
        ("/w/hostfit.toml", format!("{FLEET}[images]\n\"shop/private:*\" = \"ltsc2022\"\n")),
        ("/w/hostfit.toml", format!("{FLEET}[images]\n\"shop/private:*\" = \"linux\"\n")),
        ("/w/hostfit.toml", FLEET.to_owned()),
        // A published image; the tree builds another one under its name, and stops.
        ("/w/deploy/p16.yaml", pod(16, "golang:1.22-nanoserver-1809", "")),
        ("/w/a17/compose.yaml", compose("golang:1.22-nanoserver-1809")),
        ("/w/a17/Dockerfile", dockerfile("ltsc2022")),
        ("/w/a17/compose.yaml", compose("shop/a17:1")),
    ];
    let mut versions: BTreeMap<&str, i32> = BTreeMap::new();
    for (number, (path, text)) in edits.iter().enumerate() {
        let uri = format!("file://{path}");
        let version = versions.entry(path).or_insert_with(|| {
            editor.open(&uri, &texts[*path]);
            1
        });
        *version += 1;
        editor.replace(&uri, *version, text);
        texts.insert((*path).to_owned(), text.clone());
        assert_eq!(served(&mut editor, &texts), fresh(&texts), "edit {number} of {path}");
        if number % 4 == 3 {
            // Nobody types, so that all is judged.
            std::thread::sleep(Duration::from_millis(700));
            assert_eq!(served(&mut editor, &texts), fresh(&texts), "after edit {number}");
        }
    }
    editor.quit();
}

/// All that is shown of what a fresh check finds in a file.
fn lines_of(texts: &BTreeMap<String, String>, path: &str) -> Vec<String> {
    let listed: Vec<_> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let tree = Texts::of(&listed).load(Path::new("/w"), Scope::Whole, &crate::Open::new(), None);
    let sources = Sources::new(tree.sources);
    let report = check::check(&sources, &tree.units, &tree.config, TODAY);
    let of_file = |it: &&Finding| tree.files[it.span.source.0 as usize].path == Path::new(path);
    let line = |finding: &Finding| {
        let place = |at: u32| {
            let at = sources.get(finding.span.source).unwrap().position(at);
            format!("{}:{}", at.line - 1, at.column - 1)
        };
        let Finding { rule, span, message, fixes, .. } = finding;
        let titles: Vec<_> = fixes.iter().map(|fix| &fix.title).collect();
        format!("{rule} {}-{} {} {titles:?}", place(span.start), place(span.end), message.headline)
    };
    report.findings.iter().filter(of_file).map(line).collect()
}

/// The same of what the server answers.
fn answered(editor: &mut Editor, path: &str) -> Vec<String> {
    let place = |it: &Value| format!("{}:{}", it["line"], it["character"]);
    let line = |it: &Value| {
        let (range, message) = (&it["range"], it["message"].as_str().unwrap());
        let titles = &it["data"]["fixes"];
        let titles: Vec<_> = titles.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        format!(
            "{} {}-{} {message} {titles:?}",
            it["code"].as_str().unwrap(),
            place(&range["start"]),
            place(&range["end"])
        )
    };
    editor.pull(&format!("file://{path}")).iter().map(line).collect()
}

/// Of a manifest of many documents only those are lowered again that changed; the others may have moved.
#[test]
fn each_edit_of_many_documents_leaves_what_a_fresh_check_finds() {
    const PATH: &str = "/w/deploy/all.yaml";
    let images =
        ["ltsc2019", "ltsc2022", "1803", "ltsc9999"].map(|tag| format!("mcr.microsoft.com/windows/nanoserver:{tag}"));
    let mut numbers = Rng::with_seed(0x9e37_79b9_7f4a_7c15);
    let mut random = |end: usize| numbers.usize(..end);
    let mut documents: Vec<String> = (0..20).map(|it| pod(it, &images[it % 4], ["", "win"][it % 2])).collect();
    documents.push(CLASS.to_owned());
    let mut texts = repository();
    texts.retain(|path, _| !path.contains("class"));
    texts.insert(PATH.to_owned(), documents.join("---\n"));
    let listed: Vec<_> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let mut editor = Editor::new(&Texts::of(&listed), &["/w"], &json!({}));
    editor.open(&format!("file://{PATH}"), &texts[PATH]);
    let mut found = 0;
    for version in 2..80 {
        let place = random(documents.len());
        match random(8) {
            0 => drop(documents.remove(place)),
            1 => documents.insert(place, pod(random(30), &images[random(4)], ["", "win", "other"][random(3)])),
            2 => documents[place].push_str("# a note\n"),
            3 => documents[place].push_str("# hostfit: ignore-file[missing-os-selector]\n"),
            // Not YAML, until it is written again.
            4 => documents[place].push_str("  \"\n"),
            5 => documents.swap(0, place),
            6 => documents[place] = CLASS.replace("windows", ["windows", "linux"][random(2)]),
            _ => documents[place] = pod(version, &images[random(4)], ["", "win"][random(2)]),
        }
        if random(3) == 0 {
            for text in &mut documents {
                *text = text.replace("  \"\n", "");
            }
        }
        let text = documents.join("---\n");
        editor.replace(&format!("file://{PATH}"), i32::try_from(version).unwrap(), &text);
        texts.insert(PATH.to_owned(), text);
        let expected = lines_of(&texts, PATH);
        assert_eq!(answered(&mut editor, PATH), expected, "version {version}:\n{}", texts[PATH]);
        found += expected.len();
    }
    assert!(found > 500, "{found}");
    editor.quit();
}
