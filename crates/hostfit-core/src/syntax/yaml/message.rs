//! What the parser's errors mean to the writer of the file.

use std::borrow::Cow;

use granit_parser::ErrorKind;

use super::stop::Form;
use crate::{source::Span, syntax::SyntaxError};

pub(super) const TOO_DEEP: &str = "nested deeper than 128 levels, so the rest of the document is not checked";
pub(super) const TOO_MANY: &str = "aliases expand to more than 1,000,000 nodes, so the rest of them is not followed";

pub(super) const MERGED: &str = "the value of `<<` must be a mapping or a list of mappings";

pub(super) const NO_NULL_KEY: &str = "a key cannot be null";

pub(super) const TAB: &str = "a tab cannot indent";
const BRACKET: &str = "text follows a value in brackets";
const NO_COLON: &str = "expected `key: value`";
const NO_SPACE: &str = "a comment has no space before its `#`";
const ESCAPE: &str = "double quotes have no such escape";
const COLON: &str = "a second `: ` cannot stand here";
const BLOCK: &str = "text follows `|` or `>`";
const PLAIN: &str = "a value without quotes cannot start with this character";
const PLACE: &str = "`:` cannot stand here";
const NO_NAME: &str = "`&` or `*` has no name";

/// The parser says this also of text that follows a value in brackets.
const NO_KEY: &str = "expected a key that lines up with the keys above";

/// The message, made to fit the line that turned out to be at fault.
pub(super) fn on_line(message: &str, line: &str) -> String {
    let value = line.split_once(": ").map_or(line, |(_, value)| value).trim_start();
    if message == NO_KEY && value.starts_with(['{', '[']) {
        return BRACKET.to_owned();
    }
    message.to_owned()
}

/// An error with the advice that belongs to its message.
pub(super) fn error(span: Span, message: String) -> SyntaxError {
    let help = match message.as_str() {
        TAB => "indent with spaces",
        BRACKET => "put the whole value in quotes",
        NO_COLON => "write a colon and a space after the key",
        NO_SPACE => "write a space before `#`",
        ESCAPE => "write `\\\\` for a backslash",
        COLON => "put a value that contains `: ` in quotes, or check the indentation",
        BLOCK => "start the block on the next line",
        PLAIN | NO_NAME => "put the value in quotes",
        PLACE => "check for a missing bracket or comma above",
        _ => return SyntaxError::new(span, message),
    };
    SyntaxError::new(span, message).help(help)
}

/// Whether the error is a limit of ours, not a fault of the file.
pub(super) fn is_limit(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::RecursionLimitExceeded)
}

/// What other readers may accept where the parser gives this error.
pub(super) fn form(kind: &ErrorKind) -> Option<Form> {
    use ErrorKind as E;
    Some(match kind {
        E::InvalidQuotedScalarIndent => Form::QuotedIndent,
        E::TabInIndentation => Form::QuotedTab,
        E::TabNotAllowed | E::TabInBlockIndentation => Form::Tab,
        E::CommentNotSeparated => Form::Comment,
        E::BomInsideDocument => Form::Bom,
        E::UnknownQuotedScalarEscape => Form::Escape,
        E::PlainScalarStartsWithDashFlowIndicator => Form::Dash,
        _ => return None,
    })
}

/// Returns the message of a parser error, in lowercase, without a full stop.
pub(super) fn of(kind: &ErrorKind) -> Cow<'static, str> {
    use ErrorKind as E;
    let text = match kind {
        E::RecursionLimitExceeded => TOO_DEEP,
        E::UnclosedFlowCollection { open: '[' } => "`[` is never closed",
        E::UnclosedFlowCollection { .. } => "`{` is never closed",
        E::UnexpectedEofFlowSequence | E::UnexpectedEofFlowMapping | E::UnexpectedEofImplicitFlowMapping => {
            "`[` or `{` is never closed"
        }
        E::ExpectedFlowSequenceSeparator => "expected `,` or `]`",
        E::ExpectedFlowMappingSeparator => "expected `,` or `}`",
        E::ExpectedBlockMappingKey => NO_KEY,
        E::ExpectedBlockSequenceEntry => "expected `- ` in line with the entries above",
        E::ExpectedNodeContent => "expected a value",
        E::SimpleKeyExpected | E::InvalidSimpleKey => NO_COLON,
        E::InvalidIndentation => "the indentation fits no line above",
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabInIndentation
        | E::TabAtBlockScalarStart
        | E::TabInPlainScalar => TAB,
        E::CommentInterceptedScalar => "a comment cannot stand inside a value of several lines",
        E::CommentNotSeparated => NO_SPACE,
        E::UnclosedQuotedScalar => "the quote is never closed",
        E::InvalidQuotedScalarIndent => "the quote is not closed on this line",
        E::DocumentIndicatorInQuotedScalar => "the quote is not closed before the document ends",
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => "text follows the closing quote",
        E::UnknownQuotedScalarEscape => ESCAPE,
        E::InvalidQuotedScalarHexEscape => "expected hexadecimal digits after the escape in double quotes",
        E::MappingValueNotAllowed => COLON,
        E::MappingKeyNotAllowed => "a key cannot stand here",
        E::BlockSequenceEntryNotAllowed | E::BlockEntryInFlowCollection => "`- ` cannot stand here",
        E::InvalidBlockScalarIndent => "a line of the block value is indented wrongly",
        E::InvalidBlockScalarHeader => BLOCK,
        E::InvalidDocumentEnd => "text follows the end of the document `...`",
        E::UnexpectedCharacter { character: '`' | '@' | '%' } => PLAIN,
        E::InvalidColonPlacement => PLACE,
        E::MissingAnchorOrAliasName => NO_NAME,
        E::MisplacedFlowCollectionEnd => "the bracket closes nothing",
        E::MismatchedFlowCollectionEnd { .. } => "the bracket closes one of another kind",
        E::UndeclaredTagHandle => "the tag's handle is not declared",
        other => return Cow::Owned(other.to_string()),
    };
    Cow::Borrowed(text)
}
