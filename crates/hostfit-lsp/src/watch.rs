//! Which files the client watches for the server.

use std::path::Path;

use lsp_types::{
    BaseUri, DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern, Registration,
    RegistrationParams, RegistrationRequest, RelativePattern,
};

use crate::{client::Client, uri};

/// What is looked at by its name or its content, and what says which of it. Dockerfiles have many names. To the letter of
/// the protocol `*` is one character or more; Emacs watches nothing at all for a server that writes `*` between braces.
const PATTERNS: &[&str] = &[
    "**/*{ocker,ontainer}file",
    "**/*{ocker,ontainer}file*",
    "**/*.{yaml,yml,json,hcl,toml,env,tpl,tgz}",
    "**/.env",
    "**/.env.*",
    "**/.gitignore",
    "**/.helmignore",
    "**/hostfit.lock",
];

/// Asks for it.
pub(crate) fn register(client: &Client) {
    let watchers = PATTERNS.iter().map(|pattern| GlobPattern::Pattern((*pattern).to_owned()));
    ask(client, "hostfit-files", watchers.collect());
}

/// Asks for one file, which may lie outside of the workspace.
pub(crate) fn register_one(client: &Client, path: &Path) {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return };
    let base_uri = BaseUri::Uri(uri::of_path(folder));
    let pattern = RelativePattern { base_uri, pattern: name.to_string_lossy().into_owned() };
    ask(client, &format!("hostfit-file {}", path.display()), vec![GlobPattern::RelativePattern(pattern)]);
}

fn ask(client: &Client, id: &str, patterns: Vec<GlobPattern>) {
    let watchers = patterns.into_iter().map(|glob_pattern| FileSystemWatcher { glob_pattern, kind: None });
    let options = DidChangeWatchedFilesRegistrationOptions { watchers: watchers.collect() };
    let registration = Registration {
        id: id.to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(options).ok(),
    };
    client.ask::<RegistrationRequest>(&RegistrationParams { registrations: vec![registration] });
}
