//! Messages on pipes: each is a header with its length, a blank line and JSON.
//!
//! What is not a message is answered, not taken for the end: of `lsp-server` come the types of messages only, since its
//! reader gives up there, and since each of its threads between the pipes and the server costs time at every keystroke.

#[cfg(unix)]
use std::os::fd::AsFd as _;
#[cfg(windows)]
use std::os::windows::io::AsHandle as _;
use std::{
    fs::File,
    io::{self, BufRead, Read as _, Write},
};

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response, ResponseError};
use serde::Deserialize;
use serde_json::Value;

/// What came in.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A message.
    Message(Message),
    /// Something else: which request it may have been, and what is wrong with it.
    Malformed(Option<RequestId>, ErrorCode, String),
}

/// A longer message nobody sends: the longest files that are read have 8 MiB.
const MAX_LENGTH: usize = 256 * 1024 * 1024;

/// A longer line is not a header.
const MAX_HEADER: u64 = 4096;

/// The messages of a pipe, to its end: also where nobody can tell any more where the next one begins.
pub(crate) fn incoming(mut pipe: impl BufRead) -> impl Iterator<Item = Incoming> {
    let mut is_over = false;
    std::iter::from_fn(move || {
        if is_over {
            return None;
        }
        match frame(&mut pipe) {
            Ok(Some(body)) => Some(parse(&body)),
            Ok(None) => None,
            Err(error) => {
                is_over = true;
                let is_end = error.kind() == io::ErrorKind::UnexpectedEof;
                (!is_end).then(|| Incoming::Malformed(None, ErrorCode::ParseError, error.to_string()))
            }
        }
    })
}

/// The next body; none at the end of the pipe.
fn frame(pipe: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if pipe.by_ref().take(MAX_HEADER).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(io::Error::other("a header line has no colon"));
        };
        if name.trim().eq_ignore_ascii_case("Content-Length") {
            length = value.trim().parse::<usize>().ok();
        }
    }
    let Some(length) = length.filter(|length| *length <= MAX_LENGTH) else {
        return Err(io::Error::other("a header has no usable Content-Length"));
    };
    let mut body = Vec::new();
    pipe.by_ref().take(length as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(body))
}

/// All that a message may have.
#[derive(Deserialize)]
struct Any {
    #[serde(default)]
    id: Value,
    method: Option<String>,
    #[serde(default)]
    params: Value,
    #[serde(default)]
    result: Value,
    error: Option<ResponseError>,
}

fn parse(body: &[u8]) -> Incoming {
    let any: Any = match serde_json::from_slice(body) {
        Ok(any) => any,
        Err(error) if error.is_data() => {
            return Incoming::Malformed(None, ErrorCode::InvalidRequest, format!("no message: {error}"));
        }
        Err(error) => return Incoming::Malformed(None, ErrorCode::ParseError, format!("no JSON: {error}")),
    };
    let Any { id, method, params, result, error } = any;
    let is_absent = id.is_null();
    let id: Option<RequestId> = serde_json::from_value(id).ok();
    match (id, method) {
        (Some(id), Some(method)) => Incoming::Message(Request { id, method, params }.into()),
        (None, Some(method)) if is_absent => Incoming::Message(Notification { method, params }.into()),
        (Some(id), None) => Incoming::Message(Response { id, response_result: error.map_or(Ok(result), Err) }.into()),
        (id, _) => Incoming::Malformed(id, ErrorCode::InvalidRequest, "no message: it has no method".to_owned()),
    }
}

/// The program's stdout without the standard library's buffer, which would hand on a message in two parts, at its header.
///
/// # Errors
/// When there is none.
pub(crate) fn stdout() -> io::Result<File> {
    #[cfg(unix)]
    let own = io::stdout().as_fd().try_clone_to_owned();
    #[cfg(windows)]
    let own = io::stdout().as_handle().try_clone_to_owned();
    own.map(File::from)
}

/// Writes a message, at once.
///
/// # Errors
/// When nobody reads any more.
pub(crate) fn write(pipe: &mut impl Write, body: &str) -> io::Result<()> {
    // In one piece: a client may read as soon as something is there.
    pipe.write_all(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes())?;
    pipe.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pipe: &str) -> Vec<String> {
        let outcome = |it: Incoming| match it {
            Incoming::Message(message) => serde_json::to_string(&message).unwrap(),
            Incoming::Malformed(id, code, _) => {
                format!("{} {}", id.map_or("-".to_owned(), |id| id.to_string()), code as i32)
            }
        };
        incoming(pipe.as_bytes()).map(outcome).collect()
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn messages_are_read_whatever_their_headers() {
        let exit = r#"{"jsonrpc":"2.0","method":"exit"}"#;
        let exit_body = r#"{"method":"exit"}"#;
        for headers in
            ["Content-Length: 33", "content-length:33", "Content-Type: x; charset=utf-8\r\nContent-Length: 33"]
        {
            assert_eq!(read(&format!("{headers}\r\n\r\n{exit}")), [exit_body], "{headers}");
        }
        assert_eq!(read(&format!("Content-Length: 33\n\n{exit}{}", framed(exit))), [exit_body, exit_body]);
    }

    #[test]
    fn what_is_no_message_is_reported_and_the_next_one_read() {
        let exit = r#"{"method":"exit"}"#;
        for (body, expected) in [
            ("", "- -32700"),
            ("{", "- -32700"),
            ("\u{0}", "- -32700"),
            ("[]", "- -32600"),
            ("3", "- -32600"),
            ("{}", "- -32600"),
            (r#"{"id": 7, "method": 3}"#, "- -32600"),
            (r#"{"id": {}, "method": "exit"}"#, "- -32600"),
            (r#"{"id": null, "error": {"code": -32700, "message": "x"}}"#, "- -32600"),
        ] {
            assert_eq!(read(&(framed(body) + &framed(exit))), [expected, exit], "{body}");
        }
        let bytes = [b"Content-Length: 2\r\n\r\n\xff\xff".as_slice(), framed(exit).as_bytes()].concat();
        assert_eq!(incoming(bytes.as_slice()).count(), 2);
    }

    #[test]
    fn where_no_message_can_be_found_any_more_is_the_end() {
        for pipe in
            ["nonsense\r\n\r\n{}", "Content-Length: x\r\n\r\n{}", "Content-Length: 99999999999999\r\n\r\n", "\r\n"]
        {
            assert_eq!(read(&format!("{pipe}{}", framed("{}"))), ["- -32700"], "{pipe}");
        }
        for cut in ["", "Content", "Content-Length: 9\r\n", "Content-Length: 9\r\n\r\n{}"] {
            let read = read(cut);
            assert!(read.len() <= 1, "{cut}: {read:?}");
        }
    }
}
