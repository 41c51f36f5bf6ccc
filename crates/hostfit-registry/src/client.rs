//! From a name to platforms.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use serde::Deserialize;

use crate::{
    Answer, Image, Limits, Origin, Platform, Site, Trust,
    agents::Agents,
    auth::{Asked, Given, Login},
    credentials::Credentials,
    digest,
    failure::{Failure, Kind, shown},
    http::{Deadline, Http, Question, Reply},
    manifest::{self, ACCEPT, Document, Entry},
    queue,
    url::{Url, is_loopback},
};

/// A manifest is some kilobytes; registries take none of more than this.
const MAX_MANIFEST: u64 = 4 * 1024 * 1024;
/// A configuration with a long history is some ten kilobytes.
const MAX_CONFIG: u64 = 8 * 1024 * 1024;
/// An index that leaves its platforms to its images, or to other indexes, costs so many questions at most.
const MAX_QUESTIONS: usize = 40;
/// How deep indexes stand in indexes.
const MAX_DEPTH: usize = 3;

/// Asks registries.
pub struct Client {
    http: Http,
    sites: BTreeMap<String, Site>,
    limits: Limits,
    credentials: Credentials,
    /// The credentials that were looked for, by registry.
    logins: Mutex<HashMap<String, Login>>,
    /// What `Authorization` was taken, by authority and repository.
    authorized: Mutex<HashMap<(String, String), Given>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("sites", &self.sites).finish_non_exhaustive()
    }
}

/// Where an image is asked for.
struct Target<'a> {
    image: &'a Image,
    /// What its credentials are called by: the registry, or its mirror.
    registry: String,
    /// Whom to ask.
    authority: String,
    is_https: bool,
    repository: String,
    /// Whether a repository says how to talk with the registry: then nobody's credentials go there.
    is_anonymous: bool,
    trust: Trust,
    deadline: Deadline,
    questions: usize,
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<OneError>,
}

#[derive(Deserialize)]
struct OneError {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

impl Client {
    /// `sites` says how to talk with some hosts, by host and port.
    ///
    /// # Errors
    /// When the certificates of a site can't be taken.
    pub fn new(sites: BTreeMap<String, Site>, limits: Limits, credentials: Credentials) -> Result<Self, Failure> {
        let agents = Agents::new(&sites, limits)?;
        let plain = sites.iter().filter(|(_, site)| site.plain_http == Some(true));
        let plain = plain.map(|(host, site)| (host.clone(), site.origin));
        let http = Http::new(agents, limits, plain.collect());
        Ok(Self { http, sites, limits, credentials, logins: Mutex::default(), authorized: Mutex::default() })
    }

    /// What the registry says of one image.
    ///
    /// # Errors
    /// When it can't be asked, or says nothing that can be taken.
    pub fn ask(&self, image: &Image) -> Result<Answer, Failure> {
        let mut target = self.target(image);
        let (reply, digest) = self.manifest(&mut target, &image.reference)?;
        let document = document(&reply)?;
        let (media_type, platforms) = match document {
            Document::Manifest(media_type, config) => (media_type, vec![self.config(&mut target, &config)?]),
            Document::Index(media_type, entries) => (media_type, self.platforms(&mut target, entries, 1)?),
        };
        Ok(Answer { digest, media_type, platforms })
    }

    /// What the registries say of all of them, several at a time; `done` is called after each.
    pub fn ask_all(&self, images: &[Image], done: impl Fn() + Sync) -> Vec<Result<Answer, Failure>> {
        let limits = (self.limits.at_once, self.limits.at_once_per_registry);
        queue::run(
            images,
            |image| self.target(image).authority,
            limits,
            |image| {
                let answer = self.ask(image);
                done();
                answer
            },
        )
    }

