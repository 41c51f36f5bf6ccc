//! What registries and networks do to those who ask.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod common;

use std::{
    io::Write,
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use common::{INDEX, Server, client, image, index, limits, nobody, respond, respond_index};
use hostfit_registry::{Answer, Client, Failure, Kind, Platform, Site};

fn ask(server: &Server) -> Result<Answer, Failure> {
    client(&[], nobody()).ask(&server.image())
}

fn always(status: u16, headers: &'static [(&str, &str)], body: &'static str) -> Server {
    Server::start(move |_, _, stream| respond(stream, status, headers, body))
}

/// The failure of a server that answers so; how often it was asked.
fn failure(server: &Server) -> (Failure, usize) {
    let failure = ask(server).expect_err("it fails");
    assert!(!failure.help.is_empty() && failure.what.contains(&server.authority), "{failure}");
    (failure, server.requests().len())
}

#[test]
fn a_good_answer_is_taken() {
    let server = Server::start(|_, _, stream| respond_index(stream));
    let answer = ask(&server).unwrap();
    assert_eq!(answer.media_type, INDEX);
    let windows =
        Platform { os: "windows".into(), architecture: "amd64".into(), os_version: Some("10.0.20348.2700".into()) };
    assert_eq!(answer.platforms, [windows]);
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!((requests[0].method.as_str(), requests[0].path.as_str()), ("GET", "/v2/team/web/manifests/7"));
    let accept = requests[0].header("accept").unwrap();
    for kind in [
        INDEX,
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ] {
        assert!(accept.contains(kind), "{accept}");
    }
    assert_eq!(requests[0].header("authorization"), None);
}

#[test]
fn a_closed_port_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    drop(listener);
    let failure = client(&[], nobody()).ask(&image(&authority, "7")).unwrap_err();
    assert_eq!(failure.kind, Kind::Unreachable, "{failure}");
    assert!(failure.what.contains(&authority), "{failure}");
}

