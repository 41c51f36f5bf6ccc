//! Which files the client watches for the server.

use lsp_types::{
    DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern, Registration, RegistrationParams,
    RegistrationRequest,
};

use crate::client::Client;

/// What is looked at by its name or its content, and what says which of it. Dockerfiles have many names.
const PATTERNS: &[&str] =
    &["**/*{ocker,ontainer}file*", "**/*.{yaml,yml,json,hcl,toml,env}", "**/{.env,.env.*,.gitignore,hostfit.lock}"];

/// Asks for it.
pub(crate) fn register(client: &Client) {
    let watchers = PATTERNS
        .iter()
        .map(|pattern| FileSystemWatcher { glob_pattern: GlobPattern::Pattern((*pattern).to_owned()), kind: None });
    let options = DidChangeWatchedFilesRegistrationOptions { watchers: watchers.collect() };
    let registration = Registration {
        id: "hostfit-files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(options).ok(),
    };
    client.ask::<RegistrationRequest>(RegistrationParams { registrations: vec![registration] });
}
