//! Broken inputs: whatever stands in a file, nothing panics and every span lies in it.

use fastrand::Rng;

use super::{Instruction, parse};
use crate::source::{SourceId, Span};

const SEEDS: [&str; 4] = [
    "# escape=`\n# syntax=docker/dockerfile:1\nARG V=ltsc2019\nFROM --platform=$TARGETPLATFORM mcr.microsoft.com/windows/servercore:\"${V#a*?}\" AS b`\n # c\n\n\nRUN --mount=type=bind,from=b,target=x <<-'E' <<F\n\té\n\tE\nF\nSHELL [\"a\", \"\\u00e9\\ud83d\\ude00\"]\nONBUILD COPY --from=\"b\" [\"c\",\"d\"]\n",
    "\u{feff}from a as B\r\nCOPY --from=0 --chown=\"x y\"\\ z <<EOF /é\r\n$V\r\nEOF\r\nHEALTHCHECK --interval=5m CMD [\"x\"]\r\nENV a=\"b c\" d='e' f=\\\r\n  g\r\n",
    "ARG A=${B:-${C:+x}} D=\"${A//b/c}\"\nFROM $A${D%%-*}\nLABEL a b\nONBUILD ONBUILD ONBUILD RUN x\nVOLUME [\"\"]\nEXPOSE 80 443\n",
    "FROM 안녕:하세요 AS 안\nRUN echo \\\n# 안\n\u{a0}\u{85} \\\\\n\\\nCMD ['안', \"\\\"]\n",
];

const PARTS: [&str; 24] = [
    "\n", "\r\n", "\\", "`", "\"", "'", "$", "${", "}", "<<", "<<E", "#", " ", "\t", "--", "=", "[", "]", ":-", "/",
    "é", "\u{a0}", "ONBUILD ", "FROM ",
];

fn mutate(text: &mut String, random: &mut Rng) {
    let boundary = |text: &str, at: usize| text.ceil_char_boundary(at);
    let at = boundary(text, random.usize(..=text.len()));
    match random.usize(..4) {
        0 => text.insert_str(at, PARTS[random.usize(..PARTS.len())]),
        1 => {
            let end = boundary(text, (at + random.usize(..12)).min(text.len()));
            text.replace_range(at..end, "");
        }
        2 => {
            let end = boundary(text, (at + random.usize(..60)).min(text.len()));
            let part = text[at..end].to_owned();
            let to = boundary(text, random.usize(..=text.len()));
            text.insert_str(to, &part);
        }
        _ => {
            let end = boundary(text, at.max(20).min(text.len()));
            text.truncate(end);
        }
    }
}

fn check(text: &str) {
    let file = parse(SourceId(0), text);
    let inside = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
    file.comments.iter().copied().for_each(inside);
    file.errors.iter().for_each(|error| inside(error.span));
    file.directives.iter().for_each(|it| inside(it.span));
    for it in &file.instructions {
        instruction(it, &inside);
        inside(it.block);
        it.heredocs.iter().for_each(|it| inside(it.body));
    }
    let starts: Vec<_> = file.instructions.iter().map(|it| it.block.start).collect();
    assert!(starts.is_sorted(), "{text:?}");
}

fn instruction(it: &Instruction, inside: &impl Fn(Span)) {
    [it.keyword_span, it.span, it.arguments.whole()].into_iter().for_each(inside);
    it.flags.iter().for_each(|flag| inside(flag.span));
    it.words().into_iter().for_each(|word| inside(it.arguments.span(word)));
    it.assignments('\\').into_iter().filter_map(|it| it.value).for_each(|value| inside(it.arguments.span(value)));
    it.exec().into_iter().flatten().for_each(|it| inside(it.span));
    it.trigger.iter().for_each(|it| instruction(it, inside));
}

#[test]
fn no_input_panics_and_every_span_lies_in_the_source() {
    let mut random = Rng::with_seed(0x5eed_0fd0_c4e5);
    for _ in 0..300 {
        for seed in SEEDS {
            let mut text = seed.to_owned();
            for _ in 0..=random.usize(..12) {
                mutate(&mut text, &mut random);
                check(&text);
            }
        }
    }
}

#[test]
fn every_beginning_of_a_file_is_read() {
    for seed in SEEDS {
        seed.char_indices().for_each(|(at, _)| check(&seed[..at]));
    }
}
