//! A registry that does what a test wants, right or wrong.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod server;

use std::{net::TcpStream, time::Duration};

use hostfit_registry::{Client, Credential, Credentials, Image, Limits, Site};
pub(crate) use server::{Server, respond};

impl Server {
    pub(crate) fn image(&self) -> Image {
        image(&self.authority, "7")
    }
}

pub(crate) fn image(registry: &str, reference: &str) -> Image {
    Image { registry: registry.to_owned(), repository: "team/web".to_owned(), reference: reference.to_owned() }
}

pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// An index of one Windows image.
pub(crate) fn index() -> String {
    let digest = "0".repeat(64);
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:{digest}","size":1,"platform":{{"os":"windows","architecture":"amd64","os.version":"10.0.20348.2700"}}}}]}}"#
    )
}

pub(crate) fn respond_index(stream: &mut TcpStream) {
    respond(stream, 200, &[("Content-Type", INDEX)], &index());
}

/// Short, so that tests are.
pub(crate) fn limits() -> Limits {
    Limits {
        connect: Duration::from_millis(400),
        answer: Duration::from_millis(400),
        image: Duration::from_secs(4),
        attempts: 3,
        pause: Duration::from_millis(10),
        longest_pause: Duration::from_secs(2),
        ..Limits::default()
    }
}

pub(crate) fn nobody() -> Credentials {
    Credentials::from_lookup(|_| Ok(None))
}

pub(crate) fn anna() -> Credentials {
    Credentials::from_lookup(|_| Ok(Some(Credential::Password { user: "anna".into(), password: "s3cret".into() })))
}

/// `anna:s3cret`, as RFC 7617 has it.
pub(crate) const ANNA: &str = "Basic YW5uYTpzM2NyZXQ=";

pub(crate) fn client(sites: &[(&str, Site)], credentials: Credentials) -> Client {
    let sites = sites.iter().map(|(host, site)| ((*host).to_owned(), site.clone())).collect();
    Client::new(sites, limits(), credentials).unwrap()
}
