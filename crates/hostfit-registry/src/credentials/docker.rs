//! What `docker login` left behind: `config.json`.
//!
//! Source: <https://github.com/docker/cli/blob/master/cli/config/configfile/file.go>.

use std::{
    collections::HashMap,
    env,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::Deserialize;

use super::{Credential, helper};

/// Docker's own file has some hundred bytes.
const MAX_CONFIG: u64 = 4 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    auths: Option<HashMap<String, Login>>,
    creds_store: Option<String>,
    cred_helpers: Option<HashMap<String, String>>,
}

#[derive(Deserialize)]
struct Login {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

/// The credential of a registry; an error says in words why there may be one that can't be had.
pub(super) fn credential(registry: &str) -> Result<Option<Credential>, String> {
    let Some(path) = config_file() else { return Ok(None) };
    let Ok(file) = File::open(&path) else { return Ok(None) };
    let mut bytes = Vec::new();
    let read = file.take(MAX_CONFIG).read_to_end(&mut bytes);
    let config: Option<Config> = read.ok().and_then(|_| serde_json::from_slice(&bytes).ok());
    let config = config.ok_or_else(|| format!("{} cannot be read", path.display()))?;
    config.credential(registry, &path)
}

fn config_file() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = if cfg!(windows) { set("USERPROFILE").or_else(|| set("HOME")) } else { set("HOME") };
    Some(set("DOCKER_CONFIG").or_else(|| Some(home?.join(".docker")))?.join("config.json"))
}

impl Config {
    fn credential(&self, registry: &str, path: &Path) -> Result<Option<Credential>, String> {
        // Docker Hub goes by its oldest name there.
        let server = if registry == "docker.io" { "https://index.docker.io/v1/" } else { registry };
        let is_set = |name: &&String| !name.is_empty();
        let own = self.cred_helpers.as_ref().and_then(|helpers| helpers.get(server)).filter(is_set);
        if let Some(name) = own {
            return helper::ask(name, server, path);
        }
        let login = self.auths.as_ref().and_then(|auths| {
            auths.get(server).or_else(|| auths.iter().find(|(key, _)| host(key) == host(server)).map(|(_, it)| it))
        });
        if let Some(credential) = login.and_then(|login| login.credential().transpose()) {
            return credential.map(Some).map_err(|()| format!("{} cannot be read", path.display()));
        }
        match self.creds_store.as_ref().filter(is_set) {
            Some(name) => helper::ask(name, server, path),
            None => Ok(None),
        }
    }
}

/// The registry that a key means: some programs write addresses there.
fn host(key: &str) -> &str {
    let plain = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://"));
    let host = plain.map_or(key, |rest| rest.split('/').next().unwrap_or_default());
    match host {
        "registry-1.docker.io" | "docker.io" => "index.docker.io",
        other => other,
    }
}

impl Login {
    fn credential(&self) -> Result<Option<Credential>, ()> {
        let filled = |text: &Option<String>| text.clone().filter(|it| !it.is_empty());
        if let Some(token) = filled(&self.identitytoken) {
            return Ok(Some(Credential::Token(token)));
        }
        if let Some(auth) = filled(&self.auth) {
            // With padding or without it.
            let padding = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
            let decoded = GeneralPurpose::new(&STANDARD, padding).decode(auth).map_err(|_| ())?;
            let decoded = String::from_utf8(decoded).map_err(|_| ())?;
            let (user, password) = decoded.split_once(':').ok_or(())?;
            let is_named = !user.is_empty();
            return Ok(is_named.then(|| Credential::Password { user: user.to_owned(), password: password.to_owned() }));
        }
        let (user, password) = (filled(&self.username), self.password.clone());
        Ok(user.zip(password).map(|(user, password)| Credential::Password { user, password }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(config: &str, registry: &str) -> Result<Option<Credential>, String> {
        serde_json::from_str::<Config>(config).expect("JSON").credential(registry, Path::new("config.json"))
    }

    fn anna() -> Credential {
        Credential::Password { user: "anna".into(), password: "s3cret".into() }
    }

    #[test]
    fn a_login_is_found_under_every_name_that_programs_give_a_registry() {
        for key in ["registry.contoso.com", "https://registry.contoso.com", "http://registry.contoso.com/v2/"] {
            let config = format!(r#"{{"auths": {{"{key}": {{"auth": "YW5uYTpzM2NyZXQ="}}}}}}"#);
            assert_eq!(of(&config, "registry.contoso.com"), Ok(Some(anna())), "{key}");
            for other in ["registry.contoso.com:5000", "contoso.com", "docker.io"] {
                assert_eq!(of(&config, other), Ok(None), "{key} {other}");
            }
        }
        for key in ["https://index.docker.io/v1/", "docker.io", "registry-1.docker.io"] {
            let config = format!(r#"{{"auths": {{"{key}": {{"auth": "YW5uYTpzM2NyZXQ"}}}}}}"#);
            assert_eq!(of(&config, "docker.io"), Ok(Some(anna())), "{key}");
        }
    }

    #[test]
    fn a_login_has_several_forms() {
        let of = |login: &str| of(&format!(r#"{{"auths": {{"r": {login}}}}}"#), "r");
        assert_eq!(of(r#"{"username": "anna", "password": "s3cret"}"#), Ok(Some(anna())));
        let token = Ok(Some(Credential::Token("t".into())));
        assert_eq!(of(r#"{"identitytoken": "t", "auth": "YW5uYTpzM2NyZXQ="}"#), token);
        for none in ["{}", r#"{"auth": ""}"#, r#"{"auth": "Og=="}"#, r#"{"username": "anna"}"#] {
            assert_eq!(of(none), Ok(None), "{none}");
        }
        for bad in [r#"{"auth": "?"}"#, r#"{"auth": "YW5uYQ=="}"#] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
