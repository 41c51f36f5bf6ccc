//! What the editor offers to do about findings.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use hostfit_core::{
    finding::{Edit, Finding, Fix},
    fix::{self, Which},
    front::{self, Outcome},
    source::{SourceId, Span},
};
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, CodeActionResponse, CreateFile, CreateFileOptions, DocumentChange,
    OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextDocumentIdentifier, TextEdit, Uri, WorkspaceEdit,
};

use crate::{
    declare::{self, Change, Declaration},
    diagnostics,
    edit::edited,
    folder::Files,
    ignore,
    workspace::Workspace,
};

/// All safe fixes of a file. Who asks for `source.fixAll` is given it too.
pub(crate) const FIX_ALL: CodeActionKind = CodeActionKind::Custom(Cow::Borrowed("source.fixAll.hostfit"));

/// What can be done at a range of a file.
pub(crate) fn actions(params: &CodeActionParams, workspace: &Workspace) -> Option<Vec<CodeActionResponse>> {
    let path = workspace.path(&params.text_document.uri)?;
    let files = workspace.owner(&path)?.files.as_ref()?;
    let id = files.id(&path)?;
    let only = params.context.only.as_deref();
    let mut actions = Vec::new();
    if wants(only, &CodeActionKind::QuickFix) {
        let range = files.bytes(id, params.range, workspace.encoding)?;
        let touches = |finding: &&Finding| {
            let own = finding.span.range();
            finding.span.source == id && own.start <= range.end && range.start <= own.end
        };
        let here: Vec<_> = files.report(id)?.findings.iter().filter(touches).collect();
        actions.extend(here.iter().flat_map(|finding| fixes(finding, files, workspace)));
        actions.extend(declaring(id, Span::new(id, range.clone()), &here, files, workspace));
        actions.extend(here.iter().filter_map(|finding| ignoring(finding, files, workspace)));
    }
    if wants(only, &FIX_ALL) {
        actions.extend(fix_all(id, files, workspace));
    }
    Some(actions.into_iter().map(Into::into).collect())
}

/// Whether one of these kinds, or a kind that it is part of, is asked for.
fn wants(only: Option<&[CodeActionKind]>, kind: &CodeActionKind) -> bool {
    let Some(only) = only else { return true };
    only.iter().any(|asked| match kind.as_str().strip_prefix(asked.as_str()) {
        Some(rest) => rest.is_empty() || rest.starts_with('.') || asked.as_str().is_empty(),
        None => false,
    })
}

fn fixes(finding: &Finding, files: &Files, workspace: &Workspace) -> Vec<CodeAction> {
    let preferred = finding.fixes.iter().position(Fix::is_safe);
    let action = |(place, fix): (usize, &Fix)| {
        let edit = workspace_edit(fix.edits.iter(), files, workspace)?;
        let own = diagnostics::of_finding(finding, files, workspace.encoding, &|path| workspace.uri(path));
        Some(CodeAction {
            title: fix.title.clone(),
            kind: Some(CodeActionKind::QuickFix),
            diagnostics: own.map(|diagnostic| vec![diagnostic]),
            is_preferred: (preferred == Some(place)).then_some(true),
            edit: Some(edit),
            ..CodeAction::default()
        })
    };
    finding.fixes.iter().enumerate().filter_map(action).collect()
}

/// Saying what is in images of which nobody knows it.
fn declaring(id: SourceId, range: Span, here: &[&Finding], files: &Files, workspace: &Workspace) -> Vec<CodeAction> {
    let about = here.iter().find(|finding| declare::is_about(finding));
    let own = about
        .and_then(|finding| diagnostics::of_finding(finding, files, workspace.encoding, &|path| workspace.uri(path)));
    let action = |declaration: Declaration| {
        let edit = match declaration.change {
            Change::Edit(edit) => workspace_edit([&edit], files, workspace)?,
            Change::Create(text) => creation(&files.own_config(), text, workspace)?,
        };
        Some(CodeAction {
            title: declaration.title,
            kind: Some(CodeActionKind::QuickFix),
            diagnostics: own.clone().map(|diagnostic| vec![diagnostic]),
            edit: Some(edit),
            ..CodeAction::default()
        })
    };
    declare::declarations(id, range, files).into_iter().filter_map(action).collect()
}

