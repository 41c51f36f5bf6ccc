//! `hostfit compat`: one verdict of the compatibility rule.

use std::io::{Write, stdout};

use hostfit_core::{
    judge::Outcome,
    windows::{HostKind, Isolation, OsVersion, compat::HostFacts, release::Releases, version},
};
use serde::Serialize;

use crate::{
    Exit,
    args::{self, Color, Compat, Format},
    clock,
    error::Error,
    files::Folder,
    report,
    settings::Settings,
    terminal::Style,
};

#[derive(Serialize)]
struct Answer {
    verdict: &'static str,
    rule: Option<&'static str>,
    why: String,
    isolation: &'static str,
}

pub(crate) fn run(args: &Compat) -> Result<Exit, Error> {
    // The user's own releases count here too.
    let releases = Settings::read(None, &Folder::current()?, Style::stderr(Color::Auto))?.config.releases;
    let host = read(&args.host, "host", &releases)?;
    let image = read(&args.image, "image", &releases)?;
    let answer = answer(args, host, image, &releases);
    let mut out = stdout().lock();
    match args.format {
        Format::Json => report::json::write_value(&answer, &mut out)?,
        Format::Human => writeln!(out, "{}: {}", answer.verdict, answer.why)?,
    }
    out.flush()?;
    super::tell_age(clock::today(), false);
    Ok(Exit::Clean)
}

fn read(text: &str, of: &str, releases: &Releases) -> Result<OsVersion, Error> {
    version::parse(text, releases).ok_or_else(|| {
        Error::message(format!(
            "`{text}` is no OS version of a Windows {of}; write a release (`ltsc2022`), a build (`20348`) or a version \
             (`10.0.20348.2700`)"
        ))
    })
}

fn answer(args: &Compat, host: OsVersion, image: OsVersion, releases: &Releases) -> Answer {
    let kind = match args.host_kind {
        Some(args::HostKind::Server) => HostKind::Server,
        Some(args::HostKind::Client) => HostKind::Client,
        None => releases.by_build(host.build).map_or(HostKind::Server, |release| release.kind),
    };
    let facts =
        HostFacts { containerd: args.runtime == args::Runtime::Containerd, ..HostFacts::named(host, kind, false) };
    let asked = match args.isolation {
        args::Isolation::Process => Isolation::Process,
        args::Isolation::Hyperv => Isolation::Hyperv,
        args::Isolation::Default => Isolation::Default,
    };
    let outcome = Outcome::of(&facts, image, Some(asked), true);
    Answer {
        verdict: outcome.verdict.id(),
        rule: outcome.rule(),
        why: outcome.why(Some(&facts), releases),
        isolation: if outcome.isolation == Isolation::Hyperv { "hyperv" } else { "process" },
    }
}
