//! What of the protocol the client can do.

use lsp_types::{ClientCapabilities, CompletionItemTag, MarkupKind, ResourceOperationKind};

/// What of the protocol the client can do.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "that is what the protocol negotiates")]
pub(crate) struct Abilities {
    /// It asks for diagnostics, and again on request. It would show them twice if they were sent too.
    pub(crate) pulls: bool,
    /// It asks for diagnostics when a text changes and at no other time, as Neovim 0.11 does: what other files decide it
    /// would never learn. It is better not told that it can ask.
    pub(crate) pulls_by_halves: bool,
    /// It asks for inlay hints again on request.
    pub(crate) refreshes_hints: bool,
    /// It asks for code lenses again on request.
    pub(crate) refreshes_lenses: bool,
    /// It watches files for the server.
    pub(crate) watches: bool,
    /// It watches files of a folder that it is given, also outside of the workspace.
    pub(crate) watches_elsewhere: bool,
    /// It shows progress.
    pub(crate) progress: bool,
    /// It takes edits of a certain version of a document.
    pub(crate) versioned_edits: bool,
    /// It creates files as part of an edit.
    pub(crate) creates: bool,
    /// It can be asked for settings.
    pub(crate) configuration: bool,
    /// It reports that settings were changed where it is asked to.
    pub(crate) tells_configuration: bool,
    /// It shows Markdown in hovers.
    pub(crate) markdown: bool,
    /// It shows Markdown beside completions.
    pub(crate) markdown_items: bool,
    /// It strikes out completions that should no longer be used.
    pub(crate) tags_items: bool,
    /// It shows details beside the labels of completions.
    pub(crate) label_details: bool,
    /// It takes links for definitions.
    pub(crate) links: bool,
}

impl Abilities {
    pub(crate) fn of(client: &ClientCapabilities) -> Self {
        let workspace = client.workspace.as_ref();
        let text = client.text_document.as_ref();
        let watching = workspace.and_then(|it| it.did_change_watched_files.as_ref());
        let diagnostics = workspace.and_then(|it| it.diagnostics.as_ref());
        let edits = workspace.and_then(|it| it.workspace_edit.as_ref());
        let versioned_edits = edits.and_then(|it| it.document_changes) == Some(true);
        let operations = edits.and_then(|it| it.resource_operations.as_deref()).unwrap_or_default();
        let settings = workspace.and_then(|it| it.did_change_configuration.as_ref());
        let items = text.and_then(|it| it.completion.as_ref()).and_then(|it| it.completion_item.as_ref());
        let tags = items.and_then(|it| it.tag_support.as_ref());
        let asks = text.is_some_and(|it| it.diagnostic.is_some());
        let refreshes = diagnostics.and_then(|it| it.refresh_support) == Some(true);
        // Where a client does not say, everybody's default holds.
        let markdown = |formats: Option<&Vec<MarkupKind>>| formats.is_none_or(|it| it.contains(&MarkupKind::Markdown));
        Self {
            pulls: asks && refreshes,
            pulls_by_halves: asks && !refreshes,
            refreshes_hints: workspace.and_then(|it| it.inlay_hint.as_ref()).and_then(|it| it.refresh_support)
                == Some(true),
            refreshes_lenses: workspace.and_then(|it| it.code_lens.as_ref()).and_then(|it| it.refresh_support)
                == Some(true),
            watches: watching.and_then(|it| it.dynamic_registration) == Some(true),
            watches_elsewhere: watching.and_then(|it| it.relative_pattern_support) == Some(true),
            progress: client.window.as_ref().and_then(|it| it.work_done_progress) == Some(true),
            versioned_edits,
            creates: versioned_edits && operations.contains(&ResourceOperationKind::Create),
            configuration: workspace.and_then(|it| it.configuration) == Some(true),
            tells_configuration: settings.and_then(|it| it.dynamic_registration) == Some(true),
            markdown: markdown(text.and_then(|it| it.hover.as_ref()).and_then(|it| it.content_format.as_ref())),
            markdown_items: markdown(items.and_then(|it| it.documentation_format.as_ref())),
            tags_items: tags.is_some_and(|it| it.value_set.contains(&CompletionItemTag::Deprecated)),
            label_details: items.and_then(|it| it.label_details_support) == Some(true),
            links: text.and_then(|it| it.definition.as_ref()).and_then(|it| it.link_support) == Some(true),
        }
    }
}
