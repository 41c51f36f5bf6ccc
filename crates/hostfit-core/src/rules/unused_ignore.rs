use super::rule;
use crate::{front::Unit, rule::Cx};

rule! {
    /// ## What it checks
    /// Ignore comments that suppress nothing: what they hid is fixed, they stand on the wrong line, their rule is misspelt, their day
    /// is over, or they are not in the form that hostfit reads. A comment at the end of a line is for that line, a comment alone for
    /// the next line that is not a comment; a Dockerfile has no comments at the end of a line. `ignore-file[…]` stands before
    /// everything else. After the bracket may follow `until=2027-01-11`, the last day on which the comment counts, and a reason.
    ///
    /// Rules that the configuration disables are not checked, nor, without a fleet, those that judge workloads. In `hostfit.toml`
    /// only the rules about hosts are checked: what others find depends on which files are checked.
    ///
    /// ## Why it matters
    /// A comment that is left there hides the next fault of that kind.
    ///
    /// ## Example
    /// ```dockerfile bad
    /// # hostfit: ignore[unknown-tag]
    /// #                 ^^^^^^^^^^^
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## Fix
    /// Remove the comment, or the rule that it names in vain; `hostfit fix` does both. If it has to stay, name `unused-ignore` in it
    /// too.
    ///
    /// ```dockerfile good
    /// # hostfit: ignore[unknown-tag] until=2027-01-11 our mirror has it
    /// FROM mcr.microsoft.com/windows/servercore:2022
    /// ```
    id: "unused-ignore",
    summary: "an ignore comment that suppresses nothing",
    severity: Warning,
    check: Unit(check),
}

/// `suppress` reports it, once all findings are known.
fn check(_: &Unit, _: &mut Cx) {}
