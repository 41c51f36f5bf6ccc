//! Bytes of a file, decoded to text, with the way back to the bytes.
//!
//! Everything inside the crate works on [`Source::text`], which is UTF-8, and on [`Span`]s of it. Only
//! [`Source::position`] and [`Source::original_offset`] know that the user's bytes may be encoded differently.

pub mod body;
pub mod rendered;

use std::{borrow::Cow, ops::Range, sync::OnceLock};

use body::Body;
use rendered::Rendered;

/// Which file of one run a [`Span`] belongs to: its place in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A half-open range of bytes of one source's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The place of what no file states, such as an option's value.
    pub const NOWHERE: Self = Self { source: SourceId(u32::MAX), start: 0, end: 0 };

    /// Whether no file states it.
    pub fn is_nowhere(self) -> bool {
        self.source == Self::NOWHERE.source
    }

    /// The span of `range` in `source`. Sources are at most [`MAX_BYTES`] long, so that every offset fits.
    pub fn new(source: SourceId, range: Range<usize>) -> Self {
        Self { source, start: saturating_u32(range.start), end: saturating_u32(range.end) }
    }

    /// An empty span: a place where something could be inserted.
    pub fn at(source: SourceId, offset: usize) -> Self {
        Self::new(source, offset..offset)
    }

    /// The bytes as indices.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// How many bytes it covers.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// Whether it covers no byte.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Whether every byte of `other` is one of this span's.
    pub fn holds(self, other: Self) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that holds both; `self` if they are of different files.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        if self.source != other.source {
            return self;
        }
        Self { start: self.start.min(other.start), end: self.end.max(other.end), ..self }
    }

    /// The part of this span that `range`, counted from its start, names; cut off at its end.
    #[must_use]
    pub fn part(self, range: Range<usize>) -> Self {
        let start = self.start.saturating_add(saturating_u32(range.start)).min(self.end);
        let end = self.start.saturating_add(saturating_u32(range.end)).clamp(start, self.end);
        Self { start, end, ..self }
    }
}

/// Returns an offset or a count as the 32 bits that a span has for it, at most `u32::MAX`. No file that is read is that long.
pub fn saturating_u32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

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

/// A place in a file, as shown to people and programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Counts from 1.
    pub line: u32,
    /// Counts Unicode code points from 1, without a byte order mark.
    pub column: u32,
    /// Counts bytes of the user's file from 0.
    pub offset: u32,
}

/// One file of a run.
#[derive(Debug)]
pub struct Source {
    /// Its place in the run.
    pub id: SourceId,
    /// Relative to the working folder, with `/`.
    pub path: String,
    /// The text. A UTF-8 byte order mark is still its first character, so that offsets are those of the file;
    /// of UTF-16 it is dropped.
    pub text: Body,
    /// How the user's bytes encode it.
    pub encoding: Encoding,
    /// Offset of the first byte that was no UTF-8, if there was one.
    pub invalid_utf8: Option<u32>,
    /// What it was rendered from, if it is not a file.
    pub rendered: Option<Box<Rendered>>,
    /// Whether it is a template of a chart.
    pub is_template: bool,
    lines: OnceLock<Vec<u32>>,
    marks: OnceLock<Vec<Counted>>,
}

/// How many characters stand before some byte of a text.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    /// Unicode code points.
    chars: u32,
    /// UTF-16 code units.
    units: u32,
}

impl Counted {
    /// Counts on, over `bytes` of UTF-8, which may begin and end inside a character.
    fn over(self, bytes: &[u8]) -> Self {
        let count = |holds: fn(u8) -> bool| saturating_u32(bytes.iter().filter(|&&byte| holds(byte)).count());
        let chars = count(|byte| byte & 0xc0 != 0x80);
        // What takes four bytes in UTF-8 takes two units in UTF-16.
        let pairs = count(|byte| byte >= 0xf0);
        Self { chars: self.chars.saturating_add(chars), units: self.units.saturating_add(chars).saturating_add(pairs) }
    }
}

/// Characters are counted at every so many bytes, so that a place in a line of megabytes, as minified JSON has them, is
/// found without counting from the line's start.
const MARK_EVERY: usize = 4096;

const BOM: char = '\u{feff}';

