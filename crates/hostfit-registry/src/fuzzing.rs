//! The readers of what registries answer as functions of bytes, for fuzz targets. Not for others: it changes as they do.

use crate::{challenge::Challenge, manifest, url::Url};

/// Reads it as everything that an answer may hold.
pub fn answer(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for line in text.lines() {
        let _ = Challenge::parse(line);
        let _ = Url::parse(line);
    }
    for media_type in manifest::MANIFESTS.into_iter().chain(manifest::INDEXES).chain(["", "text/html"]) {
        let _ = manifest::document(bytes, media_type);
    }
    let _ = manifest::platform_of_config(bytes);
}
