//! Connections: which certificates are trusted, and which proxy is asked.

use std::{
    collections::BTreeMap,
    env,
    sync::{Arc, OnceLock},
};

use ureq::{
    Agent, Proxy,
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};

use crate::{
    Limits, Origin, Site, Trust,
    failure::{Failure, Kind},
    url::{Url, is_loopback},
};

/// What a registry needs; a header that is longer is nobody's.
const MAX_HEADER: usize = 32 * 1024;

/// One agent for each set of certificates.
pub(crate) struct Agents {
    limits: Limits,
    /// By authority: those of sites with certificates of their own.
    own: BTreeMap<String, (Origin, Agent)>,
    /// For all others, far away and on this machine, which no proxy reaches; made when they are needed, since the
    /// certificates of the system take a while to read.
    system: [OnceLock<Agent>; 2],
    /// The same for plain HTTP.
    plain: [Agent; 2],
    proxy: Option<Proxy>,
}

impl Agents {
    pub(crate) fn new(sites: &BTreeMap<String, Site>, limits: Limits) -> Result<Self, Failure> {
        let proxy = proxy()?;
        let mut own = BTreeMap::new();
        for (authority, site) in sites {
            let Some(pem) = &site.ca else { continue };
            let mut roots = certificates(pem).map_err(|why| {
                Failure::new(
                    Kind::Invalid,
                    format!("the certificates for {authority} cannot be used: {why}"),
                    "give a file of certificates in PEM form",
                )
            })?;
            roots.extend(of_system());
            let agent = agent(&limits, Some(roots), proxy_of(authority, proxy.as_ref()));
            own.insert(authority.clone(), (site.origin, agent));
        }
        let plain = [agent(&limits, None, proxy.clone()), agent(&limits, None, None)];
        Ok(Self { limits, own, system: Default::default(), plain, proxy })
    }

    pub(crate) fn of(&self, url: &Url, trust: Trust) -> &Agent {
        let is_local = is_loopback(&url.authority);
        let ([far, near], [plain_far, plain_near]) = (&self.system, &self.plain);
        let counts = |origin: &Origin| trust == Trust::All || *origin == Origin::User;
        match self.own.get(&url.authority).filter(|(origin, _)| counts(origin)) {
            _ if !url.is_https && is_local => plain_near,
            _ if !url.is_https => plain_far,
            Some((_, agent)) => agent,
            None => {
                let system = if is_local { near } else { far };
                system.get_or_init(|| {
                    agent(&self.limits, Some(of_system()), proxy_of(&url.authority, self.proxy.as_ref()))
                })
            }
        }
    }
}

/// The variables that name a proxy, in the order in which they count.
const PROXIES: [&str; 6] = ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/// The proxy that the environment names, with what `NO_PROXY` leaves out.
///
/// # Errors
/// When what it names is not a proxy: to ask without it would tell the network what the user keeps from it.
fn proxy() -> Result<Option<Proxy>, Failure> {
    let set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let Some(name) = PROXIES.into_iter().find(|name| set(name)) else { return Ok(None) };
    let is_known = env::var(name).is_ok_and(|value| Proxy::new(&value).is_ok());
    if let Some(proxy) = Proxy::try_from_env().filter(|_| is_known) {
        return Ok(Some(proxy));
    }
    let help = "name it as in `http://proxy.contoso.com:3128` or `socks5://127.0.0.1:1080`";
    Err(Failure::new(Kind::Invalid, format!("{name} does not name a proxy that hostfit knows"), help))
}

/// No proxy reaches this machine.
fn proxy_of(authority: &str, proxy: Option<&Proxy>) -> Option<Proxy> {
    proxy.filter(|_| !is_loopback(authority)).cloned()
}

fn agent(limits: &Limits, roots: Option<Vec<Certificate<'static>>>, proxy: Option<Proxy>) -> Agent {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        // Whom to follow, and what to tell there, is decided here.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(limits.connect))
        .max_response_header_size(MAX_HEADER)
        .max_idle_connections_per_host(limits.at_once_per_registry)
        .user_agent(concat!("hostfit/", env!("CARGO_PKG_VERSION")))
        .proxy(proxy);
    if let Some(roots) = roots {
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(RootCerts::new_with_certs(&roots));
        config = config.tls_config(tls.build());
    }
    config.build().new_agent()
}

/// The certificates that this machine trusts; those that can't be read are not among them.
fn of_system() -> Vec<Certificate<'static>> {
    let found = rustls_native_certs::load_native_certs().certs;
    found.iter().map(|it| Certificate::from_der(it.as_ref()).to_owned()).collect()
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, String> {
    let mut found = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| error.to_string())? {
            found.push(certificate);
        }
    }
    if found.is_empty() { Err("there is none in it".to_owned()) } else { Ok(found) }
}
