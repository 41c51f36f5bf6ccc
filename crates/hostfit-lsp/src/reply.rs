//! What is asked of a place or of a file, in the words of the protocol. [`crate::answer`] knows the answers.

use lsp_types::{
    CodeLens, CodeLensParams, Command, CompletionItem, CompletionItemKind, CompletionItemLabelDetails,
    CompletionItemTag, CompletionParams, CompletionResponse, DefinitionParams, DefinitionResponse, DocumentLink,
    DocumentLinkParams, Hover, HoverParams, InlayHint, InlayHintParams, Location, LocationLink, MarkupContent,
    MarkupKind, Position, Range, TextEdit, Uri,
};

use crate::{
    answer::{
        View,
        completion::{self, Item, ItemKind},
        definition, hover as hovers, inlay, lens, links,
    },
    folder::Files,
    settings::SHOW_MATRIX,
    workspace::Workspace,
};
use hostfit_core::source::{SourceId, Span};

/// A file that something is asked about.
struct Asked<'s> {
    workspace: &'s Workspace,
    files: &'s Files,
    view: View<'s>,
    id: SourceId,
}

impl<'s> Asked<'s> {
    /// None where nothing is known of the file.
    fn of(uri: &Uri, workspace: &'s Workspace) -> Option<Self> {
        let path = workspace.path(uri)?;
        let files = workspace.owner(&path)?.files.as_ref()?;
        let id = files.id(&path)?;
        Some(Self { workspace, files, view: files.view(id)?, id })
    }

    fn offset(&self, at: Position) -> Option<u32> {
        self.files.offset(self.id, at, self.workspace.encoding)
    }

    fn location(&self, span: Span) -> Option<(Uri, Range)> {
        let (path, range) = self.files.place(span, self.workspace.encoding)?;
        Some((self.workspace.uri(path), range))
    }

    fn range(&self, span: Span) -> Option<Range> {
        self.files.place(span, self.workspace.encoding).map(|(_, range)| range)
    }
}

/// What there is to know of the place.
pub(crate) fn hover(params: &HoverParams, workspace: &Workspace) -> Option<Hover> {
    let at = &params.text_document_position_params;
    let asked = Asked::of(&at.text_document.uri, workspace)?;
    let hover = hovers::hover(&asked.view, asked.id, asked.offset(at.position)?)?;
    let contents = markup(hover.markdown, workspace.abilities.markdown);
    Some(Hover { contents: contents.into(), range: asked.range(hover.span) })
}

fn markup(value: String, is_understood: bool) -> MarkupContent {
    // Without its marks it would read worse than with them.
    MarkupContent { kind: if is_understood { MarkupKind::Markdown } else { MarkupKind::PlainText }, value }
}

/// What may be meant at the place.
pub(crate) fn completion(params: &CompletionParams, workspace: &Workspace) -> Option<CompletionResponse> {
    let at = &params.text_document_position_params;
    let asked = Asked::of(&at.text_document.uri, workspace)?;
    let items = completion::complete(&asked.view, asked.id, asked.offset(at.position)?);
    let items = items.into_iter().enumerate().filter_map(|(place, item)| completion_item(&asked, place, item));
    Some(items.collect::<Vec<_>>().into())
}

fn completion_item(asked: &Asked<'_>, place: usize, item: Item) -> Option<CompletionItem> {
    let abilities = asked.workspace.abilities;
    let kind = match item.kind {
        ItemKind::Tag => CompletionItemKind::Constant,
        ItemKind::Repository => CompletionItemKind::Module,
        ItemKind::Key => CompletionItemKind::Property,
        ItemKind::Value => CompletionItemKind::Value,
        ItemKind::Rule => CompletionItemKind::Reference,
    };
    let text = Some(item.documentation).filter(|text| !text.is_empty());
    let is_struck_out = item.is_deprecated && abilities.tags_items;
    let outdated = CompletionItemLabelDetails { detail: None, description: Some("out of support".to_owned()) };
    Some(CompletionItem {
        label: item.label,
        label_details: (item.is_deprecated && abilities.label_details).then_some(outdated),
        kind: Some(kind),
        tags: is_struck_out.then(|| vec![CompletionItemTag::Deprecated]),
        detail: Some(item.detail).filter(|detail| !detail.is_empty()),
        documentation: text.map(|text| markup(text, abilities.markdown_items).into()),
        // They come in the order to be shown in, which is not that of their names.
        sort_text: Some(format!("{place:04}")),
        text_edit: Some(TextEdit { range: asked.range(item.span)?, new_text: item.text }.into()),
        ..CompletionItem::default()
    })
}

