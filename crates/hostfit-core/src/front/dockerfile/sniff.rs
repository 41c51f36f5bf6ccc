//! Whether a text of unknown name is a Dockerfile.

use crate::{
    source::SourceId,
    syntax::dockerfile::{self as syntax, Instruction, Keyword},
};

/// As many bytes as are looked at.
const HEAD: usize = 16 * 1024;

/// As many instructions after FROM are looked at.
const FOLLOWING: usize = 7;

/// Whether a text is a Dockerfile beyond doubt: after comments, directives and ARGs comes a FROM of a valid shape, and
/// the next lines are instructions. A lone FROM must name a tag, a path or a digest.
pub fn sniff(text: &str) -> bool {
    if !starts_like_one(text) {
        return false;
    }
    let head = head(text);
    let file = syntax::parse(SourceId(0), head);
    let mut seen = file.instructions.iter().skip_while(|it| is_arg(it, file.escape));
    let Some(image) = seen.next().and_then(from) else { return false };
    let mut more = 0;
    for it in seen.take(FOLLOWING) {
        if it.keyword.is_none() || it.arguments.is_empty() {
            return false;
        }
        more += 1;
    }
    more > 0 || image.contains(['/', ':', '@', '$']) || image == "scratch"
}

/// Looks at the first line that is not a comment; a cheap test that most texts fail.
fn starts_like_one(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().map(str::trim_start);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    let keyword = first.split([' ', '\t']).next().unwrap_or_default();
    ["FROM", "ARG"].iter().any(|it| it.eq_ignore_ascii_case(keyword)) && keyword.len() < first.trim_end().len()
}

/// The first part of the text, cut at a line end.
fn head(text: &str) -> &str {
    if text.len() <= HEAD {
        return text;
    }
    let cut = text.as_bytes().get(..HEAD).and_then(|head| memchr::memrchr(b'\n', head));
    cut.and_then(|end| text.get(..=end)).unwrap_or_default()
}

fn is_arg(instruction: &Instruction, escape: char) -> bool {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    let first = instruction.assignments(escape).into_iter().next();
    instruction.keyword == Some(Keyword::Arg)
        && first.is_some_and(|it| is_name(instruction.arguments.slice(it.name).as_str()))
}

/// The image of a FROM of a valid shape.
fn from<'i>(instruction: &'i Instruction) -> Option<&'i str> {
    let words = instruction.words();
    let text = instruction.arguments.as_str();
    let word = |at: usize| words.get(at).and_then(|range| text.get(range.clone()));
    let shape = match words.len() {
        1 => true,
        3 => word(1)?.eq_ignore_ascii_case("as"),
        _ => false,
    };
    let image = word(0)?;
    let is_image = |it: char| it.is_ascii_alphanumeric() || "._-/:@${}\"'+?%#".contains(it);
    let starts = image.starts_with(|it: char| it.is_ascii_alphanumeric() || matches!(it, '$' | '"' | '\''));
    let flags = instruction.flags.iter().all(|flag| flag.name() == "platform");
    (instruction.keyword == Some(Keyword::From) && shape && flags && starts && image.chars().all(is_image))
        .then_some(image)
}
