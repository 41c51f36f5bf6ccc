//! Keeps what `deny.toml` says of dependencies: licences, sources, banned crates and wildcards. It is cargo-deny's
//! configuration, for whoever has that program; here `cargo metadata` is asked, which every toolchain has.

use std::{
    fs,
    io::{self, Error},
    process::Command,
};

use serde::Deserialize;
use spdx::{Expression, ParseMode};

use crate::tools;

#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    /// None for the crates of the workspace.
    source: Option<String>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    req: String,
    /// Only where it is a folder.
    path: Option<String>,
}

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks every package of `Cargo.lock`.
///
/// # Errors
/// When one of them is not as `deny.toml` wants it; all of them are named.
pub(crate) fn check() -> io::Result<()> {
    println!("$ cargo metadata, compared with deny.toml");
    let root = tools::root()?;
    let deny: Deny = toml::from_str(&fs::read_to_string(root.join("deny.toml"))?).map_err(Error::other)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let asked =
        Command::new(cargo).args(["metadata", "--format-version", "1", "--locked"]).current_dir(&root).output()?;
    if !asked.status.success() {
        return Err(Error::other(format!("cargo metadata: {}", String::from_utf8_lossy(&asked.stderr))));
    }
    let metadata: Metadata = serde_json::from_slice(&asked.stdout)?;
    let wrong: Vec<_> = metadata.packages.iter().flat_map(|package| faults(package, &deny)).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Error::other(format!("not ready: deny.toml does not allow\n{}", wrong.join("\n"))))
}

fn faults(package: &Package, deny: &Deny) -> Vec<String> {
    let name = format!("{} {}", package.name, package.version);
    let mut found = Vec::new();
    let license = package.license.as_deref().unwrap_or_default();
    if !is_allowed(license, &deny.licenses.allow) {
        found.push(format!("{name}: the licence `{license}`"));
    }
    match package.source.as_deref() {
        Some(CRATES_IO) => {}
        Some(source) => found.push(format!("{name}: the source {source}")),
        // Published crates may have what they want; ours say which versions they were tried with.
        None => {
            let wildcards = package.dependencies.iter().filter(|it| it.req == "*" && it.path.is_none());
            found.extend(wildcards.map(|it| format!("{name}: any version of {}", it.name)));
        }
    }
    if deny.bans.deny.iter().any(|banned| banned.name == package.name) {
        found.push(format!("{name}: the crate itself"));
    }
    found
}

/// Whether a licence expression of SPDX, or one with `/` as it was once written, is met by the allowed ones.
fn is_allowed(license: &str, allowed: &[String]) -> bool {
    let Ok(expression) = Expression::parse_mode(license, ParseMode::LAX) else { return false };
    expression.evaluate(|wanted| allowed.iter().any(|it| *it == wanted.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(license: &str, source: Option<&str>, name: &str, req: &str) -> Vec<String> {
        let package = Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: Some(license.to_owned()),
            source: source.map(str::to_owned),
            dependencies: vec![Dependency { name: "other".to_owned(), req: req.to_owned(), path: None }],
        };
        let deny =
            "[licenses]\nallow = [\"MIT\", \"Apache-2.0 WITH LLVM-exception\"]\n[bans]\ndeny = [{ crate = \"tokio\" }]";
        faults(&package, &toml::from_str(deny).unwrap())
    }

    #[test]
    fn what_is_not_allowed_is_named() {
        let none: [&str; 0] = [];
        assert_eq!(faults_of("MIT OR GPL-3.0-only", Some(CRATES_IO), "a", "*"), none);
        assert_eq!(faults_of("MIT/GPL-3.0", Some(CRATES_IO), "a", "1"), none);
        assert_eq!(faults_of("Apache-2.0 WITH LLVM-exception", None, "a", "1"), none);
        assert_eq!(
            faults_of("MIT AND GPL-3.0-only", Some(CRATES_IO), "a", "1"),
            ["a 1.0.0: the licence `MIT AND GPL-3.0-only`"]
        );
        assert_eq!(faults_of("", Some(CRATES_IO), "a", "1"), ["a 1.0.0: the licence ``"]);
        assert_eq!(
            faults_of("MIT", Some("git+https://example.com/a"), "a", "1"),
            ["a 1.0.0: the source git+https://example.com/a"]
        );
        assert_eq!(faults_of("MIT", None, "a", "*"), ["a 1.0.0: any version of other"]);
        assert_eq!(faults_of("MIT", Some(CRATES_IO), "tokio", "1"), ["tokio 1.0.0: the crate itself"]);
    }
}
