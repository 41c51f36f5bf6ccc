//! Variables in Compose files and `.env` files, as Compose's `template` package fills them in.
//!
//! Two differences, since the process environment is none of our business: a variable that no file sets and that has
//! no default is unknown, not empty; and a malformed `${` is unknown, not an error.

use std::ops::Range;

use crate::{
    source::Span,
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
    let mut out = Text::empty(template.span);
    let mut filler = Filler { template, lookup, out: &mut out };
    filler.fill(0..template.value.len(), None, 0);
    out
}

struct Filler<'t, 'env> {
    template: &'t Text,
    lookup: &'t dyn Fn(&str) -> Option<&'env Text>,
    out: &'t mut Text,
}

/// The variable whose default is being filled in: its name, and its bytes where it is used.
type Within<'n> = Option<(&'n str, Span)>;

impl<'t> Filler<'t, '_> {
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

fn operator(text: &str) -> Option<&'static str> {
    [":-", ":+", ":?", "-", "+", "?"].into_iter().find(|it| text.starts_with(it))
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
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn span(range: Range<usize>) -> Span {
        Span::new(SourceId(0), range)
    }

    fn literal(value: &str) -> Text {
        Text::literal(value, span(0..value.len()))
    }

    /// FOO is `first`, BAR is empty, UNSET is not there; JSON holds braces.
    fn fill(template: &str) -> Text {
        let variables = [("FOO", literal("first")), ("BAR", literal("")), ("JSON", literal("{\"json\":2}"))];
        let lookup = |name: &str| variables.iter().find(|(it, _)| *it == name).map(|(_, value)| value);
        interpolate(&Text::literal(template, span(100..100 + template.len())), &lookup)
    }

    #[test]
    fn known_variables_are_filled_in_as_compose_does() {
        for (template, expected) in [
            ("foo", "foo"),
            ("$${foo}", "${foo}"),
            ("$$$FOO", "$first"),
            ("$FOO-bar", "first-bar"),
            ("${FOO}${FOO}", "firstfirst"),
            ("This ${FOO} var", "This first var"),
            ("ok ${UNSET:-def}", "ok def"),
            ("ok ${UNSET-def}", "ok def"),
            ("ok ${UNSET-}", "ok "),
            ("ok ${BAR:-def}", "ok def"),
            ("ok ${BAR-def}", "ok "),
            ("ok ${FOO:-def}", "ok first"),
            ("ok ${BAR:+presence}", "ok "),
            ("ok ${FOO:+presence}", "ok presence"),
            ("ok ${BAR+presence}", "ok presence"),
            ("ok ${BAR:-/non:-alphanumeric}", "ok /non:-alphanumeric"),
            ("ok ${FOO:?err} ${FOO?err}", "ok first first"),
            ("ok ${BAR?err}", "ok "),
            ("ok ${UNSET-$FOO}", "ok first"),
            ("ok ${UNSET-${FOO} ${FOO}}", "ok first first"),
            ("ok ${UNSET:-${BAR:-${FOO}}}", "ok first"),
            ("ok ${BAR+$FOO ${FOO:+second}}", "ok first second"),
            ("+ok ${UNSET:-${BAR-default}}", "+ok "),
            (":-ok ${UNSET-default}", ":-ok default"),
            ("ok ${UNSET:-{\"json\":1}}", "ok {\"json\":1}"),
            ("ok ${JSON:-{\"json\":1}}", "ok {\"json\":2}"),
            ("${UNSET-myerror?msg}", "myerror?msg"),
            ("${UNSET:-a} ${UNSET:-b}", "a b"),
            ("C:\\$ 5$", "C:\\$ 5$"),
            ("^app(a|b)$|x", "^app(a|b)$|x"),
        ] {
            let text = fill(template);
            assert_eq!(text.known(), Some(expected), "{template}");
        }
    }

    #[test]
    fn what_no_file_sets_is_unknown() {
        for (template, hole) in [
            ("This ${UNSET} var", "UNSET"),
            ("$UNSET", "UNSET"),
            ("${UNSET:?missing}", "UNSET"),
            ("${UNSET?missing}", "UNSET"),
            ("${BAR:?empty}", "BAR"),
            ("${UNSET:-${OTHER}}", "OTHER"),
            ("${", "${"),
            ("${}", "${"),
            ("${ }", "${"),
            ("${2}", "${"),
            ("${FOO!x}", "${"),
            ("${FOO:-x\n}", "${"),
        ] {
            assert_eq!(fill(template).hole(), Some(hole), "{template}");
        }
    }

    #[test]
    fn no_default_is_no_empty_default() {
        assert_eq!(fill("${UNSET:+x}").known(), None);
        assert_eq!(fill("${UNSET+x}").known(), None);
    }

    #[test]
    fn a_default_is_located_where_it_is_written() {
        let text = fill("core:${UNSET:-ltsc2022}-x");
        assert_eq!(text.value, "core:ltsc2022-x");
        assert_eq!(text.locate(5..13), span(114..122));
        assert_eq!(text.used_at(5..13), span(105..123));
        assert_eq!(text.locate(13..15), span(123..125));
    }

    #[test]
    fn a_variable_is_located_at_its_value() {
        let text = fill("core:${FOO}");
        assert_eq!(text.locate(5..10), span(0..5));
        assert_eq!(text.used_at(5..10), span(105..111));
    }

    #[test]
    fn values_that_hold_each_other_do_not_grow_without_end() {
        let big = literal(&"x".repeat(2048));
        let lookup = |_: &str| Some(&big);
        let template = literal(&"$A".repeat(100_000));
        let text = interpolate(&template, &lookup);
        assert_eq!(text.known(), None);
        assert!(text.value.len() < 500_000);
        let huge = literal(&"x".repeat(2049));
        assert_eq!(interpolate(&literal("$A"), &|_: &str| Some(&huge)).known(), None);
    }

    #[test]
    fn depth_is_bounded() {
        let template = format!("{}x{}", "${UNSET:-".repeat(5_000), "}".repeat(5_000));
        assert_eq!(fill(&template).known(), None);
    }

    #[test]
    fn open_braces_without_end_take_linear_time() {
        let text = fill(&"${UNSET:-".repeat(200_000));
        assert_eq!(text.value.len(), 9 * 200_000);
    }
}
