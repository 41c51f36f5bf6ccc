//! The language server, from the first byte to the last.

use std::{path::Path, sync::Arc};

use hostfit_core::{
    config::Config,
    front::{self, Memory, Outcome, Unit},
    source::{Source, SourceId},
    windows::Date,
};
use hostfit_lsp::{Disk, File, Open, Origin, Scope, Tree};

use crate::common::TODAY;

/// Serves the bytes as they are where they begin with a header; else each line is a message. Whatever comes in, what goes
/// out is JSON, and the server ends.
pub(crate) fn serve(bytes: &[u8]) {
    let framed = if bytes.starts_with(b"Content-Length") { bytes.to_vec() } else { frames(bytes) };
    let send = |message: &str| {
        assert!(serde_json::from_str::<serde_json::Value>(message).is_ok(), "{message}");
        Ok(())
    };
    hostfit_lsp::serve(framed.as_slice(), send, Arc::new(Empty));
}

/// Each line as a message with its header.
pub(crate) fn frames(bytes: &[u8]) -> Vec<u8> {
    let mut framed = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        framed.extend_from_slice(format!("Content-Length: {}\r\n\r\n", line.len()).as_bytes());
        framed.extend_from_slice(line);
    }
    framed
}

/// A disk without files: all texts are those of the editor.
struct Empty;

impl Disk for Empty {
    fn today(&self) -> Date {
        TODAY
    }

    fn load(&self, folder: &Path, _: Scope, open: &Open, _: Option<Config>) -> Tree {
        let mut tree = Tree { folder: folder.to_owned(), root: folder.to_owned(), ..Tree::default() };
        for (path, text) in open {
            let id = SourceId(u32::try_from(tree.sources.len()).expect("few files"));
            let (source, unit) = self.read(folder, path, id, Some(text), &mut Memory::default());
            tree.sources.push(source);
            tree.units.extend(unit);
            tree.files.push(File { path: path.clone(), origin: Origin::Open });
        }
        tree
    }

    fn read(
        &self,
        folder: &Path,
        path: &Path,
        id: SourceId,
        text: Option<&str>,
        memory: &mut Memory,
    ) -> (Source, Option<Unit>) {
        let shown = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned();
        let source = Source::from_text(id, shown, text.unwrap_or_default());
        match front::read_again(&source, memory) {
            Outcome::Unit(unit) => (source, Some(unit)),
            _ => (source, None),
        }
    }

    fn read_config(&self, _: &Path, _: &Path, id: SourceId, text: Option<&str>) -> Source {
        Source::from_text(id, "hostfit.toml", text.unwrap_or_default())
    }

    fn match_overrides(&self, _: &Path, _: &Path, _: &mut Config, _: (&[File], &[Source])) {}

    fn is_file(&self, _: &Path, _: &Path) -> bool {
        false
    }
}
