//! Variables in a stack, as `docker stack deploy` fills them in: docker/cli, `cli/compose/template`.
//!
//! It reads no `.env`. The process environment alone sets variables, which hostfit does not read: one without a default is
//! unknown. A default is plain text, up to the next `}`; without braces too, so that `$TAG-x` has the default `x`.

use std::ops::Range;

use super::{Fault, OPERATORS, is_name_start, name_len};
use crate::{
    syntax::SyntaxError,
    text::{Origin, Text},
};

/// Fills the variables of `template` in.
pub fn interpolate(template: &Text) -> Text {
    if !template.value.contains('$') {
        return template.clone();
    }
    let is_refused = is_refused(&template.value);
    let mut out = Text::empty(template.span);
    let mut copied = 0;
    for (at, found) in Variables::of(&template.value) {
        out.append(&template.part(copied..at.start));
        copied = at.end;
        let used = template.used_at(at.clone());
        let written = template.value.get(at.clone()).unwrap_or_default();
        match found {
            Found::Dollar => out.push("$", used, used, Origin::Literal),
            Found::Variable { name, default: Some(default) } => {
                out.push_variable(name, &template.part(default), used);
            }
            Found::Variable { name, default: None } => out.push(written, used, used, Origin::Hole(name.to_owned())),
            // The sign is left out, and the rest stays.
            Found::Nothing if !is_refused => {}
            Found::Nothing => out.push(written, used, used, Origin::Hole(written.to_owned())),
        }
    }
    out.append(&template.part(copied..template.value.len()));
    out
}

/// What `docker stack deploy` refuses of `template`: a dollar sign that begins no variable, unless one follows.
pub fn refused(template: &Text) -> Option<SyntaxError> {
    let dollar = last_is_refused(&template.value)?;
    let operators: Vec<_> = OPERATORS.into_iter().filter(|it| !it.ends_with('+')).collect();
    Some(Fault::at(template, dollar).by("`docker stack deploy`", &operators))
}

/// What it refuses of an image, variables filled in: a name with a dollar sign.
pub fn refused_image(image: &Text) -> Option<SyntaxError> {
    let mut known = image.ranges().filter(|(_, piece)| !matches!(piece.origin, Origin::Hole(_)));
    let dollar = known.find_map(|(range, _)| Some(range.start + image.value.get(range)?.find('$')?))?;
    let left = Fault::at(image, dollar);
    let message = format!("`docker stack deploy` does not expand `{}` inside a default", left.shown());
    Some(SyntaxError::new(left.span, message).help("write the value of this variable"))
}

/// Whether [`refused`] finds something.
pub(super) fn is_refused(text: &str) -> bool {
    last_is_refused(text).is_some()
}

/// Of several faults and variables the last one decides whether all is refused.
fn last_is_refused(text: &str) -> Option<usize> {
    let all = Variables::of(text).filter(|(_, found)| !matches!(found, Found::Dollar));
    all.last().filter(|(_, found)| matches!(found, Found::Nothing)).map(|(at, _)| at.start)
}

enum Found<'t> {
    /// `$$`.
    Dollar,
    /// A variable, and where its default stands, if it has one.
    Variable { name: &'t str, default: Option<Range<usize>> },
    /// A dollar sign that begins neither.
    Nothing,
}

struct Variables<'t> {
    text: &'t str,
    at: usize,
    /// The last `}`: so that a long text is searched once.
    last_brace: Option<usize>,
}

impl<'t> Variables<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, at: 0, last_brace: text.rfind('}') }
    }

    /// A name at `start`, and the operator and what follows it up to the next `}`: where that ends.
    fn variable(&self, start: usize) -> Option<(Found<'t>, usize)> {
        let rest = self.text.get(start..)?;
        let name = rest.get(..name_len(rest)).filter(|name| !name.is_empty())?;
        let behind = start + name.len();
        let operator = self.text.get(behind..)?;
        if !operator.strip_prefix(':').unwrap_or(operator).starts_with(['-', '?']) {
            return Some((Found::Variable { name, default: None }, behind));
        }
        let end = match self.last_brace.filter(|&last| last >= behind) {
            Some(_) => behind + operator.find('}')?,
            None => self.text.len(),
        };
        let body = self.text.get(behind..end)?;
        // `:-` anywhere counts before `-` anywhere.
        let default = body.find(":-").map(|at| at + 2).or_else(|| body.find('-').map(|at| at + 1));
        Some((Found::Variable { name, default: default.map(|at| behind + at..end) }, end))
    }
}

impl<'t> Iterator for Variables<'t> {
    type Item = (Range<usize>, Found<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        let dollar = self.at + self.text.get(self.at..)?.find('$')?;
        let behind = dollar + 1;
        let (found, end) = match self.text.as_bytes().get(behind) {
            Some(b'$') => (Found::Dollar, behind + 1),
            Some(&first) if is_name_start(first) => self.variable(behind)?,
            Some(b'{') => {
                let braced = self.variable(behind + 1).filter(|(_, end)| self.text.as_bytes().get(*end) == Some(&b'}'));
                braced.map_or((Found::Nothing, behind), |(found, end)| (found, end + 1))
            }
            _ => (Found::Nothing, behind),
        };
        self.at = end;
        Some((dollar..end, found))
    }
}
