use super::rule;
use crate::{front::Unit, rule::Cx};

rule! {
    /// A `# hostfit: ignore[…]` comment that silences nothing: what it hid is mended, it stands on the wrong line, its
    /// rule is misspelt, or its day is over. Left there, it hides the next fault of that kind.
    ///
    /// A comment at the end of a line is for that line, a comment alone for the next line that is none;
    /// `ignore-file[…]` stands before everything else. After the bracket may follow `until=2027-01-11`, the last day on
    /// which it silences, and a reason. A rule that the configuration switches off is not looked at, nor, without a fleet,
    /// one that judges workloads. In `hostfit.toml` only the rules that judge its hosts by themselves are looked at: what comes
    /// of the rest depends on which files are checked.
    ///
    /// ```dockerfile bad
    /// # hostfit: ignore[unknown-tag]
    /// #                 ^^^^^^^^^^^
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ```dockerfile good
    /// # hostfit: ignore[unknown-tag] until=2027-01-11 our mirror has it
    /// FROM mcr.microsoft.com/windows/servercore:2022
    /// ```
    ///
    /// ## How to fix it
    /// Take the comment out, or what of it silences nothing; `hostfit fix` does. Where it has to stay, name `unused-ignore` in it too.
    id: "unused-ignore",
    summary: "an ignore comment that silences nothing",
    severity: Warning,
    check: Unit(check),
}

/// `suppress` reports it, once all that the comments may silence is known.
fn check(_: &Unit, _: &mut Cx) {}
