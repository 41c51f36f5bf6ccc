//! Tokens and passwords: what a registry wants to see before it answers.

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::{
    Trust,
    challenge::Challenge,
    credentials::Credential,
    failure::{Failure, Kind},
    http::{Deadline, Http, Question, Reply},
    url::{Url, is_loopback},
};

/// A token is some kilobytes at most.
const MAX_BYTES: u64 = 1024 * 1024;

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

/// What is known of the credential of a registry.
pub(crate) type Login = Result<Option<Credential>, String>;

/// What the registry wants to see, and whose word counts for whom to show it.
pub(crate) type Given = (String, Trust);

/// A question that was answered with 401.
pub(crate) struct Asked<'a> {
    pub(crate) http: &'a Http,
    /// The credential of the registry, or why there may be one that can't be had.
    pub(crate) login: &'a Login,
    /// Whether there is none since a repository says how to talk with the registry.
    pub(crate) is_anonymous: bool,
    /// What credentials are called by.
    pub(crate) registry: &'a str,
    pub(crate) repository: &'a str,
    pub(crate) reply: &'a Reply,
    pub(crate) deadline: Deadline,
}

impl Asked<'_> {
    /// The value of `Authorization` that the registry wants.
    pub(crate) fn answer(&self) -> Result<Given, Failure> {
        let challenges: Vec<_> = self.reply.challenges.iter().flat_map(|it| Challenge::parse(it)).collect();
        let by = |scheme: &str| challenges.iter().find(|it| it.scheme == scheme);
        let (credential, why) = match self.login {
            Ok(credential) => (credential.as_ref(), None),
            // It may go without.
            Err(why) => (None, Some(why)),
        };
        let trust = if credential.is_some() { Trust::User } else { Trust::All };
        let given = match (by("bearer"), by("basic")) {
            (Some(challenge), _) => self.bearer(challenge, credential),
            (None, Some(_)) => self.basic(credential),
            (None, None) => {
                let what = format!("{} answers 401 and does not say how to log in", self.host());
                let help = "see whether it is a registry, and whether a proxy stands before it";
                Err(Failure::new(Kind::Denied, what, help))
            }
        };
        given.map(|given| (given, trust)).map_err(|mut failure| {
            if let (Kind::Denied, Some(why)) = (failure.kind, why) {
                failure.what = format!("{} ({why})", failure.what);
            }
            failure
        })
    }

    fn host(&self) -> &str {
        &self.reply.url.authority
    }

    fn denied(&self, what: impl Into<String>) -> Failure {
        let help = if self.is_anonymous {
            "hostfit sends no credentials where hostfit.toml says how to reach a registry: put that table into your own \
             config.toml, see docs/registry.md"
                .to_owned()
        } else {
            format!("log in: `docker login {}`", self.registry)
        };
        Failure::new(Kind::Denied, what, help)
    }

    fn basic(&self, credential: Option<&Credential>) -> Result<String, Failure> {
        let host = self.host();
        match credential {
            Some(Credential::Password { user, password }) => {
                refuse_eavesdroppers(&self.reply.url)?;
                Ok(basic(user, password))
            }
            Some(Credential::Token(_)) => {
                Err(self.denied(format!("{host} wants a password, and there is only a token")))
            }
            None => Err(self.denied(format!("{host} wants a login"))),
        }
    }

    /// Asks the token service that the registry names: with a password, a token, or as nobody.
    fn bearer(&self, challenge: &Challenge, credential: Option<&Credential>) -> Result<String, Failure> {
        let host = self.host();
        let realm = challenge.parameter("realm").unwrap_or_default();
        let Some(realm) = Url::parse(realm) else {
            return Err(Failure::invalid(host, "a token service that has no address"));
        };
        let trust = if credential.is_some() { Trust::User } else { Trust::All };
        let downgrade =
            !realm.is_https && (self.reply.url.is_https || !self.http.may_be_plain(&realm.authority, trust));
        if downgrade || is_loopback(&realm.authority) && !is_loopback(host) {
            let what = format!("{host} sends to a token service at {realm}, which is not safe");
            return Err(Failure::new(Kind::Unsafe, what, "have its administrator name a token service with HTTPS"));
        }
        if credential.is_some() {
            refuse_eavesdroppers(&realm)?;
        }
        let own_scope = format!("repository:{}:pull", self.repository);
        let scope = challenge.parameter("scope").unwrap_or(&own_scope);
        let service = challenge.parameter("service");
        let named = credential.is_some();
        let reply = match credential {
            Some(Credential::Token(token)) => {
                let mut form = vec![
                    ("grant_type", "refresh_token"),
                    ("client_id", "hostfit"),
                    ("scope", scope),
                    ("refresh_token", token),
                ];
                form.extend(service.map(|service| ("service", service)));
                self.token(&realm, None, Some(&form), trust)?
            }
            other => {
                let authorization = match other {
                    Some(Credential::Password { user, password }) => Some(basic(user, password)),
                    _ => None,
                };
                let mut url = realm.clone();
                for (name, value) in [("service", service), ("scope", Some(scope))] {
                    let Some(value) = value else { continue };
                    let mark = if url.path.contains('?') { '&' } else { '?' };
                    url.path = format!("{}{mark}{name}={}", url.path, percent_encoded(value));
                }
                self.token(&url, authorization.as_deref(), None, trust)?
            }
        };
        match reply.status {
            200 => {}
            401 | 403 if named => {
                return Err(self.denied(format!("{} refuses the login for {}", realm.authority, self.registry)));
            }
            401 | 403 => return Err(self.denied(format!("{} gives no token without a login", realm.authority))),
            status => return Err(Failure::invalid(&realm.authority, format!("{status} to a question for a token"))),
        }
        let token: Token = serde_json::from_slice(&reply.body)
            .map_err(|error| Failure::invalid(&realm.authority, format!("a token that cannot be read ({error})")))?;
        // The names are of two specifications.
        let token = token.token.or(token.access_token).filter(|it| it.bytes().all(|byte| byte.is_ascii_graphic()));
        let token = token.filter(|it| !it.is_empty());
        token.map(|it| format!("Bearer {it}")).ok_or_else(|| Failure::invalid(&realm.authority, "no token"))
    }

    fn token(
        &self,
        url: &Url,
        authorization: Option<&str>,
        form: Option<&[(&str, &str)]>,
        trust: Trust,
    ) -> Result<Reply, Failure> {
        let accept = "application/json";
        let question = Question { url, accept, authorization, form, max_bytes: MAX_BYTES, trust };
        self.http.ask(&question, self.deadline)
    }
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// Plain HTTP may be asked for, but no secret is sent over it.
fn refuse_eavesdroppers(url: &Url) -> Result<(), Failure> {
    if url.is_https || is_loopback(&url.authority) {
        return Ok(());
    }
    let what = format!("{} wants a login over plain HTTP, where all on the way can read it", url.authority);
    Err(Failure::new(Kind::Unsafe, what, "hostfit sends no credentials over plain HTTP; let the registry speak HTTPS"))
}

fn percent_encoded(text: &str) -> String {
    const ENCODED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b':').remove(b',');
    utf8_percent_encode(text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_goes_over_plain_http_but_to_this_machine() {
        for (url, is_sent) in [
            ("https://registry.contoso.com/v2/", true),
            ("http://127.0.0.1:5000/v2/", true),
            ("http://localhost/token", true),
            ("http://registry.contoso.com/v2/", false),
            ("http://10.0.0.1/token", false),
            ("http://localhost.contoso.com/token", false),
        ] {
            let url = Url::parse(url).expect("a URL");
            assert_eq!(refuse_eavesdroppers(&url).is_ok(), is_sent, "{url}");
        }
    }

    #[test]
    fn what_stands_in_a_query_ends_nothing() {
        assert_eq!(percent_encoded("repository:a/b:pull,push"), "repository:a/b:pull,push");
        assert_eq!(percent_encoded("a b&c=d#é"), "a%20b%26c%3Dd%23%C3%A9");
    }
}
