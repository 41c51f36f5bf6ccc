//! Templates: quoted texts, heredocs and texts of JSON.

use std::borrow::Cow;

use hcl_edit::template::{Directive, Element, Strip, Template};

use super::{
    super::{
        read::Place,
        value::{Value, hole},
    },
    Evaluator, Scope, iterate,
};
use crate::{
    source::Span,
    text::{Origin, Text},
};

impl Evaluator<'_> {
    /// A template. One that is a single `${…}` has the value of that, of any type.
    pub(super) fn template(&self, template: &Template, literals: Literals, place: &Place, scope: &Scope) -> Value {
        let range = hcl_edit::Span::span(template).unwrap_or_default();
        let span = match (template.iter().next(), template.iter().last()) {
            (Some(first), Some(last)) => place.span(first).cover(place.span(last)),
            _ => place.literal("", range.start..range.start).span,
        };
        if let Some(Element::Interpolation(only)) = template.as_single_element() {
            let value = self.value(&only.expr, place, scope);
            return match value {
                Value::Scalar(kind, text) => Value::Scalar(kind, interpolated(&text, span)),
                other => other,
            };
        }
        let mut text = Text::empty(span);
        self.fill(template, place, scope, Within { literals, ..Within::default() }, &mut text);
        if self.spend(1 + text.pieces.len() + text.value.len() / 64) {
            Value::text(text)
        } else {
            Value::unknown("…", span)
        }
    }

    fn fill(&self, template: &Template, place: &Place, scope: &Scope, within: Within, out: &mut Text) {
        let elements: Vec<_> = template.iter().collect();
        for (number, element) in elements.iter().enumerate() {
            match element {
                Element::Literal(literal) => {
                    let before = number.checked_sub(1).and_then(|before| elements.get(before));
                    let trim_start = before.map_or(within.start, |it| strips(it).1);
                    let trim_end = elements.get(number + 1).map_or(within.end, |it| strips(it).0);
                    let value = if within.literals == Literals::Escaped {
                        unescaped(literal.as_str())
                    } else {
                        literal.as_str().into()
                    };
                    let text = place.literal(&value, hcl_edit::Span::span(literal).unwrap_or_default());
                    let mut range = 0..text.value.len();
                    if trim_start {
                        range.start = text.value.len() - text.value.trim_start().len();
                    }
                    if trim_end {
                        range.end = text.value.trim_end().len().max(range.start);
                    }
                    out.append(&text.part(range));
                }
                Element::Interpolation(it) => {
                    let at = place.span(it);
                    match self.value(&it.expr, place, scope) {
                        Value::Scalar(_, text) | Value::Unknown(text) => out.append(&interpolated(&text, at)),
                        // HCL refuses what has no text.
                        Value::Null | Value::List(_) | Value::Map(_) => out.append(&hole("${…}", at)),
                    }
                }
                Element::Directive(directive) => {
                    let at = place.span(&**directive);
                    if !self.spend(1) || self.directive(directive, place, scope, within, out).is_none() {
                        out.append(&hole("%{…}", at));
                    }
                }
            }
        }
    }

    fn directive(
        &self,
        directive: &Directive,
        place: &Place,
        scope: &Scope,
        within: Within,
        out: &mut Text,
    ) -> Option<()> {
        let inner = |before: Strip, after: Strip| Within {
            start: before.strip_end(),
            end: after.strip_start(),
            literals: if within.literals == Literals::Plain { Literals::Plain } else { Literals::Escaped },
        };
        match directive {
            Directive::If(it) => {
                let next = it.else_expr.as_ref().map_or(it.endif_expr.strip, |it| it.strip);
                let within = inner(it.if_expr.strip, next);
                if self.value(&it.if_expr.cond_expr, place, scope).as_bool()? {
                    self.fill(&it.if_expr.template, place, scope, within, out);
                } else if let Some(other) = &it.else_expr {
                    let within = inner(other.strip, it.endif_expr.strip);
                    self.fill(&other.template, place, scope, within, out);
                }
            }
            Directive::For(it) => {
                let within = inner(it.for_expr.strip, it.endfor_expr.strip);
                let collection = self.value(&it.for_expr.collection_expr, place, scope);
                for (key, value) in iterate(collection, place.span(&it.for_expr.collection_expr))? {
                    let (key_var, value_var) = (it.for_expr.key_var.as_ref(), &it.for_expr.value_var);
                    let scope = self.within_loop(scope, (key_var, key), (value_var, value))?;
                    self.fill(&it.for_expr.template, place, &scope, within, out);
                }
            }
        }
        Some(())
    }
}

