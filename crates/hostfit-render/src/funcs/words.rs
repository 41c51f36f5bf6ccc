//! Sprig's functions that write strings in another way.

use super::{Holes, Row};
use crate::{
    fault::{Fault, Run, fail},
    template::{Args, Machine},
    text::{Origin, Text},
    value::Value,
};

pub(super) const FUNCTIONS: &[Row] = &[
    ("upper", upper, 1, 1, Holes::Keep),
    ("lower", lower, 1, 1, Holes::Keep),
    ("title", title, 1, 1, Holes::Spread),
    ("untitle", untitle, 1, 1, Holes::Spread),
    ("swapcase", swapcase, 1, 1, Holes::Spread),
    ("snakecase", snakecase, 1, 1, Holes::Spread),
    ("camelcase", camelcase, 1, 1, Holes::Spread),
    ("kebabcase", kebabcase, 1, 1, Holes::Spread),
    ("nospace", nospace, 1, 1, Holes::Spread),
    ("initials", initials, 1, 1, Holes::Spread),
    ("abbrev", abbrev, 2, 2, Holes::Spread),
    ("plural", plural, 3, 3, Holes::Spread),
    ("wrap", wrap, 2, 2, Holes::Spread),
    ("wrapWith", wrap_with, 3, 3, Holes::Spread),
    ("html", html, 1, 1, Holes::Spread),
];

/// Each piece changed by itself. What stays as it is keeps its place.
fn each_piece(text: &Text, change: impl Fn(&str) -> String) -> Value {
    let mut out = Text::default();
    for (range, piece) in text.ranges() {
        let old = text.as_str().get(range).unwrap_or_default();
        let new = if matches!(piece.origin, Origin::Hole(_)) { old.to_owned() } else { change(old) };
        let origin = if new == old { piece.origin.clone() } else { Origin::made([&piece.origin]) };
        out.push(&new, origin);
    }
    Value::text(out)
}

/// All of it changed at once.
fn made(text: &Text, new: String) -> Value {
    if new == text.as_str() {
        return Value::text(text.clone());
    }
    Value::text(Text::new(new, Origin::made([&text.origin()])))
}

fn upper(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(each_piece(&*args.text(0)?, str::to_uppercase))
}

fn lower(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(each_piece(&*args.text(0)?, str::to_lowercase))
}

fn title(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    let mut is_start = true;
    let mut new = String::new();
    for it in text.as_str().chars() {
        if is_start {
            new.extend(it.to_uppercase());
        } else {
            new.push(it);
        }
        // What `strings.Title` takes for a separator.
        is_start = if it.is_ascii() { !(it.is_ascii_alphanumeric() || it == '_') } else { it.is_whitespace() };
    }
    Ok(made(&text, new))
}

fn untitle(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    let mut is_start = true;
    let mut new = String::new();
    for it in text.as_str().chars() {
        if is_start {
            new.extend(it.to_lowercase());
        } else {
            new.push(it);
        }
        is_start = it.is_whitespace();
    }
    Ok(made(&text, new))
}

fn swapcase(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    let mut new = String::new();
    for it in text.as_str().chars() {
        if it.is_uppercase() {
            new.extend(it.to_lowercase());
        } else {
            new.extend(it.to_uppercase());
        }
    }
    Ok(made(&text, new))
}

/// The words of a name, in lowercase: split at what is no letter, and where the case changes. What Sprig makes of digits
/// and of several separators in a row follows no rule that is worth having here.
fn words(text: &str, between: &str) -> Run<String> {
    let chars: Vec<char> = text.chars().collect();
    let is_separator = |it: char| it == '_' || it == '-' || it.is_whitespace();
    let pairs = || chars.iter().zip(chars.iter().skip(1));
    if chars.iter().any(char::is_ascii_digit) || pairs().any(|(&a, &b)| is_separator(a) && is_separator(b)) {
        return fail("words of a name with digits are not told apart");
    }
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (at, &it) in chars.iter().enumerate() {
        if is_separator(it) {
            words.push(std::mem::take(&mut word));
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied().unwrap_or(' ');
        let after = chars.get(at + 1).copied().unwrap_or(' ');
        let is_start = it.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && after.is_lowercase()));
        if is_start && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.push(it);
    }
    words.push(word);
    Ok(words.join(between).to_lowercase())
}

