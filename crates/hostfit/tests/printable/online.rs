//! What a registry says: in names, types, digests, errors and headers.

use std::io::Write;

use super::{server::Server, *};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// An index of one image with this platform.
fn index(digest: &str, platform: &str) -> String {
    format!(
        "{{\"schemaVersion\": 2, \"mediaType\": \"{INDEX}\", \"manifests\": [{{\"mediaType\": \
         \"application/vnd.oci.image.manifest.v1+json\", \"digest\": {digest}, \"size\": 1, \"platform\": {platform}}}]}}"
    )
}

/// Status, a header and body of each answer.
fn answers() -> Vec<(u16, String, String)> {
    let evil = quoted();
    // What a header may hold at all.
    let header: String = EVIL.chars().filter(|char| !matches!(char, '\r' | '\n')).collect();
    let digest = format!("\"sha256:{}\"", "0".repeat(64));
    let content = format!("Content-Type: {INDEX}");
    let errors = format!("{{\"errors\": [{{\"code\": {evil}, \"message\": {evil}}}]}}");
    let windows = "{\"os\": \"windows\", \"architecture\": \"amd64\", \"os.version\": \"10.0.20348.2700\"}";
    vec![
        (200, content.clone(), index(&digest, windows)),
        (200, content.clone(), index(&digest, &format!("{{\"os\": {evil}, \"architecture\": \"amd64\"}}"))),
        (200, content.clone(), index(&digest, &format!("{{\"os\": \"linux\", \"architecture\": {evil}}}"))),
        (200, content.clone(), index(&digest, &windows.replace("\"10.0.20348.2700\"", &evil))),
        (200, content.clone(), index(&evil, windows)),
        (200, content.clone(), format!("{{\"schemaVersion\": 2, \"mediaType\": {evil}}}")),
        (200, content.clone(), format!("{{\"{EVIL}")),
        (200, format!("Content-Type: {header}"), index(&digest, windows)),
        (200, format!("{content}\r\nDocker-Content-Digest: {header}"), index(&digest, windows)),
        (400, content.clone(), errors.clone()),
        (403, content.clone(), errors.clone()),
        (404, content.clone(), errors.clone()),
        (418, content, errors.clone()),
        (302, format!("Location: {header}"), String::new()),
        (302, "Location: http://pwned\u{202e}##[error]/".to_owned(), String::new()),
        (401, format!("WWW-Authenticate: Bearer realm=\"{header}\",service=\"{header}\""), errors.clone()),
        (401, format!("WWW-Authenticate: {header}"), errors),
    ]
}

#[test]
fn no_registry_gives_commands() {
    let (answers, count) = (answers(), answers().len());
    let server = Server::start(move |_, request, stream| {
        let number = request.path.split("/web").nth(1).and_then(|rest| rest.split('/').next()?.parse::<usize>().ok());
        let (status, header, body) = &answers[number.expect("one of the images")];
        let length = body.len();
        let _ = write!(
            stream,
            "HTTP/1.1 {status} {EVIL_REASON}\r\n{header}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
    });
    let authority = &server.authority;
    let images: Vec<_> = (0..count).map(|number| format!("FROM {authority}/team/web{number}:7\n")).collect();
    let tree = tree("online").with("asked/Dockerfile", images.concat());
    tree.write("home/.docker/config.json", "{}");
    let run = |args: &[&str]| {
        let mut command = tree.command(args);
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "XDG_CONFIG_HOME", "DOCKER_CONFIG"] {
            command.env_remove(name).env_remove(name.to_ascii_lowercase());
        }
        let output = command.env("HOME", tree.0.join("home")).output().expect("run");
        is_harmless(&output, args);
        let shown = text(&output.stdout) + &text(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{args:?}: {shown}");
        shown
    };
    let printed = run(&["images", "--online", "asked"]);
    assert!(printed.contains("could not be asked for") && printed.contains("pwned"), "{printed}");
    for args in [
        &["images", "--online", "--format", "json", "asked"][..],
        &["images", "--online", "--check", "asked"],
        &["images", "--online", "--check", "--format", "json", "asked"],
        &["images", "asked"],
        &["images", "--online"],
        &["images"],
        &["matrix"],
    ] {
        run(args);
    }
    for format in FORMATS {
        run(&["check", "-v", "--format", format]);
    }
}

/// In the place of the words of a status.
const EVIL_REASON: &str = "##[error]pwned \u{202e}";
