//! That the first reading goes on.

use lsp_types::{
    ProgressNotification, ProgressParams, ProgressToken, WorkDoneProgressBegin, WorkDoneProgressCreateParams,
    WorkDoneProgressCreateRequest, WorkDoneProgressEnd,
};

use crate::client::Client;

/// Whether the client shows that folders are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It was not begun.
    #[default]
    Before,
    /// It is shown.
    Shown,
    /// It was ended; no other one is begun.
    Over,
}

impl Progress {
    /// Shows it.
    pub(crate) fn begin(&mut self, client: &Client) {
        if *self != Self::Before {
            return;
        }
        *self = Self::Shown;
        client.ask::<WorkDoneProgressCreateRequest>(&WorkDoneProgressCreateParams { token: token() });
        let begin = WorkDoneProgressBegin {
            title: "hostfit: reading the workspace".to_owned(),
            cancellable: Some(false),
            message: None,
            percentage: None,
        };
        tell(client, serde_json::to_value(begin));
    }

    /// Ends it.
    pub(crate) fn end(&mut self, client: &Client) {
        if *self == Self::Shown {
            *self = Self::Over;
            tell(client, serde_json::to_value(WorkDoneProgressEnd { message: None }));
        }
    }
}

fn token() -> ProgressToken {
    ProgressToken::String("hostfit/workspace".to_owned())
}

fn tell(client: &Client, value: serde_json::Result<serde_json::Value>) {
    if let Ok(value) = value {
        client.notify::<ProgressNotification>(&ProgressParams { token: token(), value });
    }
}
