//! Variables in Compose files and `.env` files, as Compose's `template` package fills them in; [`stack`] is how
//! `docker stack deploy` does.
//!
//! One difference, since hostfit does not read the process environment: a variable that no file sets and that has no
//! default is unknown, not empty. What is refused is unknown too.

pub mod stack;

use std::ops::Range;

use crate::{
    source::Span,
    syntax::SyntaxError,
    text::{Origin, Text},
};

/// Defaults within defaults beyond this depth are unknown.
const MAX_DEPTH: usize = 16;

/// Values of variables longer than this are unknown: nothing that is judged is as long, and values that hold each
/// other twice would otherwise fill the memory.
const MAX_VALUE: usize = 2048;

/// How much longer than its template a text may become; variables beyond it are unknown.
const MAX_GROWTH: usize = 64 * 1024;

/// Whether the value of a variable may be put into a text that is being filled in from `template`.
pub fn fits(value: &Text, out: &Text, template: &Text) -> bool {
    let is_small = value.value.len() <= MAX_VALUE && value.pieces.len() <= MAX_VALUE / 8;
    is_small && out.value.len() <= template.value.len() + MAX_GROWTH
}

/// Fills the variables of `template` in. `lookup` gives the value of a variable, if a file sets it.
pub fn interpolate<'env>(template: &Text, lookup: &dyn Fn(&str) -> Option<&'env Text>) -> Text {
    if !template.value.contains('$') {
        return template.clone();
    }
    fill(template, lookup).0
}

/// What Compose refuses of `template`: the first `${` that is looked at and begins no variable.
pub fn refused<'env>(template: &Text, lookup: &dyn Fn(&str) -> Option<&'env Text>) -> Option<SyntaxError> {
    interpolate_or_refuse(template, lookup).1
}

/// What [`interpolate`] and [`refused`] answer.
pub fn interpolate_or_refuse<'env>(
    template: &Text,
    lookup: &dyn Fn(&str) -> Option<&'env Text>,
) -> (Text, Option<SyntaxError>) {
    let (text, dollar) = fill(template, lookup);
    (text, dollar.map(|dollar| Fault::at(template, dollar).by("Compose", &OPERATORS)))
}

/// Whether [`refused`] or [`stack::refused`] finds something with some variables.
pub fn may_be_refused(text: &str) -> bool {
    let in_a_branch = || {
        let template = Text::literal(text, Span::NOWHERE);
        let mut out = Text::empty(Span::NOWHERE);
        let lookup = |_: &str| None;
        let mut filler = Filler { takes_all: true, ..Filler::new(&template, &lookup, &mut out) };
        filler.fill(0..text.len(), None, 0);
        filler.refused.is_some()
    };
    text.contains('$') && (stack::is_refused(text) || text.contains("${") && in_a_branch())
}

/// The text, and where the first `${` is that begins no variable.
fn fill<'env>(template: &Text, lookup: &dyn Fn(&str) -> Option<&'env Text>) -> (Text, Option<usize>) {
    let mut out = Text::empty(template.span);
    let mut filler = Filler::new(template, lookup, &mut out);
    filler.fill(0..template.value.len(), None, 0);
    let refused = filler.refused;
    (out, refused)
}

struct Filler<'t, 'env> {
    template: &'t Text,
    lookup: &'t dyn Fn(&str) -> Option<&'env Text>,
    out: &'t mut Text,
    /// The first `${` that begins no variable.
    refused: Option<usize>,
    /// Whether what stands behind an operator is taken whatever the variable is.
    takes_all: bool,
}

/// The variable whose default is being filled in: its name, and its bytes where it is used.
type Within<'n> = Option<(&'n str, Span)>;

impl<'t, 'env> Filler<'t, 'env> {
    fn new(template: &'t Text, lookup: &'t dyn Fn(&str) -> Option<&'env Text>, out: &'t mut Text) -> Self {
        Self { template, lookup, out, refused: None, takes_all: false }
    }

