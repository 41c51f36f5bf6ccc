//! Diagnostics that the client asks for.

use std::collections::HashMap;

use lsp_types::{DocumentDiagnosticParams, Uri, WorkspaceDiagnosticParams};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    diagnostics::Written,
    workspace::{Shown, Workspace},
};

/// What nothing was ever found in is known by this.
const NEVER: &str = "0";

/// `DocumentDiagnosticReport` and `WorkspaceDocumentDiagnosticReport`, of diagnostics that are written already.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Report<'w> {
    #[serde(rename_all = "camelCase")]
    Full { result_id: String, items: &'w RawValue },
    #[serde(rename_all = "camelCase")]
    Unchanged { result_id: String },
}

impl<'w> Report<'w> {
    /// What is found in a file; nothing new if the client has it.
    fn of(shown: Option<&'w Shown>, before: Option<&String>) -> Self {
        let result_id = shown.map_or_else(|| NEVER.to_owned(), |shown| shown.number.to_string());
        if before == Some(&result_id) {
            return Self::Unchanged { result_id };
        }
        Self::Full { result_id, items: shown.map_or(Written::none(), |shown| &shown.diagnostics).json() }
    }
}

/// `WorkspaceDiagnosticReport`.
#[derive(Serialize)]
pub(crate) struct Reports<'w> {
    items: Vec<OfFile<'w>>,
}

/// One file of it.
#[derive(Serialize)]
struct OfFile<'w> {
    uri: Uri,
    version: Option<i32>,
    #[serde(flatten)]
    report: Report<'w>,
}

/// Those of one file.
pub(crate) fn document<'w>(params: &DocumentDiagnosticParams, workspace: &'w Workspace) -> Report<'w> {
    let shown = workspace.path(&params.text_document.uri).and_then(|path| workspace.shown.get(&path));
    Report::of(shown, params.previous_result_id.as_ref())
}

/// Those of all files; of files in which nothing is found if the client had something of them before.
pub(crate) fn workspace<'w>(params: &WorkspaceDiagnosticParams, workspace: &'w Workspace) -> Reports<'w> {
    let mut before: HashMap<&Uri, &String> = params.previous_result_ids.iter().map(|it| (&it.uri, &it.value)).collect();
    let mut items = Vec::new();
    let mut add = |uri: Uri, shown: Option<&'w Shown>, before: Option<&String>| {
        let version = workspace.path(&uri).and_then(|path| workspace.documents.get(&path)).map(|it| it.version);
        items.push(OfFile { uri, version, report: Report::of(shown, before) });
    };
    for (path, shown) in &workspace.shown {
        let uri = workspace.uri(path);
        let before = before.remove(&uri);
        if before.is_some() || !shown.diagnostics.is_empty() {
            add(uri, Some(shown), before);
        }
    }
    let mut rest: Vec<_> = before.into_iter().collect();
    rest.sort_by(|a, b| a.0.0.cmp(&b.0.0));
    for (uri, before) in rest {
        let shown = workspace.path(uri).and_then(|path| workspace.shown.get(&path));
        add(uri.clone(), shown, Some(before));
    }
    Reports { items }
}
