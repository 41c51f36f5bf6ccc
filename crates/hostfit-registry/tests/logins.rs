//! Who is told what: logins, tokens, redirects.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use common::{ANNA, Server, anna, client, image, nobody, respond, respond_index, server::Request};
use hostfit_registry::{Answer, Credential, Credentials, Failure, Kind, Origin, Site};

fn ask(server: &Server) -> Result<Answer, Failure> {
    client(&[], nobody()).ask(&server.image())
}

/// The failure of a server that answers so; how often it was asked.
fn failure(server: &Server) -> (Failure, usize) {
    (ask(server).expect_err("it fails"), server.requests().len())
}

#[test]
fn a_redirect_is_followed_and_another_host_learns_no_secret() {
    let blobs = Server::start_on("127.0.0.2", |_, _, stream| respond_index(stream));
    let to = format!("http://{}/blob?signature=1", blobs.authority);
    let server = Server::start(move |number, request, stream| match number {
        0 => respond(stream, 401, &[("WWW-Authenticate", "Basic realm=x")], ""),
        1 if request.header("authorization") == Some(ANNA) => {
            respond(stream, 302, &[("Location", "/v2/team/web/manifests/here")], "");
        }
        2 if request.header("authorization") == Some(ANNA) => respond(stream, 307, &[("Location", &to)], ""),
        _ => respond(stream, 403, &[], ""),
    });
    client(&[], anna()).ask(&server.image()).unwrap();
    let there = blobs.requests();
    assert_eq!(there.len(), 1);
    assert_eq!(there[0].path, "/blob?signature=1");
    assert_eq!(there[0].header("authorization"), None);
}

#[test]
fn whom_a_registry_redirects_to_can_not_ask_for_the_password() {
    let evil = Server::start_on("127.0.0.2", |_, _, stream| {
        respond(stream, 401, &[("WWW-Authenticate", "Basic realm=x")], "");
    });
    let to = format!("http://{}/", evil.authority);
    let server = Server::start(move |_, _, stream| respond(stream, 307, &[("Location", &to)], ""));
    let failure = client(&[], anna()).ask(&server.image()).unwrap_err();
    assert_eq!(failure.kind, Kind::Denied, "{failure}");
    let there = evil.requests();
    assert_eq!(there.len(), 1);
    assert_eq!(there[0].header("authorization"), None);
}