/// A new file, where the client can make one.
fn creation(path: &Path, text: String, workspace: &Workspace) -> Option<WorkspaceEdit> {
    if !workspace.abilities.creates {
        return None;
    }
    let uri = workspace.uri(path);
    let options = Some(CreateFileOptions { overwrite: Some(false), ignore_if_exists: Some(false) });
    let create = CreateFile { uri: uri.clone(), options, annotation_id: None };
    let text_document_identifier = TextDocumentIdentifier { uri };
    let fill = TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier { version: None, text_document_identifier },
        edits: vec![TextEdit { range: lsp_types::Range::default(), new_text: text }.into()],
    };
    let changes = vec![DocumentChange::CreateFile(create), DocumentChange::TextDocumentEdit(fill)];
    Some(WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() })
}

fn ignoring(finding: &Finding, files: &Files, workspace: &Workspace) -> Option<CodeAction> {
    let edit = ignore::here(finding, files)?;
    let own = diagnostics::of_finding(finding, files, workspace.encoding, &|path| workspace.uri(path));
    Some(CodeAction {
        title: format!("ignore `{}` here", finding.rule),
        kind: Some(CodeActionKind::QuickFix),
        diagnostics: own.map(|diagnostic| vec![diagnostic]),
        edit: Some(workspace_edit([&edit], files, workspace)?),
        ..CodeAction::default()
    })
}

/// All safe fixes that touch nothing but this file and not each other. None if it would be read worse than before.
fn fix_all(id: SourceId, files: &Files, workspace: &Workspace) -> Option<CodeAction> {
    let chosen = fix::choose(&files.report(id)?.findings, Which::Safe, |file| file == id);
    let mut edits: Vec<_> = chosen.iter().flat_map(|fix| &fix.edits).collect();
    if edits.is_empty() {
        return None;
    }
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let old = files.sources.get(id)?;
    let unit = files.unit(id)?;
    let Outcome::Unit(new) = front::read_edited(&edited(old, &edits)?, unit) else { return None };
    if new.errors.len() > unit.errors.len() {
        return None;
    }
    Some(CodeAction {
        title: "fix all that hostfit can fix safely".to_owned(),
        kind: Some(FIX_ALL),
        edit: Some(workspace_edit(edits, files, workspace)?),
        ..CodeAction::default()
    })
}

fn workspace_edit<'e>(
    edits: impl IntoIterator<Item = &'e Edit>,
    files: &Files,
    workspace: &Workspace,
) -> Option<WorkspaceEdit> {
    let mut by_file: BTreeMap<PathBuf, Vec<TextEdit>> = BTreeMap::new();
    for edit in edits {
        let (path, range) = files.place(edit.span, workspace.encoding)?;
        by_file.entry(path.to_owned()).or_default().push(TextEdit { range, new_text: edit.text.clone() });
    }
    if !workspace.abilities.versioned_edits {
        let changes: HashMap<Uri, Vec<TextEdit>> =
            by_file.into_iter().map(|(path, edits)| (workspace.uri(&path), edits)).collect();
        return Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() });
    }
    let changes = by_file.into_iter().map(|(path, edits)| {
        let version = workspace.documents.get(&path).map(|document| document.version);
        let text_document_identifier = TextDocumentIdentifier { uri: workspace.uri(&path) };
        DocumentChange::TextDocumentEdit(TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier { version, text_document_identifier },
            edits: edits.into_iter().map(Into::into).collect(),
        })
    });
    Some(WorkspaceEdit { document_changes: Some(changes.collect()), ..WorkspaceEdit::default() })
}