fn snakecase(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    Ok(made(&text, words(text.as_str(), "_")?))
}

fn kebabcase(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    Ok(made(&text, words(text.as_str(), "-")?))
}

fn camelcase(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    let mut is_start = true;
    let mut new = String::new();
    for it in text.as_str().chars() {
        if matches!(it, '_' | '-' | ' ') {
            is_start = true;
        } else if is_start {
            new.extend(it.to_uppercase());
            is_start = false;
        } else {
            new.push(it);
        }
    }
    Ok(made(&text, new))
}

fn nospace(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    Ok(made(&text, text.as_str().chars().filter(|it| !it.is_whitespace()).collect()))
}

fn initials(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    Ok(made(&text, text.as_str().split_whitespace().filter_map(|word| word.chars().next()).collect()))
}

fn abbrev(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (width, text) = (args.int(0)?, args.text(1)?);
    let width = usize::try_from(width).unwrap_or(0);
    if width < 4 || text.len() <= width {
        return Ok(Value::Str(text));
    }
    let end = text.as_str().floor_char_boundary(width - 3);
    let mut out = text.part(0..end);
    out.push_given("...");
    Ok(Value::text(out))
}

fn plural(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let is_one = args.int(2)? == 1;
    Ok(Value::Str(args.text(usize::from(!is_one))?))
}

/// Lines of at most `width` characters, broken at blanks; longer words are cut where `cuts`.
fn wrapped(text: &str, width: usize, between: &str, cuts: bool) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut rest: Vec<char> = text.chars().collect();
    while rest.len() > width {
        let head = rest.get(..=width).unwrap_or_default();
        match head.iter().rposition(|&it| it == ' ') {
            Some(0) => {
                rest.remove(0);
            }
            Some(at) => {
                lines.push(rest.drain(..at).collect());
                rest.remove(0);
            }
            None if cuts => lines.push(rest.drain(..width).collect()),
            None => match rest.iter().position(|&it| it == ' ') {
                Some(at) => {
                    lines.push(rest.drain(..at).collect());
                    rest.remove(0);
                }
                None => break,
            },
        }
    }
    lines.push(rest.into_iter().collect());
    lines.join(between)
}

fn wrap(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (width, text) = (args.int(0)?, args.text(1)?);
    wrap_text(machine, width, "\n", &text, false)
}

fn wrap_with(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (width, between, text) = (args.int(0)?, args.text(1)?, args.text(2)?);
    wrap_text(machine, width, between.as_str(), &text, true)
}

/// How long a text may be that is wrapped: what is done to it grows with its square.
const MAX_WRAPPED: usize = 64 * 1024;

fn wrap_text(machine: &mut Machine<'_>, width: i64, between: &str, text: &Text, cuts: bool) -> Run<Value> {
    if text.len() > MAX_WRAPPED {
        return Err(Fault::new("the text to wrap is too long").into());
    }
    machine.budget.step(text.len() as u64)?;
    machine.budget.take(text.len().saturating_mul(between.len() + 1))?;
    let width = usize::try_from(width).unwrap_or(1).max(1);
    Ok(made(text, wrapped(text.as_str(), width, between, cuts)))
}

fn html(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    let mut new = String::new();
    for it in text.as_str().chars() {
        match it {
            '"' => new.push_str("&#34;"),
            '\'' => new.push_str("&#39;"),
            '&' => new.push_str("&amp;"),
            '<' => new.push_str("&lt;"),
            '>' => new.push_str("&gt;"),
            '\0' => new.push('\u{fffd}'),
            other => new.push(other),
        }
    }
    Ok(made(&text, new))
}