    /// Where to ask for an image: as the repository says only where the user has no credentials for the registry.
    fn target<'a>(&self, image: &'a Image) -> Target<'a> {
        let (target, is_redirected) = self.route(image, Trust::All);
        if !is_redirected {
            return target;
        }
        match self.login(&image.registry) {
            Ok(Some(_)) => self.route(image, Trust::User).0,
            _ => Target { is_anonymous: true, ..target },
        }
    }

    /// Where to ask if these count, and whether that is as a repository says.
    fn route<'a>(&self, image: &'a Image, trust: Trust) -> (Target<'a>, bool) {
        let counts = |site: &&Site| trust == Trust::All || site.origin == Origin::User;
        let own = self.sites.get(&image.registry).filter(counts);
        let mirror = own.and_then(|site| site.mirror.as_deref());
        let (registry, repository) = match mirror.map(|it| it.split_once('/').unwrap_or((it, ""))) {
            Some((host, "")) => (host.to_owned(), image.repository.clone()),
            Some((host, prefix)) => (host.to_owned(), format!("{}/{}", prefix.trim_matches('/'), image.repository)),
            None => (image.registry.clone(), image.repository.clone()),
        };
        // The name of Docker Hub is not that of its registry.
        let authority = if registry == "docker.io" { "registry-1.docker.io".to_owned() } else { registry.clone() };
        let site = self.sites.get(&authority).filter(counts);
        let has_ca = site.is_some_and(|site| site.ca.is_some());
        let plain = site.and_then(|site| site.plain_http).unwrap_or(is_loopback(&authority) && !has_ca);
        let is_redirected = own.into_iter().chain(site).any(Site::is_redirected);
        let deadline = Deadline(Instant::now() + self.limits.image);
        let is_https = !plain;
        let (is_anonymous, questions) = (false, 0);
        let target =
            Target { image, registry, authority, is_https, repository, is_anonymous, trust, deadline, questions };
        (target, is_redirected)
    }

    /// The credential of a registry, looked for once.
    fn login(&self, registry: &str) -> Login {
        let mut logins = self.logins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(login) = logins.get(registry) {
            return login.clone();
        }
        let login = self.credentials.of(registry);
        logins.insert(registry.to_owned(), login.clone());
        login
    }

    /// A manifest or index and its digest, which is true of its bytes.
    fn manifest(&self, target: &mut Target, reference: &str) -> Result<(Reply, String), Failure> {
        let path = format!("/v2/{}/manifests/{reference}", target.repository);
        let reply = self.get(target, path, ACCEPT, MAX_MANIFEST)?;
        let wanted = manifest::is_digest(reference).then_some(reference);
        let mut digest = wanted.map_or_else(|| digest::sha256(&reply.body), str::to_owned);
        for stated in wanted.into_iter().chain(reply.digest.as_deref()) {
            match digest::holds(stated, &reply.body) {
                Some(true) if wanted.is_none() => stated.clone_into(&mut digest),
                Some(true) => {}
                Some(false) => return Err(forged(&reply.url.authority, stated)),
                None => {
                    let what = format!("`{}`, which is not a digest", shown(stated));
                    return Err(Failure::invalid(&reply.url.authority, what));
                }
            }
        }
        Ok((reply, digest))
    }

    /// The platform that the configuration of an image names.
    fn config(&self, target: &mut Target, digest: &str) -> Result<Platform, Failure> {
        let path = format!("/v2/{}/blobs/{digest}", target.repository);
        let reply = self.get(target, path, "*/*", MAX_CONFIG)?;
        if digest::holds(digest, &reply.body) != Some(true) {
            return Err(forged(&reply.url.authority, digest));
        }
        manifest::platform_of_config(&reply.body).map_err(|what| Failure::invalid(&reply.url.authority, shown(&what)))
    }

    fn platforms(&self, target: &mut Target, entries: Vec<Entry>, depth: usize) -> Result<Vec<Platform>, Failure> {
        let mut platforms = Vec::new();
        for entry in entries {
            let is_given = |it: &Platform| it.os != "windows" || it.os_version.is_some();
            match entry.platform {
                Some(platform) if !entry.is_index && is_given(&platform) => platforms.push(platform),
                _ => platforms.extend(self.followed(target, &entry, depth)?),
            }
        }
        Ok(platforms)
    }

    /// What an index does not say of an image in it.
    fn followed(&self, target: &mut Target, entry: &Entry, depth: usize) -> Result<Vec<Platform>, Failure> {
        if depth >= MAX_DEPTH {
            return Err(Failure::invalid(&target.authority, "indexes in indexes in indexes"));
        }
        let (reply, _) = self.manifest(target, &entry.digest)?;
        match document(&reply)? {
            Document::Index(_, entries) => self.platforms(target, entries, depth + 1),
            Document::Manifest(_, config) => Ok(vec![self.config(target, &config)?]),
        }
    }

    /// Asks the registry, and logs in where it wants that.
    fn get(&self, target: &mut Target, path: String, accept: &str, max_bytes: u64) -> Result<Reply, Failure> {
        target.questions += 1;
        if target.questions > MAX_QUESTIONS {
            let what = format!("an index of more than {MAX_QUESTIONS} images without platforms");
            return Err(Failure::invalid(&target.authority, what));
        }
        let url = Url { is_https: target.is_https, authority: target.authority.clone(), path };
        if !url.is_https && !self.http.may_be_plain(&url.authority, target.trust) {
            let what = format!("{} is not an address of this machine", url.authority);
            return Err(Failure::new(
                Kind::Unsafe,
                what,
                "hostfit uses plain HTTP only with addresses of this machine",
            ));
        }
        let key = (target.authority.clone(), target.repository.clone());
        let lock = || self.authorized.lock().unwrap_or_else(PoisonError::into_inner);
        let mut given = lock().get(&key).cloned();
        let mut logged_in = false;
        loop {
            let (authorization, trust) = match &given {
                Some((authorization, trust)) => (Some(authorization.as_str()), *trust),
                None => (None, Trust::All),
            };
            let trust = if target.trust == Trust::User { Trust::User } else { trust };
            let question = Question { url: &url, accept, authorization, form: None, max_bytes, trust };
            let reply = self.http.ask(&question, target.deadline)?;
            // Only the registry itself may ask who is there, not whom it redirects to.
            if reply.status != 401 || logged_in || !reply.url.same_origin(&url) {
                return checked(reply, target);
            }
            let login = if target.is_anonymous { Ok(None) } else { self.login(&target.registry) };
            let asked = Asked {
                http: &self.http,
                login: &login,
                is_anonymous: target.is_anonymous,
                registry: &target.registry,
                repository: &target.repository,
                reply: &reply,
                deadline: target.deadline,
            };
            let answer = asked.answer()?;
            lock().insert(key.clone(), answer.clone());
            given = Some(answer);
            logged_in = true;
        }
    }
}