    fn fill(&mut self, range: Range<usize>, within: Within, depth: usize) {
        let mut at = range.start;
        let mut braces = Braces::default();
        while let Some(dollar) = self.text(at..range.end).find('$').map(|found| at + found) {
            self.copy(at..dollar, within);
            let rest = self.text(dollar + 1..range.end);
            at = match rest.bytes().next() {
                Some(b'$') => {
                    self.escaped_dollar(dollar, within);
                    dollar + 2
                }
                Some(b'{') => self.braced(dollar, range.end, within, depth, &mut braces),
                Some(first) if is_name_start(first) => {
                    let end = dollar + 1 + name_len(rest);
                    let name = self.text(dollar + 1..end);
                    self.variable(name, dollar..end, within);
                    end
                }
                _ => {
                    self.copy(dollar..dollar + 1, within);
                    dollar + 1
                }
            };
        }
        self.copy(at..range.end, within);
    }

    /// `${…}` at `dollar`. Gives where to go on.
    fn braced(&mut self, dollar: usize, end: usize, within: Within, depth: usize, braces: &mut Braces) -> usize {
        let body = dollar + 2;
        let rest = self.text(body..end);
        let name_end = body + name_len(rest);
        let name = self.text(body..name_end);
        let operator = operator(self.text(name_end..end));
        let close = match (operator, rest.bytes().next()) {
            _ if name.is_empty() => None,
            (None, _) => self.text(name_end..end).starts_with('}').then_some(name_end),
            (Some(_), _) => braces.closing(&self.template.value, dollar, end),
        };
        let Some(close) = close else {
            self.refused.get_or_insert(dollar);
            let used = self.used(dollar..body, within);
            self.out.push(self.text(dollar..body), used, used, Origin::Hole("${".to_owned()));
            return body;
        };
        let whole = dollar..close + 1;
        let Some(operator) = operator else {
            self.variable(name, whole, within);
            return close + 1;
        };
        let word = name_end + operator.len()..close;
        self.substitute(name, operator, word, whole, within, depth);
        close + 1
    }

    fn substitute(
        &mut self,
        name: &str,
        operator: &str,
        word: Range<usize>,
        whole: Range<usize>,
        within: Within,
        depth: usize,
    ) {
        let value = (self.lookup)(name);
        if value.is_some_and(|value| value.hole().is_some()) {
            return self.variable(name, whole, within);
        }
        let empty_counts_as_unset = operator.starts_with(':');
        let is_set = value.is_some_and(|value| !(empty_counts_as_unset && value.value.is_empty()));
        let takes_word = match operator.trim_start_matches(':') {
            _ if self.takes_all => true,
            "-" => !is_set,
            "+" => is_set,
            // `?`: Compose stops where there is no value.
            _ => {
                return if is_set { self.variable(name, whole, within) } else { self.hole(name, whole, within) };
            }
        };
        if !takes_word {
            return self.variable(name, whole, within);
        }
        if depth >= MAX_DEPTH {
            return self.hole(name, whole, within);
        }
        let used = self.used(whole, within);
        let outer = within.map_or(name, |(outer, _)| outer);
        self.fill(word, Some((outer, used)), depth + 1);
    }

    /// The value of a variable, or a hole.
    fn variable(&mut self, name: &str, whole: Range<usize>, within: Within) {
        let value = (self.lookup)(name).filter(|value| fits(value, self.out, self.template));
        let Some(value) = value else { return self.hole(name, whole, within) };
        let used = self.used(whole, within);
        self.out.push_variable(name, value, used);
    }

    fn hole(&mut self, name: &str, whole: Range<usize>, within: Within) {
        let used = self.used(whole.clone(), within);
        self.out.push(self.text(whole), used, used, Origin::Hole(name.to_owned()));
    }

    /// `$$` is a dollar sign: shorter than its bytes, so it has a piece of its own.
    fn escaped_dollar(&mut self, dollar: usize, within: Within) {
        let at = self.template.used_at(dollar..dollar + 2);
        let origin = origin(within);
        self.out.push("$", at, within.map_or(at, |(_, used)| used), origin);
    }

    /// Text that stands in the template, piece by piece.
    fn copy(&mut self, range: Range<usize>, within: Within) {
        for (part, at) in self.template.parts(range) {
            let used = within.map_or(at, |(_, used)| used);
            self.out.push(self.text(part), at, used, origin(within));
        }
    }

    fn used(&self, range: Range<usize>, within: Within) -> Span {
        within.map_or_else(|| self.template.used_at(range), |(_, used)| used)
    }

