//! Which request is answered where. All that is added to what the server can be asked has its line here, and in
//! `capabilities`.

use lsp_server::{ErrorCode, Request};
use lsp_types::{
    CodeActionRequest, CodeLensRequest, CompletionRequest, DefinitionRequest, DocumentDiagnosticRequest,
    DocumentLinkRequest, HoverRequest, InlayHintRequest, Request as RequestType, WorkspaceDiagnosticRequest,
};

use crate::{
    actions,
    client::{Answer, error},
    pull, reply,
    server::Server,
};

type Handler = fn(Request, &Server) -> Answer;

/// What can be asked; whether somebody waits for it who types or points at something; who answers.
const TABLE: &[(&str, bool, Handler)] = &[
    ("textDocument/diagnostic", false, |it, server| with::<DocumentDiagnosticRequest>(it, server, pull::document)),
    ("workspace/diagnostic", false, |it, server| with::<WorkspaceDiagnosticRequest>(it, server, pull::workspace)),
    ("textDocument/codeAction", false, |it, server| with::<CodeActionRequest>(it, server, actions::actions)),
    ("textDocument/hover", true, |it, server| with::<HoverRequest>(it, server, reply::hover)),
    ("textDocument/completion", true, |it, server| with::<CompletionRequest>(it, server, reply::completion)),
    ("textDocument/definition", true, |it, server| with::<DefinitionRequest>(it, server, reply::definition)),
    ("textDocument/inlayHint", true, |it, server| with::<InlayHintRequest>(it, server, reply::inlay_hints)),
    ("textDocument/codeLens", true, |it, server| with::<CodeLensRequest>(it, server, reply::code_lenses)),
    ("textDocument/documentLink", true, |it, server| with::<DocumentLinkRequest>(it, server, reply::document_links)),
];

/// The answer to a request. All that changed was judged.
pub(crate) fn answer(request: Request, server: &Server) -> Answer {
    match TABLE.iter().find(|(method, ..)| *method == request.method) {
        Some((_, _, handler)) => handler(request, server),
        None => Err(error(ErrorCode::MethodNotFound, format!("hostfit knows no `{}`", request.method))),
    }
}

/// Whether the answer of an older reading of the files is better than one that comes later.
pub(crate) fn is_urgent(method: &str) -> bool {
    TABLE.iter().any(|(own, is_urgent, _)| *own == method && *is_urgent)
}

fn with<R: RequestType>(
    request: Request,
    server: &Server,
    answer: impl Fn(&R::Params, &Server) -> R::Result,
) -> Answer {
    let params =
        serde_json::from_value(request.params).map_err(|it| error(ErrorCode::InvalidParams, it.to_string()))?;
    serde_json::to_string(&answer(&params, server)).map_err(|it| error(ErrorCode::InternalError, it.to_string()))
}
