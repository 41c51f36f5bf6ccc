//! Which request is answered where. All that is added to what the server can be asked has its line here, and in
//! `capabilities`.

use lsp_server::{ErrorCode, Request};
use lsp_types::{
    CodeActionRequest, CodeLensRequest, CompletionRequest, DefinitionRequest, DocumentDiagnosticRequest,
    DocumentLinkRequest, HoverRequest, InlayHintRequest, Request as RequestType, WorkspaceDiagnosticRequest,
};
use serde::Serialize;

use crate::{
    actions,
    client::{Answer, error},
    pull, reply,
    workspace::Workspace,
};

type Handler = fn(Request, &Workspace) -> Answer;

/// What can be asked; whether somebody waits for it who types or points at something; who answers.
const TABLE: &[(&str, bool, Handler)] = &[
    ("textDocument/diagnostic", false, |it, workspace| {
        written::<DocumentDiagnosticRequest, _>(it, workspace, pull::document)
    }),
    ("workspace/diagnostic", false, |it, workspace| {
        written::<WorkspaceDiagnosticRequest, _>(it, workspace, pull::workspace)
    }),
    ("textDocument/codeAction", false, |it, workspace| with::<CodeActionRequest>(it, workspace, actions::actions)),
    ("textDocument/hover", true, |it, workspace| with::<HoverRequest>(it, workspace, reply::hover)),
    ("textDocument/completion", true, |it, workspace| with::<CompletionRequest>(it, workspace, reply::completion)),
    ("textDocument/definition", true, |it, workspace| with::<DefinitionRequest>(it, workspace, reply::definition)),
    ("textDocument/inlayHint", true, |it, workspace| with::<InlayHintRequest>(it, workspace, reply::inlay_hints)),
    ("textDocument/codeLens", true, |it, workspace| with::<CodeLensRequest>(it, workspace, reply::code_lenses)),
    ("textDocument/documentLink", true, |it, workspace| {
        with::<DocumentLinkRequest>(it, workspace, reply::document_links)
    }),
];

/// The answer to a request. All that changed was judged.
pub(crate) fn answer(request: Request, workspace: &Workspace) -> Answer {
    match TABLE.iter().find(|(method, ..)| *method == request.method) {
        Some((_, _, handler)) => handler(request, workspace),
        None => Err(error(ErrorCode::MethodNotFound, format!("hostfit knows no `{}`", request.method))),
    }
}

/// Whether the answer of an older reading of the files is better than one that comes later.
pub(crate) fn is_urgent(method: &str) -> bool {
    TABLE.iter().any(|(own, is_urgent, _)| *own == method && *is_urgent)
}

fn with<R: RequestType>(
    request: Request,
    workspace: &Workspace,
    answer: impl Fn(&R::Params, &Workspace) -> R::Result,
) -> Answer {
    written::<R, R::Result>(request, workspace, answer)
}

/// The same where the answer only is written as the protocol's type is.
fn written<'w, R: RequestType, T: Serialize>(
    request: Request,
    workspace: &'w Workspace,
    answer: impl Fn(&R::Params, &'w Workspace) -> T,
) -> Answer {
    let params =
        serde_json::from_value(request.params).map_err(|it| error(ErrorCode::InvalidParams, it.to_string()))?;
    serde_json::to_string(&answer(&params, workspace)).map_err(|it| error(ErrorCode::InternalError, it.to_string()))
}