impl Source {
    /// Decodes a file.
    ///
    /// # Errors
    /// When it is too long, or no text.
    pub fn decode(id: SourceId, path: impl Into<String>, bytes: Vec<u8>) -> Result<Self, NotText> {
        let (text, encoding, invalid_utf8) = decode(bytes)?;
        let (lines, marks) = (OnceLock::new(), OnceLock::new());
        Ok(Self {
            id,
            path: path.into(),
            text: text.into(),
            encoding,
            invalid_utf8,
            rendered: None,
            is_template: false,
            lines,
            marks,
        })
    }

    /// Text that is known to be UTF-8, as in tests and for generated input. Over-long text is cut to nothing.
    pub fn from_text(id: SourceId, path: impl Into<String>, text: impl Into<String>) -> Self {
        let path = path.into();
        Self::decode(id, path.clone(), text.into().into_bytes()).unwrap_or_else(|_| Self {
            id,
            path,
            text: Body::default(),
            encoding: Encoding::Utf8,
            invalid_utf8: None,
            rendered: None,
            is_template: false,
            lines: OnceLock::new(),
            marks: OnceLock::new(),
        })
    }

    /// Whether a file of the disk has it: it was not rendered, and is not a member of an archive.
    pub fn is_file(&self) -> bool {
        self.rendered.is_none() && !self.path.contains("!/")
    }

    /// The same text, which is a template of a chart or not.
    #[must_use]
    pub fn of_chart(self, is_template: bool) -> Self {
        Self { is_template, ..self }
    }

    /// The same text, which was rendered from others.
    #[must_use]
    pub fn rendered_from(self, rendered: Rendered) -> Self {
        Self { rendered: Some(Box::new(rendered)), ..self }
    }

    /// Where its lines start, which is asked of files in which something is found.
    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', self.text.as_bytes());
            let mut starts: Vec<_> = std::iter::once(0).chain(ends.map(|at| saturating_u32(at + 1))).collect();
            starts.shrink_to_fit();
            starts
        })
    }

    /// The whole file.
    pub fn span(&self) -> Span {
        Span::new(self.id, 0..self.text.len())
    }

    /// The text of `span`, or nothing if it does not fit this file.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Line, column and byte of an offset into [`Source::text`].
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(saturating_u32(self.text.len()));
        let line = self.line_starts().partition_point(|&start| start <= offset);
        let start = self.line_starts().get(line.saturating_sub(1)).copied().unwrap_or(0);
        // A byte order mark is no character of the first line.
        let start = if start == 0 && self.text.starts_with(BOM) { saturating_u32(BOM.len_utf8()) } else { start };
        let before = match self.text.as_bytes().get(start as usize..offset as usize) {
            Some(near) if near.len() <= MARK_EVERY => Counted::default().over(near).chars,
            _ => self.counted(offset).chars.saturating_sub(self.counted(start).chars),
        };
        Position { line: saturating_u32(line), column: before.saturating_add(1), offset: self.original_offset(offset) }
    }

    /// The byte of the user's file at which the character at `offset` of the text stands.
    pub fn original_offset(&self, offset: u32) -> u32 {
        match self.encoding {
            Encoding::Utf8 => offset,
            // The two bytes of the byte order mark, which the text does not have.
            Encoding::Utf16Le | Encoding::Utf16Be => self.counted(offset).units.saturating_mul(2).saturating_add(2),
        }
    }

    /// The number of Unicode code points before the byte at `offset` of the text, without a byte order mark.
    pub fn code_points(&self, offset: u32) -> u32 {
        let chars = self.counted(offset.min(saturating_u32(self.text.len()))).chars;
        if self.text.starts_with(BOM) { chars.saturating_sub(1) } else { chars }
    }

    /// How many characters stand before the byte at `offset` of the text.
    fn counted(&self, offset: u32) -> Counted {
        let bytes = self.text.as_bytes();
        let marks = self.marks.get_or_init(|| {
            let mut counted = Counted::default();
            let mark = |chunk| {
                let next = counted.over(chunk);
                std::mem::replace(&mut counted, next)
            };
            bytes.chunks(MARK_EVERY).map(mark).collect()
        });
        let place = offset as usize / MARK_EVERY;
        let (mark, from) = match marks.get(place) {
            Some(mark) => (*mark, place * MARK_EVERY),
            // Only the end of a text whose length is a multiple has no mark.
            None => (marks.last().copied().unwrap_or_default(), marks.len().saturating_sub(1) * MARK_EVERY),
        };
        mark.over(bytes.get(from..(offset as usize).min(bytes.len())).unwrap_or_default())
    }

    /// How the file ends its lines, at `offset`: as the line before it does, or else the first line of all.
    pub fn line_end(&self, offset: u32) -> &'static str {
        let before = self.text.get(..offset as usize).and_then(|before| before.rfind('\n'));
        let end = before.or_else(|| memchr::memchr(b'\n', self.text.as_bytes()));
        let is_crlf = end.and_then(|end| self.text.get(..end)).is_some_and(|line| line.ends_with('\r'));
        if is_crlf { "\r\n" } else { "\n" }
    }

    /// The line that holds `offset`, without its line end. It is looked for around the offset: few lines are asked for in a
    /// text that is edited, whose table of lines would be built anew for each edit.
    pub fn line_span(&self, offset: u32) -> Span {
        let bytes = self.text.as_bytes();
        let (before, after) = bytes.split_at(bytes.len().min(offset as usize));
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let end = memchr::memchr(b'\n', after).map_or(bytes.len(), |at| before.len() + at);
        let is_crlf = bytes.get(start..end).is_some_and(|line| line.ends_with(b"\r"));
        Span::new(self.id, start..end - usize::from(is_crlf))
    }
}

