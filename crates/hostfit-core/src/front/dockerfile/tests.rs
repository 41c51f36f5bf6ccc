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
    let args = BuildArgs { values: values.collect() };
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