#[test]
fn who_never_answers_is_not_waited_for() {
    let server = Server::start(|_, _, _| thread::sleep(Duration::from_secs(20)));
    let start = Instant::now();
    let (failure, asked) = failure(&server);
    assert_eq!((failure.kind, asked), (Kind::Unreachable, 1), "{failure}");
    assert!(failure.what.contains("in time"), "{failure}");
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn who_dribbles_is_not_waited_for() {
    for head in [true, false] {
        let server = Server::start(move |_, _, stream| {
            if !head {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            }
            for _ in 0..200 {
                thread::sleep(Duration::from_millis(100));
                if stream.write_all(if head { b"H" } else { b" " }).is_err() {
                    return;
                }
            }
        });
        let start = Instant::now();
        let failure = ask(&server).unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
        assert!(matches!(failure.kind, Kind::Unreachable | Kind::Invalid), "{failure}");
    }
}

#[test]
fn an_unknown_image_differs_from_one_that_is_not_shown() {
    let unknown = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
    let (failure_404, asked) = failure(&always(404, &[], unknown));
    assert_eq!((failure_404.kind, asked), (Kind::NotFound, 1));
    assert!(failure_404.what.contains("team/web 7") && failure_404.what.contains("manifest unknown"), "{failure_404}");
    let (failure_403, asked) = failure(&always(403, &[], r#"{"errors":[{"code":"DENIED"}]}"#));
    assert_eq!((failure_403.kind, asked), (Kind::Denied, 1));
    assert!(failure_403.what.contains("DENIED") && failure_403.help.contains("docker login 127."), "{failure_403}");
    let (failure_401, asked) = failure(&always(401, &[], ""));
    assert_eq!((failure_401.kind, asked), (Kind::Denied, 1));
    assert!(failure_401.what.contains("does not say how to log in"), "{failure_401}");
}

#[test]
fn what_passes_is_asked_again_and_what_lasts_is_given_up() {
    let server = Server::start(|number, _, stream| match number {
        0 => respond(stream, 500, &[], ""),
        1 => respond(stream, 503, &[], ""),
        _ => respond_index(stream),
    });
    ask(&server).unwrap();
    assert_eq!(server.requests().len(), 3);

    for status in [429, 500, 502, 503, 504] {
        let server = Server::start(move |_, _, stream| respond(stream, status, &[], ""));
        let (failure, asked) = failure(&server);
        assert_eq!((failure.kind, asked), (Kind::Busy, 3), "{failure}");
        assert!(failure.what.contains(&status.to_string()), "{failure}");
    }
}

#[test]
fn a_registry_that_asks_to_wait_is_waited_for_but_not_for_long() {
    let server = Server::start(|number, _, stream| match number {
        0 => respond(stream, 429, &[("Retry-After", "1")], ""),
        _ => respond_index(stream),
    });
    let start = Instant::now();
    ask(&server).unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());

    let start = Instant::now();
    let (failure, asked) = failure(&always(429, &[("Retry-After", "3600")], ""));
    assert_eq!((failure.kind, asked), (Kind::Busy, 1));
    assert!(failure.what.contains("wait 3600 s"), "{failure}");
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_connection_that_breaks_is_tried_again() {
    let cut_body = |stream: &mut TcpStream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"schemaVersion\":2,");
    };
    let server = Server::start(move |number, _, stream| match number {
        // Before a byte, in the middle of the header, in the middle of the body.
        0 => {}
        1 => cut_body(stream),
        _ => respond_index(stream),
    });
    ask(&server).unwrap();
    assert_eq!(server.requests().len(), 3);

    let server = Server::start(move |_, _, stream| cut_body(stream));
    let (failure, asked) = failure(&server);
    assert_eq!((failure.kind, asked), (Kind::Unreachable, 3), "{failure}");
}

#[test]
fn nonsense_is_no_answer() {
    let config = r#""config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:00"}"#;
    let helm = format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"sha256:{}"}},"layers":[]}}"#,
        "0".repeat(64)
    );
    let manifest = "application/vnd.oci.image.manifest.v1+json";
    let table: Vec<(&str, String, &str)> = vec![
        (INDEX, "{\"schemaVersion\":2,".to_owned(), "cannot be read"),
        (INDEX, "[]".to_owned(), "cannot be read"),
        (INDEX, "\u{0}\u{1}".to_owned(), "cannot be read"),
        (INDEX, "{}".to_owned(), "neither"),
        (INDEX, r#"{"schemaVersion":1,"name":"a"}"#.to_owned(), "schema 1"),
        (INDEX, format!(r#"{{"schemaVersion":2,"manifests":[],{config}}}"#), "neither"),
        (INDEX, r#"{"schemaVersion":2,"manifests":[],"layers":[]}"#.to_owned(), "neither"),
        (INDEX, index().replace("\"os\":\"windows\"", r#""os":"win\u001b[31mdows""#), "no platform|that is not valid"),
        (INDEX, index().replace("sha256:0", "sha256:zz"), "without a digest"),
        (manifest, index(), "in which it says"),
        (manifest, format!("{{\"schemaVersion\":2,{config}}}"), "without a configuration"),
        (manifest, helm, "not an image"),
        ("text/html", "<html>Log in</html>".to_owned(), "web page"),
        ("application/json", r#"{"schemaVersion":2,"manifests":[]}"#.to_owned(), "not a manifest"),
        ("", String::new(), "cannot be read"),
    ];
    for (media_type, body, expected) in table {
        let sent = body.clone();
        let server = Server::start(move |_, _, stream| respond(stream, 200, &[("Content-Type", media_type)], &sent));
        let (failure, asked) = failure(&server);
        assert_eq!((failure.kind, asked), (Kind::Invalid, 1), "{body}: {failure}");
        assert!(expected.split('|').any(|it| failure.what.contains(it)), "{body}: {failure}");
        assert!(!failure.what.contains('\u{1b}'), "{failure:?}");
    }
    // Some registries forget the type, and the document tells.
    let server = Server::start(|_, _, stream| respond(stream, 200, &[("Content-Type", "application/json")], &index()));
    ask(&server).unwrap();
    for status in [204, 302, 304, 418] {
        let server = Server::start(move |_, _, stream| respond(stream, status, &[], ""));
        assert_eq!(failure(&server).0.kind, Kind::Invalid, "{status}");
    }
}

#[test]
fn a_wrong_digest_is_refused() {
    let wrong = format!("sha256:{}", "a".repeat(64));
    let stated = wrong.clone();
    let server = Server::start(move |_, _, stream| {
        respond(stream, 200, &[("Content-Type", INDEX), ("Docker-Content-Digest", &stated)], &index());
    });
    let (failure, _) = failure(&server);
    assert_eq!(failure.kind, Kind::Invalid);
    assert!(failure.what.contains("something else than"), "{failure}");

    // What was asked for by its digest has to be that, whatever the registry says.
    let server = Server::start(|_, _, stream| respond_index(stream));
    let failure = client(&[], nobody()).ask(&image(&server.authority, &wrong)).unwrap_err();
    assert!(failure.what.contains(&wrong), "{failure}");
    let server = Server::start(|_, _, stream| {
        respond(stream, 200, &[("Content-Type", INDEX), ("Docker-Content-Digest", "md5:0")], &index());
    });
    assert_eq!(ask(&server).unwrap_err().kind, Kind::Invalid);
}

#[test]
fn a_configuration_of_another_digest_is_refused() {
    let manifest = "application/vnd.oci.image.manifest.v1+json";
    let body = format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:{}"}},"layers":[]}}"#,
        "b".repeat(64)
    );
    let server = Server::start(move |_, request, stream| {
        if request.path.contains("/manifests/") {
            respond(stream, 200, &[("Content-Type", manifest)], &body);
        } else {
            respond(stream, 200, &[], r#"{"os":"windows","architecture":"amd64"}"#);
        }
    });
    let (failure, asked) = failure(&server);
    assert_eq!((failure.kind, asked), (Kind::Invalid, 2));
}

#[test]
fn a_body_of_a_gigabyte_is_not_read() {
    const GIGABYTE: u64 = 1024 * 1024 * 1024;
    for stated in [true, false] {
        let sent = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&sent);
        let server = Server::start(move |_, _, stream| {
            let head = if stated { format!("Content-Length: {GIGABYTE}\r\n") } else { String::new() };
            let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{head}\r\n").as_bytes());
            let chunk = vec![b' '; 64 * 1024];
            while counter.load(Ordering::SeqCst) < GIGABYTE && stream.write_all(&chunk).is_ok() {
                counter.fetch_add(chunk.len() as u64, Ordering::SeqCst);
            }
        });
        let (failure, asked) = failure(&server);
        assert_eq!((failure.kind, asked), (Kind::Invalid, 1), "{failure}");
        assert!(failure.what.contains("more than 4 MiB"), "{failure}");
        // What the system holds for the reader comes on top of what was read.
        assert!(sent.load(Ordering::SeqCst) < 32 * 1024 * 1024, "{}", sent.load(Ordering::SeqCst));
    }
}

#[test]
fn a_huge_header_is_refused() {
    let server = Server::start(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        let line = format!("X-Long: {}\r\n", "x".repeat(8000));
        for _ in 0..100_000 {
            if stream.write_all(line.as_bytes()).is_err() {
                return;
            }
        }
    });
    let (failure, asked) = failure(&server);
    assert_eq!(asked, 1);
    assert!(matches!(failure.kind, Kind::Invalid | Kind::Unreachable), "{failure}");
}

#[test]
fn redirects_end() {
    let server = Server::start(|number, _, stream| {
        respond(stream, 307, &[("Location", &format!("/v2/team/web/manifests/{number}"))], "");
    });
    let (failure, asked) = failure(&server);
    assert_eq!((failure.kind, asked), (Kind::Invalid, 6), "{failure}");
    assert!(failure.what.contains("redirects"), "{failure}");
}

#[test]
fn an_index_says_what_its_images_are_or_they_are_asked() {
    let manifest = "application/vnd.oci.image.manifest.v1+json";
    let config = r#"{"os":"windows","architecture":"amd64","os.version":"10.0.17763.6414"}"#;
    let config_digest = sha256sum(config);
    let image = format!(
        r#"{{"schemaVersion":2,"mediaType":"{manifest}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config_digest}"}},"layers":[]}}"#
    );
    let image_digest = sha256sum(&image);
    let inner = format!(
        r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{{"mediaType":"{manifest}","digest":"{image_digest}","platform":{{"os":"windows","architecture":"amd64"}}}},{{"mediaType":"{manifest}","digest":"{image_digest}","platform":{{"os":"unknown","architecture":"unknown"}}}}]}}"#
    );
    let inner_digest = sha256sum(&inner);
    let outer = format!(
        r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{{"mediaType":"{INDEX}","digest":"{inner_digest}"}},{{"mediaType":"{manifest}","digest":"{image_digest}","platform":{{"os":"linux","architecture":"arm64"}}}}]}}"#
    );
    let documents = [
        (format!("/manifests/{inner_digest}"), INDEX, inner),
        (format!("/manifests/{image_digest}"), manifest, image),
        (format!("/blobs/{config_digest}"), "application/octet-stream", config.to_owned()),
        ("/manifests/7".to_owned(), INDEX, outer),
    ];
    let server = Server::start(move |_, request, stream| {
        match documents.iter().find(|(path, ..)| request.path.ends_with(path.as_str())) {
            Some((_, kind, body)) => respond(stream, 200, &[("Content-Type", kind)], body),
            None => respond(stream, 404, &[], ""),
        }
    });
    let platforms: Vec<_> = ask(&server).unwrap().platforms.into_iter().map(|it| (it.os, it.os_version)).collect();
    assert_eq!(platforms, [("windows".to_owned(), Some("10.0.17763.6414".to_owned())), ("linux".to_owned(), None)]);
}

