//! One question over HTTP: redirects, limits, second attempts.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    io::{self, Read},
    thread,
    time::{Duration, Instant},
};

use ureq::{Body, http::Response};

use crate::{
    Limits, Origin, Trust,
    agents::Agents,
    failure::{Failure, Kind, shown},
    url::{Url, is_loopback},
};

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) url: &'a Url,
    /// The value of `Accept`.
    pub(crate) accept: &'a str,
    /// The value of `Authorization`, for the host of `url` alone.
    pub(crate) authorization: Option<&'a str>,
    /// A form to post; none: nothing is sent.
    pub(crate) form: Option<&'a [(&'a str, &'a str)]>,
    /// So much is taken of the answer.
    pub(crate) max_bytes: u64,
    /// Whose word counts for whom to trust.
    pub(crate) trust: Trust,
}

/// What comes back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) media_type: String,
    /// `Docker-Content-Digest`.
    pub(crate) digest: Option<String>,
    /// Each `WWW-Authenticate`.
    pub(crate) challenges: Vec<String>,
    pub(crate) body: Vec<u8>,
    /// Who answered, redirects followed.
    pub(crate) url: Url,
}

/// Until when all of a question has to be answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(pub(crate) Instant);

impl Deadline {
    fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// More than this are a loop.
const MAX_REDIRECTS: usize = 5;

/// What an attempt came to.
enum Trouble {
    /// Another attempt may help, after this time if the registry says so.
    Passing(Failure, Option<Duration>),
    /// It would not.
    Lasting(Failure),
}

pub(crate) struct Http {
    agents: Agents,
    limits: Limits,
    /// Hosts that speak plain HTTP, and who says so.
    plain: Vec<(String, Origin)>,
}

impl Http {
    pub(crate) fn new(agents: Agents, limits: Limits, plain: Vec<(String, Origin)>) -> Self {
        Self { agents, limits, plain }
    }

    /// Asks, and asks again where that may help.
    pub(crate) fn ask(&self, question: &Question, deadline: Deadline) -> Result<Reply, Failure> {
        let mut pause = self.limits.pause;
        let mut attempt = 1;
        loop {
            let (failure, wanted) = match self.follow(question, deadline) {
                Ok(reply) => return Ok(reply),
                Err(Trouble::Lasting(failure)) => return Err(failure),
                Err(Trouble::Passing(failure, wanted)) => (failure, wanted),
            };
            let wait = wanted.unwrap_or_else(|| jittered(pause));
            if attempt >= self.limits.attempts || wait > self.limits.longest_pause || wait > deadline.left() {
                return Err(failure);
            }
            thread::sleep(wait);
            attempt += 1;
            pause = pause.saturating_mul(2);
        }
    }

    /// Whether it is safe to talk with `url` in the clear.
    pub(crate) fn may_be_plain(&self, authority: &str, trust: Trust) -> bool {
        let counts = |origin: Origin| trust == Trust::All || origin == Origin::User;
        is_loopback(authority) || self.plain.iter().any(|(it, origin)| it == authority && counts(*origin))
    }

    fn follow(&self, question: &Question, deadline: Deadline) -> Result<Reply, Trouble> {
        let mut url = question.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let authorization = question.authorization.filter(|_| url.same_origin(question.url));
            let response = self.send(&url, &Question { authorization, ..question.clone() }, deadline)?;
            let status = response.status().as_u16();
            if !matches!(status, 301 | 302 | 303 | 307 | 308) || question.form.is_some() {
                return read(response, url, question.max_bytes);
            }
            let host = url.authority.clone();
            let location = header(&response, "location").unwrap_or_default();
            let Some(next) = url.join(&location) else {
                return Err(lasting(Failure::invalid(&host, format!("a redirect to `{}`", shown(&location)))));
            };
            let downgrade = !next.is_https && (url.is_https || !self.may_be_plain(&next.authority, question.trust));
            // What comes from far away has no business with this machine.
            let inward = is_loopback(&next.authority) && !is_loopback(&question.url.authority);
            if downgrade || inward {
                let what = format!("{host} redirects to {}://{}", scheme(&next), next.authority);
                let help = "hostfit follows no redirect from HTTPS to plain HTTP, and none to this machine";
                return Err(lasting(Failure::new(Kind::Unsafe, what, help)));
            }
            url = next;
        }
        let what = format!("more than {MAX_REDIRECTS} redirects");
        Err(lasting(Failure::invalid(&question.url.authority, what)))
    }

