//! A text that is open in the editor.

use lsp_types::{TextDocumentContentChangeEvent as Change, Uri};

use crate::position::{Encoding, Lines};

/// A text that is open in the editor.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// As the client writes it.
    pub(crate) uri: Uri,
    /// The client's number of this text.
    pub(crate) version: i32,
    /// The text.
    pub(crate) text: String,
    /// Its lines.
    pub(crate) lines: Lines,
}

impl Document {
    pub(crate) fn new(uri: Uri, version: i32, text: String) -> Self {
        let lines = Lines::new(&text);
        Self { uri, version, text, lines }
    }

    /// Takes over what was edited. Each change is given in the text that the one before left.
    pub(crate) fn change(&mut self, changes: Vec<Change>, encoding: Encoding) {
        for change in changes {
            match change {
                Change::TextDocumentContentChangeWholeDocument(whole) => {
                    self.lines = Lines::new(&whole.text);
                    self.text = whole.text;
                }
                Change::TextDocumentContentChangePartial(part) => {
                    let bytes = self.lines.bytes(&self.text, part.range, encoding);
                    self.text.replace_range(bytes.clone(), &part.text);
                    self.lines.edit(&self.text, bytes, part.text.len());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;
    use lsp_types::{Position, Range, TextDocumentContentChangePartial};

    use super::*;

    /// A text as an editor may keep it, written without [`Lines`]: characters, of which positions are counted one by one.
    struct Model(Vec<char>);

    impl Model {
        fn position(&self, place: usize, units: fn(char) -> u32) -> Position {
            let (mut line, mut character) = (0, 0);
            for (at, &char) in self.0.iter().enumerate().take(place) {
                let ends = char == '\n' || char == '\r' && self.0.get(at + 1) != Some(&'\n');
                (line, character) = if ends { (line + 1, 0) } else { (line, character + units(char)) };
            }
            Position { line, character }
        }
    }

    type Units = fn(char) -> u32;

    fn partial(range: Range, text: String) -> Change {
        #[expect(deprecated, reason = "there is no other way to write one")]
        let change = TextDocumentContentChangePartial { range, range_length: None, text };
        change.into()
    }

    #[test]
    fn ten_thousand_edits_leave_the_text_that_an_editor_has() {
        let pieces = ["FROM x\r\n", "é", "漢字", "😀", "\r", "\n", "\r\n", "a b", "", "# 😀\r\n", "\u{feff}", "\t"];
        let encodings: [(Encoding, Units); 3] = [
            (Encoding::Utf8, |it| u32::try_from(it.len_utf8()).unwrap()),
            (Encoding::Utf16, |it| u32::try_from(it.len_utf16()).unwrap()),
            (Encoding::Utf32, |_| 1),
        ];
        for (encoding, units) in encodings {
            let (mut numbers, mut model) = (Rng::with_seed(7), Model(Vec::new()));
            let mut document = Document::new(Uri(String::new()), 0, String::new());
            for _ in 0..10_000 {
                let start = numbers.usize(..=model.0.len());
                let most = if model.0.len() > 300 { 60 } else { 6 };
                let end = (start + numbers.usize(..most)).min(model.0.len());
                let inside = |place: usize| {
                    // No position stands between the two of a CRLF.
                    place > 0 && model.0.get(place - 1) == Some(&'\r') && model.0.get(place) == Some(&'\n')
                };
                let (start, end) = (start - usize::from(inside(start)), end + usize::from(inside(end)));
                let text = pieces[numbers.usize(..pieces.len())].to_owned();
                let range = Range { start: model.position(start, units), end: model.position(end, units) };
                model.0.splice(start..end, text.chars());
                document.change(vec![partial(range, text)], encoding);
                assert!(document.text.chars().eq(model.0.iter().copied()), "{encoding:?}: {:?}", document.text);
                assert_eq!(document.lines, Lines::new(&document.text), "{encoding:?}: {:?}", document.text);
            }
        }
    }

    #[test]
    fn no_range_of_a_client_is_wrong_enough_to_panic() {
        let far = Position { line: 70_000, character: u32::MAX };
        let inside = Position { line: 0, character: 1 };
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            for (start, end) in [(far, inside), (inside, far), (far, far), (inside, inside)] {
                let mut document = Document::new(Uri(String::new()), 0, "😀\r\né".to_owned());
                document.change(vec![partial(Range { start, end }, "漢".to_owned())], encoding);
                assert!(document.text.contains('漢'));
            }
        }
    }
}
