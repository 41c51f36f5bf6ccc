//! Rules for Renovate and Dependabot.
//!
//! Sources: <https://docs.renovatebot.com/configuration-options/#packagerules> (`matchDatasources`, `matchPackageNames`,
//! `matchCurrentValue`, `allowedVersions` with a regular expression between slashes);
//! <https://docs.github.com/en/code-security/reference/supply-chain-security/dependabot-options-reference#ignore> and
//! dependabot-core, `docker/lib/dependabot/docker/tag.rb` at 006f1a4 (which tags it compares) and `requirement.rb`.

use std::io::{self, Write};

use hostfit_core::plan::bots::Rule;
use serde_json::{Value, json};

use crate::report::json::write_value;

/// `packageRules` for `renovate.json`.
pub(crate) fn renovate(rules: &[Rule], out: &mut dyn Write) -> io::Result<()> {
    let rule = |rule: &Rule| {
        let names: Vec<_> = rule.names.iter().map(|name| escaped(name)).collect();
        let builds: Vec<_> = rule.builds.iter().map(|build| format!("10\\.0\\.{}(?:\\.\\d+)?", build.0)).collect();
        let any = [names, builds].concat().join("|");
        let (start, end) = if rule.is_base { ("^", "(?:-amd64)?$") } else { ("(?:^|-)", "(?:-amd64)?$") };
        json!({
            "description": "Keep the Windows release that the hosts run",
            "matchDatasources": ["docker"],
            "matchPackageNames": [rule.repository],
            "matchCurrentValue": CURRENT,
            "allowedVersions": format!("/{start}(?:{any}){end}/"),
        })
    };
    let rules: Vec<Value> = rules.iter().map(rule).collect();
    write_value(&json!({ "packageRules": rules }), out)
}

/// Tags that name a release of Windows: other tags of the same repository are for Linux.
const CURRENT: &str =
    "/(?:^|-)(?:windowsservercore|nanoserver|ltsc\\d{4}|1[5-9]\\d\\d|2\\d(?:H\\d|\\d\\d)|10\\.0\\.\\d{5})/";

fn escaped(text: &str) -> String {
    text.replace('.', "\\.")
}

/// `ignore` of an update in `.github/dependabot.yml`. Dependabot compares tags that are numbers, `1809` with `2004`, and takes
/// words such as `ltsc2022` as fixed. No requirement is about the number at the end of `8.0-nanoserver-1809`.
pub(crate) fn dependabot(rules: &[Rule], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{HEAD}")?;
    for rule in rules.iter().filter(|rule| rule.is_base) {
        let Some(newest) = rule.builds.last() else { continue };
        // It names images without their registry.
        let name = rule.repository.split_once('/').map_or(rule.repository.as_str(), |(first, rest)| {
            if first.contains(['.', ':']) { rest } else { rule.repository.as_str() }
        });
        let number = rule.names.iter().filter_map(|name| name.parse::<u32>().ok()).max();
        let mut versions: Vec<String> = number.map(|number| format!("> {number}")).into_iter().collect();
        if number.is_none() {
            // No release of the fleet has such a tag.
            versions.push(">= 1000".to_owned());
        }
        versions.push(format!(">= 10.0.{}, < 11", u32::from(newest.0) + 1));
        let versions: Vec<_> = versions.iter().map(|it| format!("\"{it}\"")).collect();
        writeln!(out, "      - dependency-name: \"{name}\"\n        versions: [{}]", versions.join(", "))?;
    }
    Ok(())
}

const HEAD: &str = "\
# Of the `docker` and `docker-compose` updates in .github/dependabot.yml.
version: 2
updates:
  - package-ecosystem: docker
    directory: /
    schedule:
      interval: weekly
    ignore:
";
