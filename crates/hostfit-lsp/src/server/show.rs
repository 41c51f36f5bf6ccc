//! Publishing what is found: of the files in which something else is found than before, and of those that were
//! edited.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use lsp_types::{
    CodeLensRefreshRequest, Diagnostic, DiagnosticRefreshRequest, InlayHintRefreshRequest, Notification as _,
    PublishDiagnosticsNotification, Uri,
};
use serde::Serialize;
use serde_json::value::RawValue;

use super::Server;
use crate::{
    diagnostics::{self, Written},
    folder::{Files, Folder},
    workspace::Shown,
};

/// `PublishDiagnosticsParams`, of diagnostics that are written already.
#[derive(Serialize)]
struct Published<'s> {
    uri: &'s Uri,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    diagnostics: &'s RawValue,
}

impl Server {
    /// Publishes what is found in each file, where that differs from what was published before.
    pub(super) fn show(&mut self) {
        let present = if self.moved { self.all() } else { self.news() };
        let is_judged = |folder: &Folder| folder.files.as_ref().is_some_and(Files::was_judged);
        self.moved &= !self.workspace.folders.iter().all(is_judged);
        // An edited text is answered at once, if only with what it had.
        let edited = std::mem::take(&mut self.edited);
        let (answered, edited): (BTreeSet<_>, BTreeSet<_>) = edited.into_iter().partition(|it| self.is_settled(it));
        self.edited = edited;
        let mut elsewhere = false;
        for (path, diagnostics) in present {
            let diagnostics = Written::new(&diagnostics);
            let shown = self.workspace.shown.get(&path);
            if shown.map_or(diagnostics.is_empty(), |it| it.diagnostics == diagnostics) {
                continue;
            }
            elsewhere |= !answered.contains(&path);
            self.last_number += 1;
            self.workspace.shown.insert(path.clone(), Shown { number: self.last_number, diagnostics });
            if !answered.contains(&path) {
                self.publish_shown(&path);
            }
        }
        for path in &answered {
            if self.workspace.documents.contains_key(path) {
                self.publish_shown(path);
            }
        }
        if elsewhere {
            self.refresh();
        }
    }

    /// The diagnostics of all files that have some, or had.
    fn all(&mut self) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
        self.workspace.folders.iter_mut().filter_map(|it| it.files.as_mut()).for_each(|files| drop(files.take_news()));
        // What was published of files that are yet to be checked again stays until then.
        let is_over = |path: &&PathBuf| {
            self.workspace.owner(path).is_none_or(|it| it.files.as_ref().is_some_and(Files::was_judged))
        };
        let mut present: BTreeMap<PathBuf, Vec<Diagnostic>> =
            self.workspace.shown.keys().filter(is_over).map(|path| (path.clone(), Vec::new())).collect();
        for folder in &self.workspace.folders {
            let Some(files) = folder.files.as_ref().filter(|it| it.was_judged()) else { continue };
            let found =
                diagnostics::of_files(files, |_| true, self.workspace.encoding, |path| self.workspace.uri(path));
            let is_owner = |path: &Path| self.workspace.owner(path).is_some_and(|it| std::ptr::eq(it, folder));
            present.extend(found.into_iter().filter(|(path, _)| is_owner(path)));
        }
        present
    }

    /// The diagnostics of the files in which something else may be found since they were taken last.
    fn news(&mut self) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
        let mut present = BTreeMap::new();
        for place in 0..self.workspace.folders.len() {
            let files = self.workspace.folders.get_mut(place).and_then(|it| it.files.as_mut());
            let Some(news) = files.map(Files::take_news).filter(|it| !it.is_empty()) else { continue };
            let Some(folder) = self.workspace.folders.get(place) else { continue };
            let Some(files) = &folder.files else { continue };
            let is_owner = |path: &Path| self.workspace.owner(path).is_some_and(|it| std::ptr::eq(it, folder));
            let paths = news.iter().filter_map(|id| files.file(*id)).map(|file| &file.path);
            let empty = paths.filter(|path| is_owner(path)).map(|path| (path.clone(), Vec::new()));
            present.extend(empty.collect::<Vec<_>>());
            let found = diagnostics::of_files(
                files,
                |id| news.contains(&id),
                self.workspace.encoding,
                |path| self.workspace.uri(path),
            );
            present.extend(found.into_iter().filter(|(path, _)| is_owner(path)));
        }
        present
    }

    /// Whether what is found in a file is what is found in its present text.
    fn is_settled(&self, path: &Path) -> bool {
        let Some(owner) = self.workspace.owner(path) else { return true };
        let Some(files) = &owner.files else { return false };
        !files.is_dirty() && !files.is_incomplete() && (owner.is_ready() || files.id(path).is_some())
    }

    /// Takes back what was published of a file under a name, if it goes by another from now on.
    pub(super) fn forget(&mut self, path: &Path, old: &Uri, new: &Uri) {
        if old != new
            && let Some(shown) = self.workspace.shown.remove(path)
            && !shown.diagnostics.is_empty()
        {
            self.publish(old, None, Written::none());
        }
    }

    fn publish_shown(&self, path: &Path) {
        let uri = self.workspace.uri(path);
        let version = self.workspace.documents.get(path).map(|it| it.version);
        let shown = self.workspace.shown.get(path).map_or(Written::none(), |shown| &shown.diagnostics);
        self.publish(&uri, version, shown);
    }

    fn publish(&self, uri: &Uri, version: Option<i32>, diagnostics: &Written) {
        if !self.workspace.abilities.pulls {
            let params = Published { uri, version, diagnostics: diagnostics.json() };
            self.client.notify_of(PublishDiagnosticsNotification::METHOD, &params);
        }
    }

    /// Has the client ask again for what it asks for, since it is another in files that were not edited.
    fn refresh(&self) {
        if self.workspace.abilities.pulls {
            self.client.ask::<DiagnosticRefreshRequest>(&());
        }
        self.refresh_lines();
    }

    /// The same of what stands in and between the lines.
    pub(super) fn refresh_lines(&self) {
        if self.workspace.abilities.refreshes_hints {
            self.client.ask::<InlayHintRefreshRequest>(&());
        }
        if self.workspace.abilities.refreshes_lenses {
            self.client.ask::<CodeLensRefreshRequest>(&());
        }
    }
}
