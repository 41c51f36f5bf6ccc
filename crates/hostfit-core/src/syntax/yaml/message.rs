//! What the parser's errors mean to the writer of the file.

use std::borrow::Cow;

use granit_parser::ErrorKind;

use super::stop::Form;

pub(super) const TOO_DEEP: &str = "nested deeper than 128 levels; the rest of the document is not looked at";
pub(super) const TOO_MANY: &str = "aliases expand to more than 1,000,000 nodes; the rest of them is not followed";

pub(super) const MERGED: &str = "the value of `<<` must be a mapping or a list of mappings";

pub(super) const NO_NULL_KEY: &str = "a key cannot be null";

pub(super) const TAB: &str = "a tab cannot indent; use spaces";

/// Also said of what follows a value that begins with a bracket, where it is not what the writer needs to hear.
const NO_KEY: &str = "expected a key that lines up with the keys above";

/// The message, made to fit the line that turned out to be at fault.
pub(super) fn on_line(message: &str, line: &str) -> String {
    let value = line.split_once(": ").map_or(line, |(_, value)| value).trim_start();
    if message == NO_KEY && value.starts_with(['{', '[']) {
        return "a value that starts with a bracket and goes on behind it needs quotes".to_owned();
    }
    message.to_owned()
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

/// In lower case, without a full stop.
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
        E::SimpleKeyExpected | E::InvalidSimpleKey => "expected `key: value`: the colon and a space are missing",
        E::InvalidIndentation => "the indentation fits no line above",
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabInIndentation
        | E::TabAtBlockScalarStart
        | E::TabInPlainScalar => TAB,
        E::CommentInterceptedScalar => "a comment can't stand inside a value of several lines",
        E::CommentNotSeparated => "a comment needs a space before `#`",
        E::UnclosedQuotedScalar => "the quote is never closed",
        E::InvalidQuotedScalarIndent => "the quote is not closed on this line",
        E::DocumentIndicatorInQuotedScalar => "the quote is not closed before the document ends",
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => "text follows the closing quote",
        E::UnknownQuotedScalarEscape => "no such escape in double quotes; write `\\\\` for a backslash",
        E::InvalidQuotedScalarHexEscape => "expected hexadecimal digits after the escape in double quotes",
        E::MappingValueNotAllowed => "a value with `: ` in it needs quotes, or a key stands where none can",
        E::MappingKeyNotAllowed => "a key can't stand here",
        E::BlockSequenceEntryNotAllowed | E::BlockEntryInFlowCollection => "`- ` can't stand here",
        E::InvalidBlockScalarIndent => "a line of the block value is indented wrongly",
        E::InvalidBlockScalarHeader => "text follows `|` or `>`; the block starts on the next line",
        E::InvalidDocumentEnd => "text follows the end of the document `...`",
        E::UnexpectedCharacter { character: '`' } => "a value can't start with a backtick without quotes",
        E::UnexpectedCharacter { character: '@' } => "a value can't start with `@` without quotes",
        E::UnexpectedCharacter { character: '%' } => "a value can't start with `%` without quotes",
        E::InvalidColonPlacement => "`:` can't stand here; is a bracket or a comma missing above",
        E::MissingAnchorOrAliasName => "`&` and `*` need a name, or the value needs quotes",
        E::MisplacedFlowCollectionEnd => "the bracket closes nothing",
        E::MismatchedFlowCollectionEnd { .. } => "the bracket closes one of another kind",
        E::UndeclaredTagHandle => "the tag's handle is not declared",
        other => return Cow::Owned(other.to_string()),
    };
    Cow::Borrowed(text)
}