/// By another program than the one under test.
fn sha256sum(text: &str) -> String {
    use std::process::{Command, Stdio};
    let mut child = Command::new("openssl")
        .args(["dgst", "-sha256", "-r"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl");
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    format!("sha256:{}", String::from_utf8_lossy(&output.stdout).split_whitespace().next().unwrap())
}

#[test]
fn an_index_in_itself_ends() {
    // No index can hold its own digest, so a chain that is made up as it is asked for fails for that.
    let server = Server::start(|_, _, stream| {
        let body = index().replace("oci.image.manifest", "oci.image.index").replace("\"platform\"", "\"x\"");
        respond(stream, 200, &[("Content-Type", INDEX)], &body);
    });
    let (failure, asked) = failure(&server);
    assert_eq!((failure.kind, asked), (Kind::Invalid, 2), "{failure}");
}

#[test]
fn a_mirror_is_asked_in_the_place_of_its_registry() {
    let mirror = Server::start(|_, _, stream| respond_index(stream));
    let site = |mirror: String| Site { mirror: Some(mirror), ..Site::default() };
    let by_prefix = client(&[("registry.contoso.com", site(format!("{}/proxy/hub", mirror.authority)))], nobody());
    by_prefix.ask(&image("registry.contoso.com", "7")).unwrap();
    let by_host = client(&[("docker.io", site(mirror.authority.clone()))], nobody());
    by_host.ask(&image("docker.io", "7")).unwrap();
    let paths: Vec<_> = mirror.requests().into_iter().map(|it| it.path).collect();
    assert_eq!(paths, ["/v2/proxy/hub/team/web/manifests/7", "/v2/team/web/manifests/7"]);
}

#[test]
fn one_failure_is_no_failure_of_the_others() {
    let good = Server::start(|_, _, stream| respond_index(stream));
    let bad = always(404, &[], "");
    let images: Vec<_> =
        (0..20).map(|n| image(if n % 2 == 0 { &good.authority } else { &bad.authority }, &n.to_string())).collect();
    let done = AtomicU64::new(0);
    let answers = client(&[], nobody()).ask_all(&images, || _ = done.fetch_add(1, Ordering::SeqCst));
    assert_eq!(done.load(Ordering::SeqCst), 20);
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer.is_ok(), number % 2 == 0, "{number}: {answer:?}");
    }
}

#[test]
fn certificates_that_are_none_are_refused_at_once() {
    for pem in ["", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        let site = Site { ca: Some(pem.as_bytes().to_vec()), ..Site::default() };
        let sites = [("registry.contoso.com".to_owned(), site)].into();
        let failure = Client::new(sites, limits(), nobody()).unwrap_err();
        assert!(failure.what.contains("registry.contoso.com"), "{failure}");
    }
}
