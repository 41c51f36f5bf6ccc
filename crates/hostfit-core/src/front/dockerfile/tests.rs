//! Each test shows what an evaluation gives as text: one line for each stage and each image.

use std::fmt::Write as _;

use super::*;
use crate::{model::StageBase, source::SourceId};

fn source(text: &str) -> Source {
    Source::from_text(SourceId(0), "Dockerfile", text)
}

/// `stage name? <- base: written bytes`, and below it what is copied.
fn show(text: &str, args: &[(&str, &str)], target: Option<&str>) -> String {
    let source = source(text);
    let values = args.iter().map(|(name, value)| {
        let span = Span::new(SourceId(7), 0..value.len());
        (String::from(*name), Text::literal(*value, span))
    });
    let args = BuildArgs { values: values.collect(), others: None };
    let (file, ..) = File::read(&source);
    let mut images = Vec::new();
    let evaluated = file.evaluate(&args, target, &mut |found| {
        images.push(found);
        ImageId(u32::try_from(images.len()).expect("few") - 1)
    });
    let mut shown = String::new();
    for (number, stage) in evaluated.stages.iter().enumerate() {
        let name = stage.name.as_ref().map_or("-", |(name, _)| name);
        let base = match stage.base {
            StageBase::Image(ImageId(id)) => format!("image {}", images[id as usize].text.masked().replace('\0', "?")),
            StageBase::Stage(number) => format!("stage {number}"),
            StageBase::Scratch => "scratch".to_owned(),
        };
        writeln!(shown, "{name} <- {base}").expect("shown");
        for found in images.iter().filter(|it| it.stage as usize == number && !it.is_base) {
            writeln!(shown, "  copies {}", found.text.value).expect("shown");
        }
        for from in &stage.copies_from {
            writeln!(shown, "  copies stage {from}").expect("shown");
        }
    }
    write!(shown, "final {:?}", evaluated.final_stage.expect("one")).expect("shown");
    shown
}

#[test]
fn global_args_fill_from() {
    let text = "ARG V=ltsc2019\nARG B=servercore:$V\nFROM mcr.microsoft.com/windows/${B} AS base\nFROM base\n";
    assert_eq!(
        show(text, &[], None),
        "base <- image mcr.microsoft.com/windows/servercore:ltsc2019\n- <- stage 0\nfinal 1"
    );
    assert_eq!(
        show(text, &[("V", "ltsc2022")], Some("BASE")),
        "base <- image mcr.microsoft.com/windows/servercore:ltsc2022\n- <- stage 0\nfinal 0"
    );
}

#[test]
fn a_variable_without_a_value_is_a_hole_and_never_empty() {
    for text in ["ARG V\nFROM w:$V", "FROM w:${V}", "ARG V\nFROM w:${V?needed}", "ARG V\nFROM w:${V%x}"] {
        assert!(show(text, &[], None).starts_with("- <- image w:??"), "{text}");
    }
    assert_eq!(show("ARG V=\nFROM w$V", &[], None), "- <- image w\nfinal 0");
    assert_eq!(show("ARG V=\"\"\nFROM w:${V:-x}", &[], None), "- <- image w:x\nfinal 0");
    assert_eq!(show("ARG V\nFROM w:${V:-x}${V:+y}", &[], None), "- <- image w:x\nfinal 0");
    assert_eq!(show("ARG V\nFROM w:$V", &[("V", "x")], None), "- <- image w:x\nfinal 0");
    assert_eq!(show("FROM w:$V", &[("V", "x")], None), "- <- image w:??\nfinal 0");
}

#[test]
fn an_arg_keeps_what_an_earlier_one_of_its_name_gave_it() {
    assert_eq!(show("ARG V=x\nARG V\nFROM $V", &[], None), "- <- image x\nfinal 0");
    assert_eq!(show("ARG V=x\nARG V=y\nFROM $V", &[], None), "- <- image y\nfinal 0");
    assert_eq!(show("ARG V=x\nARG V=$V-y\nFROM $V", &[], None), "- <- image x-y\nfinal 0");
    assert_eq!(show("ARG A=x B=y$A\nFROM $B", &[("A", "z")], None), "- <- image yz\nfinal 0");
}

#[test]
fn args_of_a_stage_are_unknown_to_from() {
    assert_eq!(show("FROM a\nARG V=x\nFROM b:$V", &[("V", "z")], None), "- <- image a\n- <- image b:??\nfinal 1");
}

