//! Bytes of a file, decoded to text, with the way back to the bytes.
//!
//! Everything inside the crate works on [`Source::text`], which is UTF-8, and on [`Span`]s of it. Only
//! [`Source::position`] and [`Source::original_offset`] know that the user's bytes may be encoded differently.

pub mod body;
mod decode;
pub mod rendered;
mod rendering;
mod span;

use std::{borrow::Cow, sync::OnceLock};

use body::Body;
use decode::{BOM, decode};
pub use decode::{Encoding, MAX_BYTES, NotText, plain_text};
use rendered::Rendered;
pub use span::{SourceId, Span, saturating_u32};

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
    fn half_a_unit_of_utf16_is_no_text() {
        let source = decode(&[0xff, 0xfe, b'F', 0, b'R']);
        assert_eq!(source.text, "F");
        assert_eq!(source.original_offset(1), 4);
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
}