#[test]
fn plain_http_goes_to_this_machine_alone() {
    let server =
        Server::start(|_, _, stream| respond(stream, 302, &[("Location", "http://registry.contoso.com/")], ""));
    let (failure, _) = failure(&server);
    assert_eq!(failure.kind, Kind::Unsafe, "{failure}");
    let server = Server::start(|_, _, stream| {
        respond(stream, 401, &[("WWW-Authenticate", r#"Bearer realm="http://auth.contoso.com/token""#)], "");
    });
    let failure = ask(&server).unwrap_err();
    assert_eq!(failure.kind, Kind::Unsafe, "{failure}");
}

/// A registry with a token service beside it, as distribution's specification has them.
fn with_tokens(expected: &'static str, says: u16, token: &'static str) -> (Server, Server) {
    let service = Server::start_on("127.0.0.3", move |_, request, stream| {
        let right = match request.method.as_str() {
            "POST" => {
                request.body.contains("refresh_token=r3fresh") && request.body.contains("grant_type=refresh_token")
            }
            _ => request.header("authorization").unwrap_or_default() == expected,
        };
        respond(stream, if right { says } else { 401 }, &[("Content-Type", "application/json")], token);
    });
    let challenge = format!(
        r#"Bearer realm="http://{}/token?a=b",service="r e",scope="repository:team/web:pull""#,
        service.authority
    );
    let server = Server::start(move |_, request: &Request, stream| match request.header("authorization") {
        Some("Bearer t0ken") => respond_index(stream),
        _ => respond(stream, 401, &[("WWW-Authenticate", &challenge)], ""),
    });
    (server, service)
}

#[test]
fn a_token_is_fetched_once_and_used() {
    let (server, service) = with_tokens("", 200, r#"{"token":"t0ken","expires_in":300}"#);
    let client = client(&[], nobody());
    client.ask(&server.image()).unwrap();
    client.ask(&image(&server.authority, "8")).unwrap();
    let asked = service.requests();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].path, "/token?a=b&service=r%20e&scope=repository:team/web:pull");
    assert_eq!(server.requests().len(), 3, "one without the token, two with it");
}

#[test]
fn a_token_is_fetched_with_a_password_or_a_refresh_token() {
    let (server, service) = with_tokens(ANNA, 200, r#"{"access_token":"t0ken"}"#);
    client(&[], anna()).ask(&server.image()).unwrap();
    assert_eq!(service.requests()[0].method, "GET");
    assert!(server.requests().iter().all(|it| it.header("authorization") != Some(ANNA)));

    let (server, service) = with_tokens("never", 200, r#"{"access_token":"t0ken"}"#);
    let identity = Credentials::from_lookup(|_| Ok(Some(Credential::Token("r3fresh".into()))));
    client(&[], identity).ask(&server.image()).unwrap();
    assert_eq!(service.requests()[0].method, "POST");
}

#[test]
fn a_token_that_is_not_given_is_said_to_be() {
    let (server, _service) = with_tokens("never", 200, "{}");
    let failure = client(&[], anna()).ask(&server.image()).unwrap_err();
    assert_eq!(failure.kind, Kind::Denied);
    assert!(failure.what.contains("refuses the login") && failure.help.contains("docker login"), "{failure}");
    assert!(!failure.to_string().contains("s3cret"), "{failure}");

    let broken_helper = Credentials::from_lookup(|_| Err("`docker-credential-x` failed".into()));
    let (server, _service) = with_tokens("never", 200, "{}");
    let failure = client(&[], broken_helper).ask(&server.image()).unwrap_err();
    assert!(failure.what.contains("docker-credential-x"), "{failure}");

    for (status, body) in [(200, "{}"), (200, "no"), (200, r#"{"token":"a\r\nb"}"#), (404, "")] {
        let (server, _service) = with_tokens("", status, body);
        let failure = ask(&server).unwrap_err();
        assert_eq!(failure.kind, Kind::Invalid, "{status} {body}: {failure}");
    }
    // One that is given and not taken is no reason to go round and round.
    let (server, service) = with_tokens("", 200, r#"{"token":"other"}"#);
    assert_eq!(ask(&server).unwrap_err().kind, Kind::Denied);
    assert_eq!((server.requests().len(), service.requests().len()), (2, 1));
}

#[test]
fn a_login_that_is_wrong_or_missing_is_said_to_be() {
    let server = Server::start(|_, _, stream| respond(stream, 401, &[("WWW-Authenticate", "Basic realm=x")], ""));
    let (failure, asked) = failure(&server);
    assert_eq!((failure.kind, asked), (Kind::Denied, 1));
    let failure = client(&[], anna()).ask(&server.image()).unwrap_err();
    assert_eq!(failure.kind, Kind::Denied);
    assert_eq!(server.requests().len(), 3);
}

/// A registry that a repository names as the mirror of another, and who is logged in to which of them.
fn mirrored(
    origin: Origin,
    logged_in: impl Fn(&str) -> bool + Send + Sync + 'static,
) -> (Server, Result<Answer, Failure>) {
    let mirror = Server::start(|_, request, stream| match request.header("authorization") {
        Some(ANNA) => respond_index(stream),
        _ => respond(stream, 401, &[("WWW-Authenticate", "Basic realm=x")], ""),
    });
    let site = Site { mirror: Some(mirror.authority.clone()), origin, ..Site::default() };
    let anna = Credential::Password { user: "anna".into(), password: "s3cret".into() };
    let credentials = Credentials::from_lookup(move |registry| Ok(logged_in(registry).then(|| anna.clone())));
    let client = client(&[("registry.contoso.invalid", site)], credentials);
    let answer = client.ask(&image("registry.contoso.invalid", "7"));
    (mirror, answer)
}

#[test]
fn where_a_repository_leads_no_credentials_go() {
    let (mirror, answer) = mirrored(Origin::Repository, |registry| registry != "registry.contoso.invalid");
    let failure = answer.unwrap_err();
    assert_eq!(failure.kind, Kind::Denied, "{failure}");
    assert!(failure.help.contains("your own config.toml"), "{failure}");
    assert!(mirror.requests().iter().all(|it| it.header("authorization").is_none()));
    // What the user says of it counts.
    let (_mirror, answer) = mirrored(Origin::User, |registry| registry != "registry.contoso.invalid");
    answer.unwrap();
}

#[test]
fn a_registry_that_one_is_logged_in_to_is_asked_itself() {
    let (mirror, answer) = mirrored(Origin::Repository, |registry| registry == "registry.contoso.invalid");
    assert_eq!(answer.unwrap_err().kind, Kind::Unreachable);
    assert_eq!(mirror.requests().len(), 0);
}

#[test]
fn a_login_is_looked_for_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let credentials = Credentials::from_lookup(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(None)
    });
    let server = Server::start(|_, _, stream| respond(stream, 401, &[("WWW-Authenticate", "Basic realm=x")], ""));
    let client = client(&[], credentials);
    for tag in ["7", "8", "9"] {
        client.ask(&image(&server.authority, tag)).unwrap_err();
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}
