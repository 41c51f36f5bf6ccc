//! `hostfit explain`.

use std::io::{Write, stdout};

use hostfit_core::rules;

use crate::{Exit, args::Explain, error::Error, report};

pub(crate) fn run(args: &Explain) -> Result<Exit, Error> {
    let rule = rules::find(&args.rule).ok_or_else(|| super::unknown_rule(&args.rule))?;
    let severity = report::word(rule.severity);
    let page = format!("{} [{severity}]\n{}\n\n{}\n\n{}\n", rule.id, rule.summary, rule.page(), rule.url());
    let mut out = stdout().lock();
    out.write_all(page.as_bytes())?;
    out.flush()?;
    Ok(Exit::Clean)
}
