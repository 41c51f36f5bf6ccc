//! Source lines for miette, which by itself would look at the whole file for each finding and pass terminal escapes through.

use std::borrow::Cow;

use hostfit_core::{
    printable,
    source::{Source, Span},
};
use miette::{MietteError, SourceCode, SourceSpan, SpanContents};

/// One file as miette sees it: [`Source`] knows its lines already.
pub(super) struct Snippet<'a> {
    source: &'a Source,
    name: String,
    /// As long as the text, byte for byte.
    text: Cow<'a, str>,
}

/// Lines of context around a span.
const CONTEXT: u32 = 1;

/// More bytes of one line than this are not shown: minified JSON has lines of megabytes.
const LONGEST: usize = 400;

impl<'a> Snippet<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self { source, name: printable::line(&source.path).into_owned(), text: printable::lines(&source.text) }
    }

    /// The part of a span that is shown: what is longer than a few lines is cut to its first.
    pub(super) fn shown(&self, span: Span) -> Span {
        let end = u32::try_from(self.source.text.len()).unwrap_or(u32::MAX);
        let span = Span { start: span.start.min(end), end: span.end.min(end), ..span };
        let first = self.source.line_span(span.start);
        let lines = self.source.slice(span).bytes().take(LONGEST * 4).filter(|&byte| byte == b'\n').count();
        let many = lines > 4 || span.len() > LONGEST;
        Span { end: if many { span.end.min(first.end).min(span.start + 200) } else { span.end }, ..span }
    }
}

impl SourceCode for Snippet<'_> {
    fn read_span<'s>(
        &'s self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        let offset = |at: usize| u32::try_from(at).map_err(|_| MietteError::OutOfBounds);
        let (start, end) = (offset(span.offset())?, offset(span.offset() + span.len())?);
        if end as usize > self.source.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let mut first = self.source.line_span(start);
        for _ in 0..before.min(CONTEXT as usize) {
            if let Some(above) = first.start.checked_sub(1) {
                first = self.source.line_span(above);
            }
        }
        let mut last = self.source.line_span(end);
        for _ in 0..after.min(CONTEXT as usize) {
            let below = self.source.text.get(last.end as usize..).and_then(|rest| rest.find('\n'));
            if let Some(below) = below {
                last = self.source.line_span(last.end + offset(below)? + 1);
            }
        }
        let (from, to) = self.window(first.start as usize, last.end as usize, span);
        let text = self.text.get(from..to).unwrap_or_default();
        let place = self.source.position(if before == 0 { start } else { offset(from)? });
        let contents = Contents {
            name: &self.name,
            data: text.as_bytes(),
            span: SourceSpan::new(from.into(), to - from),
            line: place.line as usize - 1,
            column: place.column as usize - 1,
            lines: text.matches('\n').count() + 1,
        };
        Ok(Box::new(contents))
    }
}

impl Snippet<'_> {
    /// Of very long lines only the part around the span, and never the byte order mark.
    fn window(&self, from: usize, to: usize, span: &SourceSpan) -> (usize, usize) {
        let text = &self.source.text;
        let (mut start, mut end) = (from, to);
        if to - from > LONGEST + span.len() {
            start = from.max(span.offset().saturating_sub(LONGEST / 2));
            end = to.min(span.offset() + span.len() + LONGEST / 2);
        }
        if start == 0 && text.starts_with('\u{feff}') {
            start = 3;
        }
        while start < end && !text.is_char_boundary(start) {
            start += 1;
        }
        while end > start && !text.is_char_boundary(end) {
            end -= 1;
        }
        (start.min(span.offset()), end)
    }
}

struct Contents<'a> {
    name: &'a str,
    data: &'a [u8],
    span: SourceSpan,
    line: usize,
    column: usize,
    lines: usize,
}

impl<'a> SpanContents<'a> for Contents<'a> {
    fn data(&self) -> &'a [u8] {
        self.data
    }

    fn span(&self) -> &SourceSpan {
        &self.span
    }

    fn name(&self) -> Option<&str> {
        Some(self.name)
    }

    fn line(&self) -> usize {
        self.line
    }

    fn column(&self) -> usize {
        self.column
    }

    fn line_count(&self) -> usize {
        self.lines
    }
}
