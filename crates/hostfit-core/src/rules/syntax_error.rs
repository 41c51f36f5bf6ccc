use super::rule;
use crate::{front::Unit, rule::Cx};

rule! {
    /// The program that reads this file refuses it here: BuildKit a Dockerfile, Compose or kubectl a YAML file. hostfit
    /// checks what it can still read of the file.
    ///
    /// A file over 8 MiB, nesting over 128 levels and YAML whose aliases expand past 1,000,000 nodes are reported so too.
    ///
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    ///  RUM dir
    /// #^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// RUN dir
    /// ```
    id: "syntax-error",
    summary: "the program that reads this file refuses it here",
    severity: Error,
    check: Unit(check),
}

fn check(unit: &Unit, cx: &mut Cx) {
    for error in &unit.errors {
        cx.report(error.span, error.message.clone());
    }
}