/// What is around a template.
#[derive(Clone, Copy, Default)]
struct Within {
    /// Whether blanks at its start are dropped: `~` before it.
    start: bool,
    /// Whether blanks at its end are.
    end: bool,
    literals: Literals,
}

/// How literals of a template are written.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Literals {
    /// As they are.
    #[default]
    Plain,
    /// Between quotes; `hcl_edit` reads the escapes.
    Quoted,
    /// Between quotes and within a directive; `hcl_edit` leaves the escapes.
    Escaped,
}

/// What stands between quotes without its escapes; a wrong one is left, since HCL refuses it.
fn unescaped(literal: &str) -> Cow<'_, str> {
    if !literal.contains('\\') {
        return literal.into();
    }
    let mut out = String::with_capacity(literal.len());
    let mut rest = literal;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let escape = after.chars().next();
        let digits = match escape {
            Some('u') => 4,
            Some('U') => 8,
            _ => 0,
        };
        let code = after.get(1..=digits).and_then(|it| char::from_u32(u32::from_str_radix(it, 16).ok()?));
        let (value, len) = match (escape, code) {
            (Some('n'), _) => ('\n', 1),
            (Some('r'), _) => ('\r', 1),
            (Some('t'), _) => ('\t', 1),
            (Some(quoted @ ('"' | '\\')), _) => (quoted, 1),
            (Some('u' | 'U'), Some(code)) => (code, 1 + digits),
            _ => ('\\', 0),
        };
        out.push(value);
        rest = after.get(len..).unwrap_or_default();
    }
    out.push_str(rest);
    out.into()
}

/// Whether an element drops the blanks before and after it.
fn strips(element: &Element) -> (bool, bool) {
    match element {
        Element::Literal(_) => (false, false),
        Element::Interpolation(it) => (it.strip.strip_start(), it.strip.strip_end()),
        Element::Directive(directive) => match &**directive {
            Directive::If(it) => (it.if_expr.strip.strip_start(), it.endif_expr.strip.strip_end()),
            Directive::For(it) => (it.for_expr.strip.strip_start(), it.endfor_expr.strip.strip_end()),
        },
    }
}

/// Whether `hcl_edit` gives the lines of a heredoc as HCL reads them: `~` drops blanks of one line there, and where
/// indentation is dropped, that of lines within directives is too.
pub(super) fn is_plain(template: &Template, is_indented: bool) -> bool {
    let is_plain = |it: &Template| is_plain(it, is_indented);
    template.iter().all(|element| match element {
        _ if strips(element) != (false, false) => false,
        Element::Literal(_) | Element::Interpolation(_) => true,
        Element::Directive(_) if is_indented => false,
        Element::Directive(directive) => match &**directive {
            Directive::If(it) => {
                it.if_expr.strip == Strip::None
                    && it.endif_expr.strip == Strip::None
                    && is_plain(&it.if_expr.template)
                    && it.else_expr.as_ref().is_none_or(|it| it.strip == Strip::None && is_plain(&it.template))
            }
            Directive::For(it) => {
                it.for_expr.strip == Strip::None
                    && it.endfor_expr.strip == Strip::None
                    && is_plain(&it.for_expr.template)
            }
        },
    })
}

/// What `${…}` at `at` puts into a template.
fn interpolated(text: &Text, at: Span) -> Text {
    if text.value.is_empty() {
        return text.clone();
    }
    let mut out = Text::empty(at);
    for (range, piece) in text.ranges() {
        let value = text.value.get(range).unwrap_or_default();
        match &piece.origin {
            Origin::Literal => out.push_literal(value, piece.at),
            origin => out.push(value, piece.at, at, origin.clone()),
        }
    }
    out
}