#[test]
fn what_buildkit_sets_by_itself_is_set_but_unknown() {
    assert_eq!(
        show("FROM a-$TARGETARCH:${TARGETOS:-linux}", &[], None),
        format!("- <- image a-{}:{}\nfinal 0", "?".repeat(11), "?".repeat(18))
    );
    assert_eq!(show("ARG TARGETARCH=arm\nFROM a-$TARGETARCH", &[], None), "- <- image a-arm\nfinal 0");
    assert_eq!(show("FROM a-$TARGETARCH", &[("TARGETARCH", "arm")], None), "- <- image a-arm\nfinal 0");
}

#[test]
fn a_build_arg_with_a_hole_makes_the_arg_unknown() {
    let source = source("ARG V=x\nFROM w:$V${V:-y}");
    let mut unknown = Text::empty(Span::new(SourceId(7), 0..4));
    unknown.push("${E}", unknown.span, unknown.span, crate::text::Origin::Hole("E".into()));
    let args = BuildArgs { values: vec![("V".into(), unknown)], others: None };
    let mut found = Vec::new();
    File::read(&source).0.evaluate(&args, None, &mut |it| {
        found.push(it.text);
        ImageId(0)
    });
    assert_eq!(found[0].known(), None);
    assert_eq!(found[0].value, "w:${E}${V:-y}");
}

#[test]
fn stages_are_found_by_name_in_any_case_and_win_over_images() {
    let text = "FROM a AS Web\nFROM web AS nginx\nFROM nginx\nFROM later\nFROM x AS later";
    assert_eq!(
        show(text, &[], Some("NGINX")),
        "Web <- image a\nnginx <- stage 0\n- <- stage 1\n- <- image later\nlater <- image x\nfinal 1"
    );
    assert_eq!(show("FROM nginx AS nginx", &[], None), "nginx <- image nginx\nfinal 0");
    assert_eq!(
        show("FROM scratch\nFROM a AS scratch\nFROM scratch", &[], Some("0")),
        "- <- scratch\nscratch <- image a\n- <- stage 1\nfinal 0"
    );
}

#[test]
fn a_variable_may_choose_an_earlier_stage() {
    assert_eq!(
        show("FROM a AS app-linux\nFROM b AS app-windows\nFROM App-$TARGETOS", &[], None),
        "app-linux <- image a\napp-windows <- image b\n- <- scratch\nfinal 2"
    );
    for (text, base) in [
        // A part of a name is not enough, and a variable alone is mostly an image.
        ("FROM a AS app\nFROM app-$TARGETOS", "image app-?????????"),
        ("FROM a AS app\nFROM $TARGETOS", "image ?????????"),
        ("FROM app-$TARGETOS\nFROM a AS app-linux", "image app-?????????"),
    ] {
        assert!(show(text, &[], None).contains(&format!("- <- {base}")), "{text}");
    }
}

#[test]
fn a_target_that_is_no_stage_makes_nothing() {
    for target in ["x", "2", "-1"] {
        let evaluated =
            File::read(&source("FROM a\nFROM b")).0.evaluate(&BuildArgs::default(), Some(target), &mut |_| ImageId(0));
        assert_eq!(evaluated.final_stage, None, "{target}");
    }
}

#[test]
fn files_are_copied_from_stages_and_images() {
    let text = "FROM a AS one\nFROM b\nCOPY --from=ONE x y\nCOPY --from=0 x y\nCOPY --from=img:1 x y\nCOPY --from=1 x y\n\
                COPY --from=three x y\nRUN --mount=type=bind,from=one,target=/x --mount=FROM=img:2 z\nCOPY --from=scratch x y\n\
                ONBUILD COPY --from=img:3 x y\nONBUILD COPY --from=one x y\nCOPY --from=$v x y\nFROM c AS three\nRUN --mount=from=0 x";
    assert_eq!(
        show(text, &[], None),
        "one <- image a\n- <- image b\n  copies img:1\n  copies img:2\n  copies img:3\n  copies $v\n  copies stage 0\nthree <- image c\nfinal 2"
    );
}

#[test]
fn runs_differ_from_copies_and_triggers() {
    let (file, ..) = File::read(&source("FROM a\nCOPY b c\nONBUILD RUN x\nFROM d\nrun x\nRUN [\"y\"]"));
    let evaluated = file.evaluate(&BuildArgs::default(), None, &mut |_| ImageId(0));
    let runs: Vec<_> = evaluated.stages.iter().map(|it| it.runs.len()).collect();
    assert_eq!(runs, [0, 2]);
    assert_eq!(evaluated.stages[1].runs[0].range(), 37..40);
}

