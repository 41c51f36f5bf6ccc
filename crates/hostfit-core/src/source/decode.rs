//! Text out of the bytes of a file: UTF-8, or UTF-16 as Windows writes it.

use super::saturating_u32;

pub(super) const BOM: char = '\u{feff}';

/// The longest file that is read.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// How the user's bytes encode the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark; bytes that are not UTF-8 were replaced one for one.
    Utf8,
    /// UTF-16, little endian: what Windows PowerShell 5 writes with `>`.
    Utf16Le,
    /// UTF-16, big endian.
    Utf16Be,
}

/// Why bytes are not text that can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotText {
    /// Longer than [`MAX_BYTES`].
    TooLarge,
    /// Holds NUL bytes and is not UTF-16.
    Binary,
}

/// The text of a file, its encoding, and the first byte that is not UTF-8.
pub(super) fn decode(bytes: Vec<u8>) -> Result<(String, Encoding, Option<u32>), NotText> {
    if bytes.len() > MAX_BYTES {
        return Err(NotText::TooLarge);
    }
    if let Some((text, encoding)) = utf16(&bytes) {
        return Ok((text, encoding, None));
    }
    if memchr::memchr(0, &bytes).is_some() {
        return Err(NotText::Binary);
    }
    let (text, invalid) = utf8(bytes);
    Ok((text, Encoding::Utf8, invalid))
}

/// The text of a file of any length in which no places are looked for, without its byte order mark: UTF-8 or UTF-16. None
/// where it is neither.
pub fn plain_text(bytes: Vec<u8>) -> Option<String> {
    if let Some((text, _)) = utf16(&bytes) {
        return Some(text);
    }
    let mut text = String::from_utf8(bytes).ok()?;
    if text.starts_with(BOM) {
        text.drain(..BOM.len_utf8());
    }
    Some(text)
}

/// UTF-16 with a byte order mark, without which nobody reads it.
fn utf16(bytes: &[u8]) -> Option<(String, Encoding)> {
    let (encoding, body) = match bytes {
        [0xff, 0xfe, body @ ..] => (Encoding::Utf16Le, body),
        [0xfe, 0xff, body @ ..] => (Encoding::Utf16Be, body),
        _ => return None,
    };
    // Half a unit at the end of a file that was cut off is no text, and has no place in the file's bytes.
    let units = body.as_chunks().0.iter().map(|pair| match encoding {
        Encoding::Utf16Le => u16::from_le_bytes(*pair),
        Encoding::Utf16Be | Encoding::Utf8 => u16::from_be_bytes(*pair),
    });
    let text = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
    Some((text.collect(), encoding))
}

/// Text in which every byte that is not UTF-8 became `_`, so that all offsets stay, and the first such byte.
fn utf8(bytes: Vec<u8>) -> (String, Option<u32>) {
    let mut bytes = match String::from_utf8(bytes) {
        Ok(text) => return (text, None),
        Err(error) => error.into_bytes(),
    };
    let mut first = None;
    let mut at = 0;
    while let Some(rest) = bytes.get(at..) {
        let Err(error) = std::str::from_utf8(rest) else { break };
        let start = at + error.valid_up_to();
        let end = error.error_len().map_or(bytes.len(), |len| start + len);
        first.get_or_insert(saturating_u32(start));
        if let Some(wrong) = bytes.get_mut(start..end) {
            wrong.fill(b'_');
        }
        at = end;
    }
    (String::from_utf8(bytes).unwrap_or_default(), first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_has_no_byte_order_mark() {
        assert_eq!(plain_text(b"{}".to_vec()).as_deref(), Some("{}"));
        assert_eq!(plain_text(b"\xef\xbb\xbf{}".to_vec()).as_deref(), Some("{}"));
        assert_eq!(plain_text(b"\xff\xfe{\0}\0".to_vec()).as_deref(), Some("{}"));
        assert_eq!(plain_text(b"\xfe\xff\0{\0}".to_vec()).as_deref(), Some("{}"));
        assert_eq!(plain_text(b"\x80".to_vec()), None);
    }

    #[test]
    fn invalid_utf8_keeps_every_offset() {
        let decoded = decode(b"# caf\xe9\nFROM x\xff\xfe".to_vec());
        assert_eq!(decoded, Ok(("# caf_\nFROM x__".to_owned(), Encoding::Utf8, Some(5))));
    }

    #[test]
    fn nul_bytes_are_binary() {
        assert_eq!(decode(vec![b'F', 0]), Err(NotText::Binary));
    }
}
