//! Words and what BuildKit makes of them. Inputs and results are facts of its `shell/envVarTest` and
//! `shell/lex_test.go`; what it refuses because a variable is unset is a hole here.

use super::super::{Environment, Value, Written, expand};
use crate::{
    source::{SourceId, Span},
    text::{Origin, Text},
};

struct Variables(Vec<(&'static str, Text)>);

impl Environment for Variables {
    fn value(&self, name: &str) -> Value<'_> {
        self.0.iter().find(|(it, _)| *it == name).map_or(Value::Unset, |(_, text)| Value::Set(text))
    }

    fn spend(&self, _: usize) -> bool {
        true
    }
}

fn variables(variables: &[(&'static str, &'static str)]) -> Variables {
    let at = Span::new(SourceId(9), 0..3);
    Variables(variables.iter().map(|&(name, value)| (name, Text::literal(value, at))).collect())
}

fn text(word: &str, environment: &Variables) -> Option<Text> {
    expand(&Written::new(SourceId(0), word, 0), '\\', environment).ok()
}

/// The value as BuildKit gives it: holes are empty. `error` for what it refuses, `unset` where only a value helps.
fn shown(word: &str, environment: &Variables) -> String {
    let Some(text) = text(word, environment) else { return "error".to_owned() };
    let mut shown = String::new();
    for (range, piece) in text.ranges() {
        match &piece.origin {
            Origin::Hole(_) if text.value[range.clone()].contains('?') => return "unset".to_owned(),
            Origin::Hole(_) => {}
            Origin::Literal | Origin::Variable(_) => shown.push_str(&text.value[range]),
        }
    }
    shown
}

fn check(environment: &Variables, table: &[(&str, &str)]) {
    for (word, expected) in table {
        assert_eq!(shown(word, environment), *expected, "{word}");
        let korean = format!("안녕{word}하세요");
        let expected = match *expected {
            "error" | "unset" => continue,
            value => format!("안녕{value}하세요"),
        };
        // A name or an escape at the end of the word would take up what follows.
        if !word.ends_with(|it: char| it.is_alphanumeric() || it == '\\') {
            assert_eq!(shown(&korean, environment), expected, "{korean}");
        }
    }
}

fn home() -> Variables {
    variables(&[("PWD", "/home"), ("SHELL", "bash"), ("KOREAN", "한국어"), ("NULL", "")])
}

#[test]
fn quotes_and_escapes_are_taken_away() {
    check(
        &home(),
        &[
            ("hello", "hello"),
            ("he'll'o", "hello"),
            ("he'llo", "error"),
            (r"he\'llo", "he'llo"),
            (r"he\\'llo", "error"),
            (r"abc\tdef", "abctdef"),
            (r#""abc\tdef""#, r"abc\tdef"),
            (r#""abc\\tdef""#, r"abc\tdef"),
            (r"'abc\tdef'", r"abc\tdef"),
            (r"hello\", "hello"),
            (r"hello\\", r"hello\"),
            ("\"hello", "error"),
            (r#""hello\""#, "error"),
            ("\"hel'lo\"", "hel'lo"),
            ("'hello", "error"),
            (r"'hello\'", r"hello\"),
            (r"'hello\there'", r"hello\there"),
            (r"'hello\\there'", r"hello\\there"),
            ("\"''\"", "''"),
            ("'\"hello\"'", "\"hello\""),
            ("안'녕'하세요", "안녕하세요"),
            ("안'녕하세요", "error"),
            (r"안녕\t하세요", "안녕t하세요"),
        ],
    );
}

#[test]
fn variables_are_filled_in() {
    check(
        &home(),
        &[
            ("$.", "$."),
            ("he$1x", "hex"),
            ("he$.x", "he$.x"),
            ("he$pwd.", "he."),
            ("he$PWD", "he/home"),
            (r"he\$PWD", "he$PWD"),
            (r"he\\$PWD", r"he\/home"),
            (r#""he\$PWD""#, "he$PWD"),
            (r#""he\\$PWD""#, r"he\/home"),
            (r"\${}", "${}"),
            (r"he\${}xx", "he${}xx"),
            ("${}", "error"),
            ("he${}xx", "error"),
            ("he${hi}xx", "hexx"),
            ("he${PWD}", "he/home"),
            ("he${.}", "error"),
            ("'he${XX}'", "he${XX}"),
            ("\"he${PWD}\"", "he/home"),
            ("\"he'$PWD'\"", "he'/home'"),
            ("\"$PWD\"", "/home"),
            ("'$PWD'", "$PWD"),
            (r"'\$PWD'", r"\$PWD"),
            ("he${PWD", "error"),
            ("$KOREAN", "한국어"),
            ("안녕$KOREAN", "안녕한국어"),
            ("${{aaa}", "error"),
            ("${aaa}}", "}"),
            ("${aaa", "error"),
            ("${{aaa:-bbb}", "error"),
            ("${:}", "error"),
            ("${:-bbb}", "error"),
            ("${:+bbb}", "error"),
            ("$@@@", "@@"),
            ("$999aaa", "aaa"),
            ("$001aaa", "aaa"),
        ],
    );
}

#[test]
fn defaults_and_alternatives_are_chosen() {
    check(
        &home(),
        &[
            ("he${XXX:-000}xx", "he000xx"),
            ("he${PWD:-000}xx", "he/homexx"),
            ("he${NULL-000}xx", "hexx"),
            ("he${NULL:-000}xx", "he000xx"),
            ("he${XXX:-$PWD}xx", "he/homexx"),
            ("he${XXX:-${PWD:-yyy}}xx", "he/homexx"),
            ("he${XXX:-${YYY:-yyy}}xx", "heyyyxx"),
            ("he${XXX:YYY}", "error"),
            ("he${PWD:=000}xx", "error"),
            ("he${PWD=000}xx", "error"),
            ("he${XXX?}", "unset"),
            ("he${XXX:?}", "unset"),
            ("he${PWD?}", "he/home"),
            ("he${PWD:?}", "he/home"),
            ("he${NULL?}", "he"),
            ("he${NULL:?}", "unset"),
            ("he${XXX:+${PWD}}xx", "hexx"),
            ("he${PWD:+${XXX}}xx", "hexx"),
            ("he${PWD:+${SHELL}}xx", "hebashxx"),
            ("he${NULL+000}xx", "he000xx"),
            ("he${NULL:+000}xx", "hexx"),
            ("he${XXX:+000}xx", "hexx"),
            ("he${PWD:+000}xx", "he000xx"),
            ("he${PWD:+${PWD}:}xx", "he/home:xx"),
            (r"he${XXX:-\$PWD:}xx", "he$PWD:xx"),
            (r"he${XXX:-\${PWD}z}xx", "he${PWDz}xx"),
            ("${aaa:-bbb}}", "bbb}"),
            ("${aaa:-bbb", "error"),
            ("${aaa:-bbb ${foo}", "error"),
            ("${aaa:-bbb {foo}", "bbb {foo"),
        ],
    );
}

#[test]
fn positional_and_special_parameters_are_unset() {
    for name in ["1", "9", "999", "001", "@", "*", "#", "?", "-", "$", "!", "0"] {
        let table = [
            (format!("${name}"), ""),
            (format!("${{{name}}}aaa"), "aaa"),
            (format!("${{{name}:+bbb}}aaa"), "aaa"),
            (format!("${{{name}:-bbb}}aaa"), "bbbaaa"),
        ];
        for (word, expected) in table {
            // `${?}` holds a question mark of its own.
            let shown = shown(&word, &home());
            assert!(shown == expected || name == "?" && shown == "unset", "{word}: {shown}");
        }
    }
}

#[test]
fn prefixes_and_suffixes_are_cut_off() {
    let table = [
        (r"${FOO#()[]{\}^$.\*\?|\\}", r"()[]{}^$.*?|\x", "", "x"),
        (r"${FOO%%\**}", "xx**", "", "xx"),
        ("${FOO#*x*y}", "xxyy", "", "y"),
        ("${FOO#*}", "xxyy", "", "xxyy"),
        ("${FOO#$BAR}", "xxyy", "x", "xyy"),
        ("${FOO#$BAR}", "xxyy", "", "xxyy"),
        ("${FOO#}", "xxyy", "", "xxyy"),
        ("${FOO##*x}", "xxyy", "", "yy"),
        ("${FOO##}", "xxyy", "", "xxyy"),
        (r"${FOO#?\?}", "???y", "", "?y"),
        ("${ABC:-.}${FOO%x}${ABC:-.}", "xxyy", "", ".xxyy."),
        (r"${FOO%%\**\*}", "a***yy*", "", "a"),
        ("${FOO%}", "xxyy", "", "xxyy"),
        ("${FOO%%$BAR}", "xxyy", "", "xxyy"),
        ("${FOO:#}", "", "", "error"),
        ("${FOO:%%}", "", "", "error"),
        (r"${FOO#\x}", "x", "", "error"),
        ("${FOO%-*}", "10.0-x-y", "", "10.0-x"),
        ("${FOO%%-*}", "10.0-x-y", "", "10.0"),
        ("${FOO#windowsservercore-}", "windowsservercore-ltsc2019", "", "ltsc2019"),
    ];
    for (word, foo, bar, expected) in table {
        assert_eq!(shown(word, &variables(&[("FOO", foo), ("BAR", bar)])), expected, "{word} of {foo}");
    }
}

#[test]
fn matches_are_replaced() {
    let table = [
        ("${FOO/$BAR/.} - ${FOO//$BAR/.}", "/foo*/*/*.txt", r"\*/", "/foo.*/*.txt - /foo..*.txt"),
        ("${FOO/$BAR/} - ${FOO//$BAR/}", "/tmp/tmp/bar.txt", "/tmp", "/tmp/bar.txt - /bar.txt"),
        ("${FOO/$BAR//} - ${FOO//$BAR//}", "/a/foo/b/c.txt", "/?/", "/foo/b/c.txt - /foo/c.txt"),
        ("${FOO/$BAR/https://}", "http://google.de", "http://", "https://google.de"),
        (r"${FOO//\//\/}", "/tmp/foo.txt", "", r"\/tmp\/foo.txt"),
        ("${FOO/$BAR/ww}", "xxyy", "", "wwxxyy"),
        ("${FOO//$BAR/w}", "xy", "", "wxwyw"),
        ("${FOO//*/w}", "xy", "", "w"),
        ("${FOO//ww}", "xxyy", "", "error"),
        ("${FOO//}", "xxyy", "", "error"),
        ("${FOO///}", "xxyy", "", "xxyy"),
    ];
    for (word, foo, bar, expected) in table {
        assert_eq!(shown(word, &variables(&[("FOO", foo), ("BAR", bar)])), expected, "{word} of {foo}");
    }
}

#[test]
fn the_escape_character_is_the_one_of_the_directive() {
    let word = Written::new(SourceId(0), r"C:\a`$b`", 0);
    let text = expand(&word, '`', &variables(&[])).expect("no fault");
    assert_eq!(text.known(), Some(r"C:\a$b"));
}

#[test]
fn every_piece_knows_where_it_is_written() {
    let environment = variables(&[("FOO", "foo")]);
    let text = text("\"a${FOO}\"b'c'$BAR", &environment).expect("no fault");
    let pieces: Vec<_> = text
        .ranges()
        .map(|(range, piece)| (&text.value[range], piece.at.source.0, piece.at.range(), piece.used_at.range()))
        .collect();
    assert_eq!(
        pieces,
        [
            ("a", 0, 1..2, 1..2),
            ("foo", 9, 0..3, 2..8),
            ("b", 0, 9..10, 9..10),
            ("c", 0, 11..12, 11..12),
            ("$BAR", 0, 13..17, 13..17),
        ]
    );
    assert_eq!(text.hole(), Some("BAR"));
}

#[test]
fn what_is_left_of_a_cut_value_keeps_its_own_bytes() {
    let environment = Variables(vec![("V", Text::literal("core-1809", Span::new(SourceId(9), 10..19)))]);
    let text = text("w:${V#core-}", &environment).expect("no fault");
    assert_eq!(text.locate(2..6), Span::new(SourceId(9), 15..19));
}

#[test]
fn quotes_around_all_of_a_word_are_not_in_its_span() {
    let span = |word| text(word, &home()).expect("no fault").span.range();
    assert_eq!(span("\"abc\""), 1..4);
    assert_eq!(span("\"a\"b\"c\""), 0..7);
}

#[test]
fn nesting_and_growth_are_bounded() {
    let deep = "${a:-".repeat(100_000) + &"}".repeat(100_000);
    assert_eq!(text(&deep, &home()), None);
    let long = Text::literal("x".repeat(60_000), Span::new(SourceId(9), 0..60_000));
    assert_eq!(text("$a$a", &Variables(vec![("a", long)])), None);
}
