//! A server on loopback that behaves as it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// A request as it came.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    pub(super) line: String,
    /// Names in lower case, in their order.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|header| header.0 == name)
            .map(|header| &*header.1)
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn read(stream: &mut impl Read) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line == "\r\n" {
                break;
            }
            lines.push(line.trim_end().to_owned());
        }
        let headers: Vec<_> = lines[1..]
            .iter()
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|header| header.0 == "content-length");
        let mut body = vec![0; length.map_or(0, |header| header.1.parse().unwrap())];
        reader.read_exact(&mut body).ok()?;
        Some(Self {
            line: lines[0].clone(),
            headers,
            body,
        })
    }
}

/// What to do with a connection once the request has been read.
pub(super) type Reply = Box<dyn FnOnce(&mut TcpStream) + Send>;

/// Bytes, and then the end.
pub(super) fn bytes(text: impl Into<Vec<u8>>) -> Reply {
    let text = text.into();
    Box::new(move |stream| {
        // The client may not want all.
        let _ = stream.write_all(&text);
    })
}

/// An answer with this status line, further headers and body.
pub(super) fn answer(status: &str, headers: &str, body: &str) -> Reply {
    bytes(format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    ))
}

/// Bytes, then one more again and again until the client has had enough.
pub(super) fn drip(text: &'static str, more: u8) -> Reply {
    Box::new(move |stream| {
        let _ = stream.write_all(text.as_bytes());
        while stream.write_all(&[more]).is_ok() {
            std::thread::sleep(Duration::from_millis(5));
        }
    })
}

/// Nothing, until the client has had enough.
pub(super) fn hang() -> Reply {
    Box::new(|stream| {
        let _ = stream.read(&mut [0]);
    })
}

/// A server that replies to one connection after another, each in its way.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    requests: Receiver<Request>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn new(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = channel();
        let thread = std::thread::spawn(move || {
            for reply in replies {
                let (mut stream, _) = listener.accept().unwrap();
                if let Some(request) = Request::read(&mut stream) {
                    let _ = sender.send(request);
                    reply(&mut stream);
                }
            }
        });
        Self {
            address,
            requests,
            thread: Some(thread),
        }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The next request.
    pub(super) fn next(&self) -> Request {
        self.requests.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    /// Waits for all replies to be made; the requests that nobody asked for.
    pub(super) fn end(mut self) -> Vec<Request> {
        self.thread.take().unwrap().join().unwrap();
        self.requests.try_iter().collect()
    }
}