    fn send(&self, url: &Url, question: &Question, deadline: Deadline) -> Result<Response<Body>, Trouble> {
        let time = deadline.left().min(self.limits.answer);
        if time.is_zero() {
            return Err(lasting(too_slow(url)));
        }
        let agent = self.agents.of(url, question.trust);
        let address = url.to_string();
        let sent = if let Some(form) = question.form {
            let mut request = agent.post(&address).config().timeout_global(Some(time)).build();
            request = request.header("accept", question.accept);
            request.send_form(form.iter().copied())
        } else {
            let mut request = agent.get(&address).config().timeout_global(Some(time)).build();
            request = request.header("accept", question.accept);
            if let Some(value) = question.authorization {
                request = request.header("authorization", value);
            }
            request.call()
        };
        sent.map_err(|error| trouble(url, &error))
    }
}

const REACH: &str = "see whether it is up, and whether a proxy is needed (HTTPS_PROXY)";

fn too_slow(url: &Url) -> Failure {
    Failure::new(Kind::Unreachable, format!("{} does not answer in time", url.authority), REACH)
}

fn lasting(failure: Failure) -> Trouble {
    Trouble::Lasting(failure)
}

fn scheme(url: &Url) -> &'static str {
    if url.is_https { "https" } else { "http" }
}

fn read(mut response: Response<Body>, url: Url, max_bytes: u64) -> Result<Reply, Trouble> {
    let status = response.status().as_u16();
    if let 429 | 500 | 502 | 503 | 504 = status {
        return Err(busy(&response, &url));
    }
    let too_large =
        || lasting(Failure::invalid(&url.authority, format!("more than {} MiB", max_bytes / (1024 * 1024))));
    if response.body().content_length().is_some_and(|length| length > max_bytes) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    let read = response.body_mut().as_reader().take(max_bytes + 1).read_to_end(&mut body);
    if let Err(error) = read {
        return Err(trouble(&url, &ureq::Error::from(error)));
    }
    if body.len() as u64 > max_bytes {
        return Err(too_large());
    }
    let media_type = header(&response, "content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let challenges = response.headers().get_all("www-authenticate").iter();
    Ok(Reply {
        status,
        media_type,
        digest: header(&response, "docker-content-digest"),
        challenges: challenges.filter_map(|it| it.to_str().ok()).map(str::to_owned).collect(),
        body,
        url,
    })
}

fn trouble(url: &Url, error: &ureq::Error) -> Trouble {
    let host = &url.authority;
    let unreachable = |what: String| Failure::new(Kind::Unreachable, what, REACH);
    match error {
        ureq::Error::Timeout(_) => lasting(too_slow(url)),
        ureq::Error::HostNotFound => lasting(unreachable(format!("there is no host {host}"))),
        ureq::Error::Io(error) => io_trouble(url, error),
        ureq::Error::Rustls(error) => lasting(distrust(host, &error.to_string())),
        ureq::Error::Tls(error) => lasting(distrust(host, error)),
        ureq::Error::ConnectionFailed => lasting(unreachable(format!("{host} cannot be reached"))),
        other => lasting(Failure::invalid(host, shown(&other.to_string()))),
    }
}

fn io_trouble(url: &Url, error: &io::Error) -> Trouble {
    let host = &url.authority;
    let inner = error.get_ref();
    if let Some(tls) = inner.and_then(|it| it.downcast_ref::<rustls::Error>()) {
        return lasting(distrust(host, &tls.to_string()));
    }
    if let Some(ureq::Error::Timeout(_)) = inner.and_then(|it| it.downcast_ref::<ureq::Error>()) {
        return lasting(too_slow(url));
    }
    let broken = Failure::new(Kind::Unreachable, format!("the connection to {host} broke: {error}"), REACH);
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => lasting(too_slow(url)),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Trouble::Passing(broken, None),
        _ => lasting(Failure::new(Kind::Unreachable, format!("{host} cannot be reached: {error}"), REACH)),
    }
}

fn distrust(host: &str, why: &str) -> Failure {
    let help = format!(
        "if it has a certificate of your own, give that of its authority: `ca = \"….pem\"` under [registry.\"{host}\"] of \
         hostfit.toml, or of your own config.toml where you are logged in"
    );
    Failure::new(Kind::Unsafe, format!("there is no safe connection to {host}: {}", shown(why)), help)
}

fn busy(response: &Response<Body>, url: &Url) -> Trouble {
    let (status, host) = (response.status().as_u16(), &url.authority);
    let asked = header(response, "retry-after").and_then(|it| it.trim().parse().ok()).map(Duration::from_secs);
    let wait = asked.map(|it| format!(" and asks to wait {} s", it.as_secs())).unwrap_or_default();
    let (what, help) = match status {
        429 => (
            format!("{host} answers 429, too many requests{wait}"),
            "try again later; `docker login` raises the limit of some registries",
        ),
        _ => (format!("{host} answers {status}{wait}"), "try again later"),
    };
    Trouble::Passing(Failure::new(Kind::Busy, what, help), asked)
}

fn header(response: &Response<Body>, name: &str) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// Between half of it and all, so that many who were turned away together don't come back together.
fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() % 512;
    pause.saturating_mul(512 + u32::try_from(random).unwrap_or(0)) / 1024
}
