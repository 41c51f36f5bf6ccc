//! Diagnostics that the client asks for.

use std::collections::HashMap;

use lsp_types::{
    DocumentDiagnosticParams, DocumentDiagnosticReport, FullDocumentDiagnosticReport,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport,
    Uri, WorkspaceDiagnosticParams, WorkspaceDiagnosticReport, WorkspaceFullDocumentDiagnosticReport,
    WorkspaceUnchangedDocumentDiagnosticReport,
};

use crate::workspace::{Shown, Workspace};

/// What nothing was ever found in is known by this.
const NEVER: &str = "0";

/// Those of one file.
pub(crate) fn document(params: &DocumentDiagnosticParams, workspace: &Workspace) -> DocumentDiagnosticReport {
    let shown = workspace.path(&params.text_document.uri).and_then(|path| workspace.shown.get(&path));
    let id = result_id(shown);
    if params.previous_result_id.as_ref() == Some(&id) {
        return RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id: id },
        }
        .into();
    }
    let full_document_diagnostic_report = full(shown, id);
    RelatedFullDocumentDiagnosticReport { related_documents: None, full_document_diagnostic_report }.into()
}

/// Those of all files; of files in which nothing is found if the client had something of them before.
pub(crate) fn workspace(params: &WorkspaceDiagnosticParams, workspace: &Workspace) -> WorkspaceDiagnosticReport {
    let mut before: HashMap<Uri, String> =
        params.previous_result_ids.iter().map(|it| (it.uri.clone(), it.value.clone())).collect();
    let mut items = Vec::new();
    let mut add = |uri: Uri, shown: Option<&Shown>, before: Option<String>| {
        let version = workspace.path(&uri).and_then(|path| workspace.documents.get(&path)).map(|it| it.version);
        let id = result_id(shown);
        items.push(if before.as_ref() == Some(&id) {
            let unchanged_document_diagnostic_report = UnchangedDocumentDiagnosticReport { result_id: id };
            WorkspaceUnchangedDocumentDiagnosticReport { uri, version, unchanged_document_diagnostic_report }.into()
        } else {
            let full_document_diagnostic_report = full(shown, id);
            WorkspaceFullDocumentDiagnosticReport { uri, version, full_document_diagnostic_report }.into()
        });
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
        let shown = workspace.path(&uri).and_then(|path| workspace.shown.get(&path));
        add(uri, shown, Some(before));
    }
    WorkspaceDiagnosticReport { items }
}

fn result_id(shown: Option<&Shown>) -> String {
    shown.map_or_else(|| NEVER.to_owned(), |shown| shown.number.to_string())
}

fn full(shown: Option<&Shown>, id: String) -> FullDocumentDiagnosticReport {
    let items = shown.map(|shown| shown.diagnostics.clone()).unwrap_or_default();
    FullDocumentDiagnosticReport { result_id: Some(id), items }
}