    fn text(&self, range: Range<usize>) -> &'t str {
        self.template.value.get(range).unwrap_or_default()
    }
}

/// A default stands where the variable is used, but it is the variable's value all the same.
fn origin(within: Within) -> Origin {
    within.map_or(Origin::Literal, |(name, _)| Origin::Variable(name.to_owned()))
}

fn is_name_start(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphabetic()
}

fn name_len(text: &str) -> usize {
    if !text.bytes().next().is_some_and(is_name_start) {
        return 0;
    }
    text.bytes().take_while(|&byte| byte == b'_' || byte.is_ascii_alphanumeric()).count()
}

const OPERATORS: [&str; 6] = [":-", ":+", ":?", "-", "+", "?"];

fn operator(text: &str) -> Option<&'static str> {
    OPERATORS.into_iter().find(|it| text.starts_with(it))
}

/// A dollar sign that begins no variable.
struct Fault<'t> {
    /// It and what belongs to it.
    written: &'t str,
    span: Span,
}

/// So much of what is refused is shown.
const MAX_SHOWN: usize = 60;

impl<'t> Fault<'t> {
    /// The dollar sign at `dollar`: with a brace up to the one that closes it or the end of the line, else with the word
    /// that follows.
    fn at(template: &'t Text, dollar: usize) -> Self {
        let rest = template.value.get(dollar..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        let behind = line.get(1..).unwrap_or_default();
        let len = match behind.chars().next() {
            Some('{') => line.find('}').map_or(line.trim_end().len(), |at| at + 1),
            Some(sign) if sign.is_ascii_punctuation() && sign != '"' => 2,
            _ => 1 + behind.bytes().take_while(u8::is_ascii_alphanumeric).count(),
        };
        let span = template.locate(dollar..dollar + len);
        Self { written: line.get(..len).unwrap_or_default(), span }
    }

    fn shown(&self) -> String {
        let shown: String = self.written.chars().take(MAX_SHOWN).collect();
        if shown.len() < self.written.len() { format!("{shown}…") } else { shown }
    }

    fn by(self, reader: &str, operators: &[&str]) -> SyntaxError {
        let shown = self.shown();
        let name = self.written.get(2..).map_or(0, name_len);
        let (why, help) = if self.written.starts_with("${") && name > 0 {
            if self.written.ends_with('}') {
                let known: Vec<_> = operators.iter().map(|it| format!("`{it}`")).collect();
                let known = known
                    .split_last()
                    .map_or_else(String::new, |(last, rest)| format!("{} or {last}", rest.join(", ")));
                let why = format!("only {known} may follow the name of a variable");
                (why, "write its value, or `$$` for a dollar sign")
            } else {
                ("no `}` closes it on its line".to_owned(), "write `}`, or `$$` for a dollar sign")
            }
        } else {
            ("it names no variable".to_owned(), "write `$$` for a dollar sign")
        };
        SyntaxError::new(self.span, format!("{reader} refuses `{shown}`: {why}")).help(help)
    }
}

/// Where `${NAME:-…` ends. A default never spans lines, and takes in everything up to the last `}` of its line
/// unless the braces balance before that.
#[derive(Default)]
struct Braces {
    /// End of the line last looked at, and the last `}` in it: so that a long line is searched once.
    line: Option<(usize, Option<usize>)>,
}

impl Braces {
    fn closing(&mut self, text: &str, dollar: usize, end: usize) -> Option<usize> {
        let (line_end, last) = match self.line {
            Some(line) if dollar < line.0 => line,
            _ => {
                let rest = text.get(dollar..end)?;
                let line = rest.split('\n').next()?;
                *self.line.insert((dollar + line.len(), line.rfind('}').map(|at| dollar + at)))
            }
        };
        let last = last.filter(|&last| last > dollar && last < line_end)?;
        Some(balanced(text.get(dollar..=last)?).map_or(last, |at| dollar + at))
    }
}

/// The `}` that balances the first `{`. The byte after a `{` is never looked at, just as Compose does not.
fn balanced(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'}' if open <= 1 => return Some(at),
            b'}' => open -= 1,
            b'{' => {
                open += 1;
                bytes.next();
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