#[test]
fn a_reference_stands_where_it_is_written() {
    let text = "ARG T=\"ltsc2019\"\nFROM --platform=$BUILDPLATFORM mcr.io/w\\\n/servercore:\"${T}\" AS x";
    let source = source(text);
    let mut found = Vec::new();
    let evaluated = File::read(&source).0.evaluate(&BuildArgs::default(), None, &mut |it| {
        found.push(it.text);
        ImageId(0)
    });
    assert_eq!(found[0].known(), Some("mcr.io/w/servercore:ltsc2019"));
    assert_eq!(source.slice(found[0].locate(20..28)), "ltsc2019");
    assert_eq!(source.slice(found[0].locate(7..19)), "w\\\n/servercore");
    assert_eq!(source.slice(found[0].used_at(0..28)), "mcr.io/w\\\n/servercore:\"${T}");
    let stage = &evaluated.stages[0];
    assert_eq!(source.slice(stage.name.as_ref().expect("named").1), "x");
    assert_eq!(source.slice(stage.span), &text[17..]);
    assert_eq!(stage.platform.as_ref().and_then(Text::hole), Some("BUILDPLATFORM"));
}

#[test]
fn broken_instructions_leave_the_rest_to_be_seen() {
    assert_eq!(
        show("FROM\nFROM a b\nFROM c AS\nFORM d\nFROM ${e\nFROM f", &[], None),
        "- <- scratch\n- <- image a\n- <- image c\n- <- image ???\n- <- image f\nfinal 4"
    );
}

#[test]
fn values_that_hold_each_other_twice_stay_small() {
    let mut text = "ARG A0=xxxxxxxxxxxxxxxx\n".to_owned();
    for it in 1..60 {
        writeln!(text, "ARG A{it}=$A{0}$A{0}", it - 1).expect("written");
    }
    text.push_str(&"FROM $A59\n".repeat(10_000));
    let mut length = 0;
    File::read(&source(&text)).0.evaluate(&BuildArgs::default(), None, &mut |it| {
        length += it.text.value.len();
        ImageId(0)
    });
    assert!(length < 10_000_000, "{length}");
}

#[test]
fn dockerfiles_are_known_by_their_content() {
    let ours = [
        "FROM scratch",
        "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022",
        "\u{feff}# escape=`\r\n# note\r\n\r\nARG V=1 # note\r\nARG 7ZIP\r\nfrom w:$V as x\r\nrun y\r\n",
        "FROM --platform=$BUILDPLATFORM golang AS build\nRUN <<EOF\nanything\nEOF\nCOPY a b",
        "FROM alpine\nRUN x \\\n  y",
        "FROM servercore:\"${V}\"\nUSER x",
    ];
    let others = [
        "",
        "# only\n# comments\n",
        "from os import path\nimport sys\n",
        "from users\nwhere id = 1\n",
        "FROM users AS u\nJOIN x\n",
        "FROM users\n",
        "SELECT *\nFROM users\n",
        "From: me@example.org\nTo: you\n",
        "from the beginning\nrun away\n",
        "# Title\n\nFROM here on it gets better.\n",
        "ARG parsing is hard.\n",
        "ARG x=1\nRUN y\n",
        "services:\n  web:\n    image: x\n",
        "FROM alpine\nRUN\n",
        "FROM alpine\nthen something\n",
        "from . import x\n",
        "FROM {{ base }}\nRUN x\n",
    ];
    for text in ours {
        assert!(sniff(text), "{text}");
    }
    for text in others {
        assert!(!sniff(text), "{text}");
    }
}

#[test]
fn dockerfiles_are_refused_as_buildkit_refuses_them() {
    let table = include_str!("../../../tests/data/upstream/dockerfile.tsv");
    let mut wrong = Vec::new();
    for row in crate::upstream::cells(table) {
        let [text, given, answer] = row[..] else { panic!("{row:?}") };
        let text = text.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\");
        let source = Source::from_text(SourceId(0), "Dockerfile", text);
        let (file, errors, _) = File::read(&source);
        let values = given.split(',').filter_map(|it| it.split_once('='));
        let values = values.map(|(name, value)| (name.to_owned(), Text::literal(value.to_owned(), Span::NOWHERE)));
        let evaluated =
            file.evaluate(&BuildArgs { values: values.collect(), ..BuildArgs::default() }, None, &mut |_| ImageId(0));
        let is_refused = !errors.is_empty() || !evaluated.broken_defaults.is_empty();
        let is_right = is_refused == (answer.trim_start_matches('~') == "error");
        if is_right == answer.starts_with('~') {
            wrong.push(row.join("\t"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
