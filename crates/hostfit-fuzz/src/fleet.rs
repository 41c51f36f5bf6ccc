//! What clusters and clouds print, and what files declare.

/// Reads it as `hostfit fleet import` does.
pub(crate) fn import(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        hostfit::fuzzing::import(text);
    }
}
