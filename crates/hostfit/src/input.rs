//! What a command is fed, beside the files that it looks at: results, outputs of other programs.

use std::{
    fs::File,
    io::{Read, stdin},
    path::Path,
};

use hostfit_core::source;

/// The bytes of a file, or of stdin for `-`; else why they cannot be read, as a sentence about the file. Where it is longer
/// than `longest`, `too_long` is why.
pub(crate) fn bytes(path: &Path, longest: u64, too_long: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let taken = if path.as_os_str() == "-" {
        stdin().lock().take(longest + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(longest + 1).read_to_end(&mut bytes))
    };
    let length = taken.map_err(|error| format!("cannot be read: {error}"))?;
    if length as u64 > longest { Err(too_long.to_owned()) } else { Ok(bytes) }
}

/// The same as text, whatever encoding a shell gave it.
pub(crate) fn text(path: &Path, longest: u64, too_long: &str) -> Result<String, String> {
    source::plain_text(bytes(path, longest, too_long)?).ok_or_else(|| "is not text".to_owned())
}