/// Where what stands at the place comes from.
pub(crate) fn definition(params: &DefinitionParams, workspace: &Workspace) -> Option<DefinitionResponse> {
    let at = &params.text_document_position_params;
    let asked = Asked::of(&at.text_document.uri, workspace)?;
    let found = definition::definition(&asked.view, asked.id, asked.offset(at.position)?)?;
    let targets = found.targets.iter().filter_map(|span| asked.location(*span));
    if !workspace.abilities.links {
        let locations: Vec<_> = targets.map(|(uri, range)| Location { uri, range }).collect();
        return Some(DefinitionResponse::Definition(locations.into()));
    }
    let origin = asked.range(found.origin);
    let link = |(target_uri, range)| LocationLink {
        origin_selection_range: origin,
        target_uri,
        target_range: range,
        target_selection_range: range,
    };
    Some(DefinitionResponse::DefinitionLinkList(targets.map(link).collect()))
}

/// What stands between the characters of some lines, if that is wished.
pub(crate) fn inlay_hints(params: &InlayHintParams, workspace: &Workspace) -> Option<Vec<InlayHint>> {
    if !workspace.settings.inlay_hints {
        return Some(Vec::new());
    }
    let asked = Asked::of(&params.text_document.uri, workspace)?;
    let bytes = asked.files.bytes(asked.id, params.range, workspace.encoding)?;
    let hints = inlay::inlays(&asked.view, Span::new(asked.id, bytes)).into_iter();
    let hint = |hint: inlay::Inlay| {
        Some(InlayHint {
            position: asked.range(hint.at)?.start,
            label: hint.label.into(),
            kind: None,
            text_edits: None,
            tooltip: None,
            padding_left: Some(true),
            padding_right: None,
            data: None,
        })
    };
    Some(hints.filter_map(hint).collect())
}

/// What stands above the lines of a file, unless that is not wished.
pub(crate) fn code_lenses(params: &CodeLensParams, workspace: &Workspace) -> Option<Vec<CodeLens>> {
    if !workspace.settings.code_lens {
        return Some(Vec::new());
    }
    let uri = &params.text_document.uri;
    let asked = Asked::of(uri, workspace)?;
    let lens = |lens: lens::Lens| {
        // Without a command of its own an editor shows the title and does nothing.
        let (command, arguments) = if workspace.shows_matrix {
            (SHOW_MATRIX.to_owned(), Some(vec![uri.0.clone().into()]))
        } else {
            (String::new(), None)
        };
        let tooltip = Some(lens.hosts).filter(|hosts| !hosts.is_empty());
        let command = Command { title: lens.title, tooltip, command, arguments };
        Some(CodeLens { range: asked.range(lens.span)?, command: Some(command), data: None })
    };
    Some(lens::lenses(&asked.view, asked.id).into_iter().filter_map(lens).collect())
}

/// What of a file leads to a page.
pub(crate) fn document_links(params: &DocumentLinkParams, workspace: &Workspace) -> Option<Vec<DocumentLink>> {
    let asked = Asked::of(&params.text_document.uri, workspace)?;
    let link = |link: links::Link| {
        let tooltip = Some(link.tooltip.to_owned());
        Some(DocumentLink { range: asked.range(link.span)?, target: Some(Uri(link.url)), tooltip, data: None })
    };
    Some(links::links(&asked.view, asked.id).into_iter().filter_map(link).collect())
}
