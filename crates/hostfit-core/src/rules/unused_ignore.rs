use super::rule;
use crate::{front::Unit, rule::Cx};

rule! {
    /// ## What it checks
    /// Ignore comments that suppress nothing: the finding is fixed, the comment is on the wrong line, its rule is
    /// misspelt, it has expired, or it is not in the form that hostfit reads. A comment at the end of a line applies to
    /// that line. A comment alone on its line applies to the next line that is not a comment. Dockerfiles have no
    /// comments at the end of a line. `ignore-file[…]` goes before everything else in the file. The bracket may be
    /// followed by `until=2027-01-11`, the last day on which the comment applies, and by a reason.
    ///
    /// Comments for rules that the configuration disables are not checked. Without a fleet, neither are comments for
    /// rules that check workloads. In `hostfit.toml` only comments for the rules about hosts are checked.
    ///
    /// ## Why it matters
    /// A comment that is left there hides the next finding of that rule.
    ///
    /// ## Example
    /// ```dockerfile bad
    /// # hostfit: ignore[unknown-tag]
    /// #                 ^^^^^^^^^^^
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## Fix
    /// Remove the comment, or the rule in it that suppresses nothing. `hostfit fix` does both. If the comment has to
    /// stay, add `unused-ignore` to it.
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
