//! `hostfit explain`.

use std::io::{Write, stdout};

use hostfit_core::rules::{self, pages};

use crate::{
    Exit,
    args::{Color, Explain},
    error::Error,
    report::{self, markdown},
    terminal::Style,
};

pub(crate) fn run(args: &Explain) -> Result<Exit, Error> {
    let rule = rules::find(&args.rule).ok_or_else(|| super::unknown_rule(&args.rule))?;
    let severity = report::word(rule.severity);
    let text = format!("# {} [{severity}]\n\n{}\n\n{}\n\n{}\n", rule.id, rule.summary, pages::body(rule), rule.url());
    let mut out = stdout().lock();
    out.write_all(markdown::text(&text, Style::stdout(Color::Auto)).as_bytes())?;
    out.flush()?;
    Ok(Exit::Clean)
}
