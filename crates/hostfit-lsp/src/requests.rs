//! Which request is answered where. All that is added to what the server can be asked has its line here, and in
//! `capabilities`.

use lsp_server::{ErrorCode, Request};
use lsp_types::{CodeActionRequest, DocumentDiagnosticRequest, Request as RequestType, WorkspaceDiagnosticRequest};

use crate::{
    actions,
    client::{Answer, error},
    pull,
    server::Server,
};

/// The answer to a request. All folders were read, and all that changed since was judged.
pub(crate) fn answer(request: Request, server: &Server) -> Answer {
    match request.method.as_str() {
        "textDocument/diagnostic" => with::<DocumentDiagnosticRequest>(request, server, pull::document),
        "workspace/diagnostic" => with::<WorkspaceDiagnosticRequest>(request, server, pull::workspace),
        "textDocument/codeAction" => with::<CodeActionRequest>(request, server, actions::actions),
        method => Err(error(ErrorCode::MethodNotFound, format!("hostfit knows no `{method}`"))),
    }
}

fn with<R: RequestType>(
    request: Request,
    server: &Server,
    answer: impl Fn(&R::Params, &Server) -> R::Result,
) -> Answer {
    let params =
        serde_json::from_value(request.params).map_err(|it| error(ErrorCode::InvalidParams, it.to_string()))?;
    serde_json::to_value(answer(&params, server)).map_err(|it| error(ErrorCode::InternalError, it.to_string()))
}
