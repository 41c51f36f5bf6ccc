//! Values of bake files, which know where they are written.

use std::collections::BTreeMap;

use crate::{
    source::Span,
    text::{Origin, Piece, Text},
};

/// The types that become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    String,
    Number,
    Bool,
}

/// A value. What is unknown is so as a whole, or in a part of a text.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    /// Numbers as HCL prints them, `true` and `false`.
    Scalar(Kind, Text),
    /// A list, a tuple or a set.
    List(Vec<Value>),
    /// A map or an object.
    Map(BTreeMap<String, Value>),
    /// A text that is one hole.
    Unknown(Text),
}

/// Longer texts are unknown: nothing that is judged is as long.
const MAX_TEXT: usize = 64 * 1024;

/// Of what is unknown messages show so much.
const MAX_SHOWN: usize = 60;

impl Value {
    /// What is written as `written` and unknown.
    pub(super) fn unknown(written: &str, at: Span) -> Self {
        Self::Unknown(hole(written, at))
    }

    pub(super) fn bool(value: bool, at: Span) -> Self {
        Self::made(Kind::Bool, if value { "true" } else { "false" }, at)
    }

    /// What a function or an operator at `at` makes; no bytes of the file state it.
    pub(super) fn made(kind: Kind, value: &str, at: Span) -> Self {
        let mut text = Text::empty(at);
        text.push(value, Span::NOWHERE, at, Origin::Variable(String::new()));
        Self::Scalar(kind, text)
    }

    pub(super) fn text(text: Text) -> Self {
        if text.value.len() > MAX_TEXT {
            return Self::unknown(&text.value, text.span);
        }
        Self::Scalar(Kind::String, text)
    }

    /// The value as text, as HCL converts it.
    pub(super) fn as_text(&self) -> Option<&Text> {
        match self {
            Self::Scalar(_, text) => Some(text),
            _ => None,
        }
    }

    /// The value of a known text.
    pub(super) fn known(&self) -> Option<&str> {
        self.as_text()?.known()
    }

    /// Whether nothing in it is unknown.
    pub(super) fn is_known(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Scalar(_, text) => text.hole().is_none(),
            Self::List(items) => items.iter().all(Self::is_known),
            Self::Map(entries) => entries.values().all(Self::is_known),
            Self::Unknown(_) => false,
        }
    }

    /// The value as a Boolean, as HCL converts it.
    pub(super) fn as_bool(&self) -> Option<bool> {
        let Self::Scalar(kind, text) = self else { return None };
        match (kind, text.known()?) {
            (Kind::Bool | Kind::String, "true") | (Kind::String, "1") => Some(true),
            (Kind::Bool | Kind::String, "false") | (Kind::String, "0") => Some(false),
            _ => None,
        }
    }

    /// The value as a whole number.
    pub(super) fn as_integer(&self) -> Option<i64> {
        let Self::Scalar(Kind::Number | Kind::String, text) = self else { return None };
        text.known()?.parse().ok()
    }

    /// Whether two values are equal, where that is certain.
    pub(super) fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Null, Self::Null) => Some(true),
            (Self::Scalar(kind, text), Self::Scalar(other_kind, other)) if kind == other_kind => {
                let [left, right] = [text.known()?, other.known()?];
                Some(left == right || [left, right].iter().all(|it| *kind == Kind::Number && ["0", "-0"].contains(it)))
            }
            // Whether a list and a tuple with the same items are equal depends on their types.
            (Self::Unknown(_), _)
            | (_, Self::Unknown(_))
            | (Self::List(_) | Self::Map(_), Self::List(_) | Self::Map(_)) => None,
            (Self::Null | Self::Scalar(..), _) | (_, Self::Null | Self::Scalar(..)) => Some(false),
        }
    }

    /// What has been given the name `name` and is used at `at`.
    pub(super) fn used_at(&self, name: &str, at: Span) -> Self {
        match self {
            Self::Null => Self::Null,
            Self::Scalar(kind, text) => {
                let mut used = Text::empty(at);
                used.push_variable(name, text, at);
                Self::Scalar(*kind, used)
            }
            Self::List(items) => Self::List(items.iter().map(|item| item.used_at(name, at)).collect()),
            Self::Map(entries) => {
                Self::Map(entries.iter().map(|(key, value)| (key.clone(), value.used_at(name, at))).collect())
            }
            Self::Unknown(_) => Self::unknown(name, at),
        }
    }

    /// How many texts are in it, and one.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Null | Self::Unknown(_) => 1,
            Self::Scalar(_, text) => 1 + text.pieces.len() + text.value.len() / 64,
            Self::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Self::Map(entries) => 1 + entries.values().map(Self::size).sum::<usize>(),
        }
    }
}

/// A text of which nothing is known.
pub(super) fn hole(written: &str, at: Span) -> Text {
    let line = written.lines().next().unwrap_or_default().trim_end();
    let shown = if line.len() < written.trim_end().len() || line.len() > MAX_SHOWN {
        let start: String = line.chars().take(MAX_SHOWN).collect();
        format!("{start}…")
    } else {
        line.to_owned()
    };
    let mut hole = Text::empty(at);
    hole.push(&shown, at, at, Origin::Hole(shown.clone()));
    hole
}

/// The value of a variable whose default is empty. It is so in conditions and as a part of a text; what is nothing else
/// waits for the environment: see [`is_waiting`].
pub(super) fn waiting(name: &str, at: Span) -> Text {
    let mut text = Text::empty(at);
    text.pieces.push(Piece { end: 0, at, used_at: at, origin: Origin::Variable(name.to_owned()) });
    text
}

/// Whether a text is the empty default of a variable.
pub(super) fn is_waiting(text: &Text) -> bool {
    text.value.is_empty() && !text.pieces.is_empty()
}

/// A number as HCL prints it: without exponent, and without zeros that say nothing.
pub(super) fn number(written: &str) -> Option<String> {
    let (sign, digits) = written.strip_prefix('-').map_or(("", written), |rest| ("-", rest));
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let exponent: i32 = exponent.parse().ok().filter(|it: &i32| it.abs() <= 400)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    if whole.is_empty() || mantissa.len() > 100 || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let mut digits = format!("{whole}{fraction}");
    let mut point = i32::try_from(whole.len()).ok()? + exponent;
    while point < 0 {
        digits.insert(0, '0');
        point += 1;
    }
    let point = usize::try_from(point).ok()?;
    while digits.len() < point {
        digits.push('0');
    }
    let (whole, fraction) = digits.split_at_checked(point)?;
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(match fraction {
        "" => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{fraction}"),
    })
}
