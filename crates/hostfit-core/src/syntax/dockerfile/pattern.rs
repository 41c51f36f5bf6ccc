//! Patterns of `${name#pattern}` and `${name/pattern/new}`: `*`, `?`, and a backslash before either.
//!
//! As `convertShellPatternToRegex` of BuildKit's `shell/lex.go` reads them.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// `?`: one character, no line feed.
    One,
    /// `*`: any number of these.
    Many,
}

/// A pattern, ready to be searched for.
#[derive(Debug)]
pub(super) struct Pattern(Vec<Token>);

/// Whether `*` takes as much as it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Greed {
    Shortest,
    Longest,
}

impl Pattern {
    /// Reads a pattern; none if a backslash stands before what needs none.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let mut tokens = Vec::new();
        let mut chars = pattern.chars();
        while let Some(char) = chars.next() {
            tokens.push(match char {
                '*' => Token::Many,
                '?' => Token::One,
                '\\' => match chars.next() {
                    Some(it @ ('}' | '/' | '*' | '?' | '\\')) => Token::Literal(it),
                    _ => return None,
                },
                _ => Token::Literal(char),
            });
        }
        Some(Self(tokens))
    }

    /// How many steps a search in `value` takes at most.
    pub(super) fn cost(&self, value: &str) -> usize {
        (self.0.len() + 1).saturating_mul(value.len() + 1)
    }

    /// `value` without what matches at its start.
    pub(super) fn without_prefix(&self, value: &str, greed: Greed) -> Range<usize> {
        let chars: Vec<char> = value.chars().collect();
        let cut = Search::new(&self.0, &chars).at(0, greed).unwrap_or(0);
        bytes(&chars, 0..cut)..value.len()
    }

    /// `value` without what matches at its end.
    pub(super) fn without_suffix(&self, value: &str, greed: Greed) -> Range<usize> {
        let tokens: Vec<Token> = self.0.iter().rev().copied().collect();
        let chars: Vec<char> = value.chars().rev().collect();
        let cut = Search::new(&tokens, &chars).at(0, greed).unwrap_or(0);
        0..value.len() - bytes(&chars, 0..cut)
    }

    /// `value` with `new` in place of the first match, or of all.
    pub(super) fn replace(&self, value: &str, new: &str, all: bool) -> String {
        let chars: Vec<char> = value.chars().collect();
        let search = Search::new(&self.0, &chars);
        let mut replaced = String::with_capacity(value.len());
        let (mut start, mut matched_to, mut done) = (0, None, false);
        while start <= chars.len() {
            let end = search.at(start, Greed::Longest).filter(|&end| !done && (end > start || matched_to != Some(end)));
            if let Some(end) = end {
                replaced.push_str(new);
                done = !all;
                matched_to = Some(end);
                if end > start {
                    start = end;
                    continue;
                }
            }
            replaced.extend(chars.get(start));
            start += 1;
        }
        replaced
    }
}

fn bytes(chars: &[char], range: Range<usize>) -> usize {
    chars.get(range).unwrap_or_default().iter().map(|it| it.len_utf8()).sum()
}

struct Search<'a> {
    tokens: &'a [Token],
    chars: &'a [char],
    /// For each token and each place, whether the pattern from that token on matches there: a table, for a search
    /// that tries again after each failure takes exponential time.
    can: Vec<bool>,
}

impl<'a> Search<'a> {
    fn new(tokens: &'a [Token], chars: &'a [char]) -> Self {
        let width = chars.len() + 1;
        let mut search = Self { tokens, chars, can: vec![true; (tokens.len() + 1) * width] };
        for (token, &it) in tokens.iter().enumerate().rev() {
            for place in (0..width).rev() {
                let can = match it {
                    Token::Many => {
                        search.can(token + 1, place) || search.takes(it, place) && search.can(token, place + 1)
                    }
                    Token::One | Token::Literal(_) => search.takes(it, place) && search.can(token + 1, place + 1),
                };
                if let Some(cell) = search.can.get_mut(token * width + place) {
                    *cell = can;
                }
            }
        }
        search
    }

    fn can(&self, token: usize, place: usize) -> bool {
        place <= self.chars.len() && self.can.get(token * (self.chars.len() + 1) + place).copied().unwrap_or_default()
    }

    fn takes(&self, token: Token, place: usize) -> bool {
        self.chars.get(place).is_some_and(|&char| match token {
            Token::Literal(literal) => literal == char,
            Token::One | Token::Many => char != '\n',
        })
    }

    /// Where a match that starts at `start` ends.
    fn at(&self, start: usize, greed: Greed) -> Option<usize> {
        if !self.can(0, start) {
            return None;
        }
        let mut place = start;
        for (token, &it) in self.tokens.iter().enumerate() {
            match it {
                Token::Literal(_) | Token::One => place += 1,
                Token::Many => {
                    let most = (place..self.chars.len()).take_while(|&it| self.takes(Token::Many, it)).count();
                    let mut ends = place..=place + most;
                    let fits = |end: &usize| self.can(token + 1, *end);
                    place = match greed {
                        Greed::Shortest => ends.find(fits)?,
                        Greed::Longest => ends.rev().find(fits)?,
                    };
                }
            }
        }
        Some(place)
    }
}
