//! A registry that does what a test wants, right or wrong.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use hostfit_registry::{Client, Credential, Credentials, Image, Limits, Site};

/// What came in.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A server on a free port of this machine, which lives as long as the test.
pub(crate) struct Server {
    pub(crate) authority: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// `answer` writes what it likes to the connection, for the request of that number, from 0.
    pub(crate) fn start(answer: impl Fn(usize, &Request, &mut TcpStream) + Send + Sync + 'static) -> Self {
        Self::start_on("127.0.0.1", answer)
    }

    pub(crate) fn start_on(ip: &str, answer: impl Fn(usize, &Request, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (seen, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || {
                    let mut stream = stream;
                    let Some(request) = read(&stream) else { return };
                    let number = {
                        let mut seen = seen.lock().unwrap();
                        seen.push(request.clone());
                        seen.len() - 1
                    };
                    answer(number, &request, &mut stream);
                });
            }
        });
        Self { authority, requests }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn image(&self) -> Image {
        image(&self.authority, "7")
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.to_owned(), value.trim().to_owned())),
            None => break,
        }
    }
    let mut request = Request { method, path, headers, body: String::new() };
    let length = request.header("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    reader.take(length).read_to_string(&mut request.body).ok()?;
    Some(request)
}

pub(crate) fn image(registry: &str, reference: &str) -> Image {
    Image { registry: registry.to_owned(), repository: "team/web".to_owned(), reference: reference.to_owned() }
}

/// Writes a whole answer.
pub(crate) fn respond(stream: &mut TcpStream, status: u16, headers: &[(&str, &str)], body: &str) {
    let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for (name, value) in headers {
        head = format!("{head}{name}: {value}\r\n");
    }
    // Who has heard enough goes away.
    let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes());
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