fn document(reply: &Reply) -> Result<Document, Failure> {
    manifest::document(&reply.body, &reply.media_type)
        .map_err(|what| Failure::invalid(&reply.url.authority, shown(&what)))
}

fn forged(host: &str, digest: &str) -> Failure {
    let what = format!("{host} sends something else than {digest}");
    Failure::new(
        Kind::Invalid,
        what,
        "pull it by hand to see what is there; a proxy or the registry changes what it sends",
    )
}

/// The reply, unless it is an error.
fn checked(reply: Reply, target: &Target) -> Result<Reply, Failure> {
    let host = &reply.url.authority;
    let said = serde_json::from_slice::<Errors>(&reply.body).ok().and_then(|it| it.errors.into_iter().next());
    let words = said.map(|it| if it.message.is_empty() { it.code } else { it.message }).filter(|it| !it.is_empty());
    let said = words.map(|it| format!(" ({})", shown(&it))).unwrap_or_default();
    let login = || format!("see whether its name is right, and log in: `docker login {}`", target.registry);
    let Image { repository, reference, .. } = target.image;
    match reply.status {
        200 => Ok(reply),
        401 | 403 => Err(Failure::new(Kind::Denied, format!("{host} does not show it{said}"), login())),
        404 => {
            let what = format!("{host} has no {repository} {reference}{said}");
            Err(Failure::new(Kind::NotFound, what, login()))
        }
        400 if !reply.url.is_https => {
            let help = format!(
                "if it uses HTTPS, say so: `plain-http = false` under [registry.\"{host}\"] of hostfit.toml, with `ca` for a \
                 certificate of your own"
            );
            Err(Failure::new(Kind::Invalid, format!("{host} answers 400 to plain HTTP{said}"), help))
        }
        status => Err(Failure::invalid(host, format!("status {status}{said}"))),
    }
}