/// The text of a file, its encoding, and the first byte that is not UTF-8.
fn decode(bytes: Vec<u8>) -> Result<(String, Encoding, Option<u32>), NotText> {
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

/// All files of one run, by id.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
    /// The names of the working folder and those above it, with `/`, as far as they are known.
    folder: String,
}

impl Sources {
    /// The table of `files`, whose ids are their places in it.
    pub fn new(files: Vec<Source>) -> Self {
        debug_assert!(files.iter().enumerate().all(|(place, file)| file.id.0 as usize == place));
        Self { files, folder: String::new() }
    }

    /// The same files, whose paths are relative to the folder of this absolute path: then `../web/Dockerfile` is known to
    /// be `Dockerfile` in the folder `web`.
    #[must_use]
    pub fn in_folder(self, folder: &str) -> Self {
        Self { folder: folder.replace('\\', "/").trim_matches('/').to_owned(), ..self }
    }

    /// The path as [`Source::path`] has it, of one that may leave the working folder and enter it again.
    pub fn shortest<'p>(&self, path: &'p str) -> Cow<'p, str> {
        let up = path.split('/').take_while(|part| *part == "..").count();
        let mut own: Vec<_> = self.folder.split('/').filter(|part| !part.is_empty()).collect();
        if up == 0 || up > own.len() {
            return Cow::Borrowed(path);
        }
        let below = own.split_off(own.len() - up);
        let rest: Vec<_> = path.split('/').skip(up).collect();
        let same = below.iter().zip(&rest).take_while(|(a, b)| a == b).count();
        let parts = std::iter::repeat_n("..", up - same).chain(rest.into_iter().skip(same));
        Cow::Owned(parts.collect::<Vec<_>>().join("/"))
    }

    /// The file, unless the id is of another run.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// The files in order of their ids.
    pub fn files(&self) -> &[Source] {
        &self.files
    }

    /// The same folder with other files, and what comes with them.
    pub fn renewed<T>(self, renew: impl FnOnce(Vec<Source>) -> (Vec<Source>, T)) -> (Self, T) {
        let Self { files, folder } = self;
        let (files, other) = renew(files);
        (Self { folder, ..Self::new(files) }, other)
    }

    /// Where the bytes of a text come from, unless it is a file.
    pub fn rendered(&self, id: SourceId) -> Option<&Rendered> {
        self.get(id)?.rendered.as_deref()
    }

    /// The bytes of a file that decide bytes of a rendered text; those of a file are themselves.
    pub fn written(&self, span: Span) -> Span {
        self.rendered(span.source).and_then(|it| it.place(span.start..span.end, self)).unwrap_or(span)
    }

    /// Puts another text of the same file in the place of the one with its id, and returns that one.
    pub fn replace(&mut self, file: Source) -> Option<Source> {
        let place = self.files.get_mut(file.id.0 as usize)?;
        Some(std::mem::replace(place, file))
    }

    /// The text of `span`.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).map_or("", |source| source.slice(span))
    }

    /// All files in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Source> + Clone {
        self.files.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> Source {
        Source::decode(SourceId(0), "f", bytes.to_vec()).expect("text")
    }

    #[test]
    fn a_path_that_enters_the_working_folder_again_is_short() {
        let table = [
            ("web/Dockerfile", "web/Dockerfile"),
            ("../c/web/Dockerfile", "web/Dockerfile"),
            ("../../b/c/Dockerfile", "Dockerfile"),
            ("../../b/Dockerfile", "../Dockerfile"),
            ("../../c/Dockerfile", "../../c/Dockerfile"),
            ("../../../../Dockerfile", "../../../../Dockerfile"),
        ];
        let sources = Sources::new(Vec::new()).in_folder("/a/b/c");
        for (path, expected) in table {
            assert_eq!(sources.shortest(path), expected, "{path}");
            assert_eq!(Sources::default().shortest(path), path);
        }
    }

    #[test]
    fn columns_count_code_points_and_no_byte_order_mark() {
        let source = decode("\u{feff}é FROM\r\nx".as_bytes());
        assert_eq!(source.position(6), Position { line: 1, column: 3, offset: 6 });
        assert_eq!(source.position(12), Position { line: 2, column: 1, offset: 12 });
        assert_eq!(source.slice(source.line_span(6)), "\u{feff}é FROM");
    }

    #[test]
    fn code_points_are_counted_from_the_start_of_the_text() {
        let text = "é😀\r\nFROM";
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for bytes in [text.as_bytes().to_vec(), format!("\u{feff}{text}").into_bytes(), utf16] {
            let source = decode(&bytes);
            let from = u32::try_from(source.text.find("FROM").expect("there")).expect("small");
            assert_eq!(source.code_points(from), 4);
            assert_eq!(source.code_points(u32::MAX), 8);
        }
    }

    #[test]
    fn utf16_offsets_are_those_of_the_file() {
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend("é😀\nFROM".encode_utf16().flat_map(u16::to_le_bytes));
        let source = decode(&bytes);
        let from = u32::try_from(source.text.find("FROM").expect("there")).expect("small");
        assert_eq!(source.position(from), Position { line: 2, column: 1, offset: 2 + 2 * 4 });
    }

    #[test]
    fn plain_text_has_no_byte_order_mark() {
        assert_eq!(plain_text(b"{}".to_vec()).as_deref(), Some("{}"));
        assert_eq!(plain_text(b"\xef\xbb\xbf{}".to_vec()).as_deref(), Some("{}"));
        assert_eq!(plain_text(b"\xff\xfe{\0}\0".to_vec()).as_deref(), Some("{}"));
        assert_eq!(plain_text(b"\xfe\xff\0{\0}".to_vec()).as_deref(), Some("{}"));
        assert_eq!(plain_text(b"\x80".to_vec()), None);
    }

    #[test]
    fn half_a_unit_of_utf16_is_no_text() {
        let source = decode(&[0xff, 0xfe, b'F', 0, b'R']);
        assert_eq!(source.text, "F");
        assert_eq!(source.original_offset(1), 4);
    }

    #[test]
    fn invalid_utf8_keeps_every_offset() {
        let source = decode(b"# caf\xe9\nFROM x\xff\xfe");
        assert_eq!(source.text, "# caf_\nFROM x__");
        assert_eq!(source.invalid_utf8, Some(5));
    }

    #[test]
    fn places_are_counted_alike_everywhere_in_a_long_text() {
        let text = "é漢😀a\n".repeat(500) + &"😀b".repeat(2000);
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let (plain, wide) = (decode(text.as_bytes()), decode(&utf16));
        let (mut line, mut column, mut units) = (1, 1, 0);
        for (at, char) in text.char_indices().chain([(text.len(), 'x')]) {
            let at = u32::try_from(at).expect("small");
            if at % 3 == 0 || at % 4096 < 4 {
                assert_eq!(plain.position(at), Position { line, column, offset: at });
                assert_eq!(wide.position(at), Position { line, column, offset: 2 + 2 * units });
            }
            units += u32::try_from(char.len_utf16()).expect("small");
            (line, column) = if char == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        let whole = decode("x".repeat(2 * MARK_EVERY).as_bytes());
        assert_eq!(whole.position(saturating_u32(2 * MARK_EVERY)).column, saturating_u32(2 * MARK_EVERY) + 1);
    }

    #[test]
    fn nul_bytes_are_binary() {
        assert_eq!(Source::decode(SourceId(0), "f", vec![b'F', 0]).err(), Some(NotText::Binary));
    }
}
