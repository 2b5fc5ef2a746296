//! One attempt against every kind of server.

use std::net::TcpListener;
use std::time::Duration;

use driftline::delivery::http::{Endpoint, HttpConfig};
use driftline::delivery::{Loss, Outcome, Secret};

use super::server::{Reply, Server, answer, bytes, drip, hang};
use super::{hasty, parts, patient};

const SECRET: &str = "c4n4ry-t0k3n";

/// The outcome of one attempt, and that the secret path is not in what is told of it.
fn attempt(reply: Reply, config: HttpConfig) -> Outcome {
    let server = Server::new(vec![reply]);
    let endpoint = Endpoint::new(&server.url(&format!("/hook/{SECRET}")), config).unwrap();
    let outcome = endpoint.post(&[], b"{}");
    assert!(!format!("{outcome:?} {endpoint:?}").contains(SECRET));
    let request = server.next();
    assert_eq!(request.line, format!("POST /hook/{SECRET} HTTP/1.1"));
    assert_eq!(server.end(), []);
    outcome
}

#[test]
fn the_request_is_as_it_should_be() {
    let server = Server::new(vec![answer("200 OK", "", "")]);
    let config = HttpConfig {
        headers: vec![("Authorization".to_owned(), Secret::new("Bearer abc"))],
        ..patient()
    };
    let endpoint = Endpoint::new(&server.url("/a?b=c"), config).unwrap();
    assert_eq!(
        endpoint.post(&[("X-Own", "1")], b"{\"a\":1}"),
        Outcome::Delivered
    );
    let request = server.next();
    assert_eq!(request.line, "POST /a?b=c HTTP/1.1");
    assert_eq!(request.body, b"{\"a\":1}");
    for (name, value) in [
        ("host", &*server.address.to_string()),
        ("content-type", "application/json"),
        ("content-length", "7"),
        ("connection", "close"),
        ("authorization", "Bearer abc"),
        ("x-own", "1"),
        (
            "user-agent",
            concat!("driftline/", env!("CARGO_PKG_VERSION")),
        ),
        ("accept", "*/*"),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    assert_eq!(request.headers.len(), 8);
}

#[test]
fn any_2xx_is_a_delivery_whatever_becomes_of_the_body() {
    let replies: Vec<Reply> = vec![
        answer("200 OK", "", "fine"),
        answer("202 Accepted", "", "{}"),
        bytes("HTTP/1.1 204 No Content\r\n\r\n"),
        // Interim answers first.
        bytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        bytes("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
        // Closed in mid-body, garbage in place of chunks, an endless body, an old
        // server, no reason, an enormous body.
        bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
        bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n"),
        drip("HTTP/1.1 200 OK\r\n\r\n", b'x'),
        bytes("HTTP/1.0 200 OK\r\n\r\n"),
        bytes("HTTP/1.1 200\r\n\r\n"),
        answer("200 OK", "", &"x".repeat(10_000_000)),
        // Compressed, or so it says.
        answer("200 OK", "Content-Encoding: gzip\r\n", "not gzip"),
    ];
    for (i, reply) in replies.into_iter().enumerate() {
        assert_eq!(attempt(reply, patient()), Outcome::Delivered, "reply {i}");
    }
}

#[test]
fn what_never_comes_to_an_end_ends_at_the_total() {
    let replies: Vec<Reply> = vec![
        hang(),
        drip("", b'H'),
        drip("HTTP/1.1 200 OK\r\nX-Long: ", b'x'),
        drip("HTTP/1.1 1", b'0'),
    ];
    for (i, reply) in replies.into_iter().enumerate() {
        let outcome = attempt(reply, hasty());
        match outcome {
            Outcome::Retry { reason, after, .. } => {
                assert!(
                    matches!(reason, Loss::Timeout | Loss::Connection),
                    "reply {i}"
                );
                assert_eq!(after, None);
            }
            other => panic!("reply {i}: {other:?}"),
        }
    }
    let (reason, _, error) = parts(attempt(hang(), hasty()));
    assert_eq!(reason, Loss::Timeout);
    assert!(error.ends_with("no answer within 0.3 s"), "{error}");
    // The text of a refusal is not worth more than the total either.
    let drips = drip("HTTP/1.1 500 Oh\r\n\r\n", b'x');
    let (reason, retry, error) = parts(attempt(drips, hasty()));
    assert_eq!((reason, retry), (Loss::ServerError, Some(None)));
    assert!(error.contains("answered 500: xxx"), "{error}");
}

#[test]
fn refusals_tell_what_the_server_said() {
    for status in [400, 401, 403, 404, 408, 410, 413, 418, 422, 451, 499] {
        let reply = answer(&format!("{status} No"), "", "no\nsuch\thook\u{7}");
        let (reason, retry, error) = parts(attempt(reply, patient()));
        assert_eq!((reason, retry), (Loss::Refused, None));
        let end = format!(" answered {status}: no\\nsuch\\thook\\u{{7}}");
        assert!(error.ends_with(&end), "{error}");
    }
    let (_, _, error) = parts(attempt(answer("400 No", "", ""), patient()));
    assert!(error.ends_with(" answered 400"), "{error}");
    let long = "ab".repeat(100_000);
    let (_, _, error) = parts(attempt(answer("400 No", "", &long), patient()));
    assert_eq!(
        error.split_once("400: ").unwrap().1,
        format!("{}...", &long[..200])
    );
    // A server that tells secrets back, at the cut too.
    for before in [0, 190, 2040] {
        let echo = format!("{}{SECRET}", "x".repeat(before)).repeat(3);
        let (_, _, error) = parts(attempt(answer("400 No", "", &echo), patient()));
        assert!(!error.contains(&SECRET[..4]), "{error}");
    }
}

#[test]
fn a_cut_text_does_not_show_the_beginning_of_a_secret() {
    // Masking shortens the text, so that its end comes into sight.
    let text = SECRET.repeat(200);
    let (_, _, error) = parts(attempt(answer("400 No", "", &text), patient()));
    assert!(!error.contains(&SECRET[..2]), "{error}");
}

#[test]
fn server_errors_are_worth_another_attempt() {
    for status in [500, 501, 502, 503, 504, 507, 599] {
        let reply = answer(&format!("{status} Oh"), "", "later");
        let (reason, retry, _) = parts(attempt(reply, patient()));
        assert_eq!((reason, retry), (Loss::ServerError, Some(None)), "{status}");
    }
}

#[test]
fn retry_after_is_heard() {
    for (value, after) in [
        ("7", Some(7)),
        ("0", None),
        ("99999999999999999999", Some(3600)),
        ("86400", Some(3600)),
        ("Tue, 31 Dec 2199 23:59:59 GMT", Some(3600)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", None),
        ("soon", None),
        ("-1", None),
        ("\u{e9}", None),
    ] {
        for (status, loss) in [
            ("429 Too Many Requests", Loss::TooManyRequests),
            ("503 Service Unavailable", Loss::ServerError),
        ] {
            let header = format!("Retry-After: {value}\r\n");
            let (reason, retry, _) = parts(attempt(answer(status, &header, ""), patient()));
            assert_eq!(reason, loss);
            assert_eq!(retry, Some(after.map(Duration::from_secs)), "{value}");
        }
    }
}

#[test]
fn redirects_are_not_followed() {
    for status in [300, 301, 302, 303, 304, 307, 308] {
        let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
        elsewhere.set_nonblocking(true).unwrap();
        let location = format!("Location: http://{}/\r\n", elsewhere.local_addr().unwrap());
        let reply = answer(&format!("{status} There"), &location, "");
        let (reason, retry, error) = parts(attempt(reply, patient()));
        assert_eq!((reason, retry), (Loss::Redirected, None), "{status}");
        assert!(error.contains(&format!("answered {status}: redirects are not followed")));
        assert!(elsewhere.accept().is_err(), "{status} was followed");
    }
}

#[test]
fn no_answer_is_worth_another_attempt() {
    let replies: Vec<Reply> = vec![
        bytes(""),
        bytes("HTTP/1.1 200 O"),
        bytes("HTTP/1.1 200 OK\r\nContent-Le"),
        bytes("SSH-2.0-OpenSSH_9.2\r\n"),
        bytes("220 mail.example.org ESMTP\r\n\r\n"),
        bytes(vec![0; 1000]),
        bytes(vec![0xff; 1000]),
        bytes("HTTP/9.9 200 OK\r\n\r\n"),
        bytes("HTTP/1.1 99999 OK\r\n\r\n"),
        bytes(format!(
            "HTTP/1.1 200 OK\r\nX-Enormous: {}\r\n\r\n",
            "x".repeat(1_000_000)
        )),
        bytes(format!(
            "HTTP/1.1 200 OK\r\n{}\r\n",
            "X-Many: x\r\n".repeat(10_000)
        )),
    ];
    for (i, reply) in replies.into_iter().enumerate() {
        let (reason, retry, _) = parts(attempt(reply, patient()));
        assert_eq!((reason, retry), (Loss::Connection, Some(None)), "reply {i}");
    }
}

#[test]
fn nobody_there_is_worth_another_attempt() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for url in [format!("http://{address}/"), format!("https://{address}/")] {
        let (reason, retry, error) = parts(Endpoint::new(&url, patient()).unwrap().post(&[], b""));
        assert_eq!((reason, retry), (Loss::Connection, Some(None)));
        assert!(error.contains("refused"), "{error}");
    }
    // A name that cannot exist (RFC 6761).
    let nowhere = Endpoint::new("http://nowhere.invalid/", patient()).unwrap();
    let (reason, retry, _) = parts(nowhere.post(&[], b""));
    assert!(matches!(reason, Loss::Connection | Loss::Timeout));
    assert_eq!(retry, Some(None));
}

#[test]
fn a_new_connection_for_every_attempt() {
    let replies = (0..3).map(|_| answer("200 OK", "Connection: keep-alive\r\n", ""));
    let server = Server::new(replies.collect());
    let endpoint = Endpoint::new(&server.url("/"), patient()).unwrap();
    for _ in 0..3 {
        assert_eq!(endpoint.post(&[], b"{}"), Outcome::Delivered);
    }
    assert_eq!(server.end().len(), 3);
}

#[test]
fn urls_that_are_refused() {
    for url in [
        "",
        "example.org",
        "/path",
        "ftp://example.org/",
        "file:///etc/passwd",
        "unix:/tmp/c4n4ry",
        "http://",
        "http:///c4n4ry",
        "https://user:c4n4ry@example.org/",
        "https://c4n4ry@example.org/",
        "http://example.org:0x50/c4n4ry",
        "http://example.org:99999/c4n4ry",
        "http://example.org:/c4n4ry",
        "http://exa mple.org/c4n4ry",
        "http://example.org/c4n4ry\r\nX: y",
        "http://[::1/c4n4ry",
    ] {
        let error = Endpoint::new(url, patient()).unwrap_err().to_string();
        assert!(error.starts_with("url: got "), "{url}: {error}");
        assert!(!error.contains("c4n4ry"), "{error}");
    }
    for (url, shown) in [
        ("https://example.org", "https://example.org/"),
        ("http://example.org:8080/a", "http://example.org:8080/***"),
        ("HTTP://example.org/", "http://example.org/"),
        ("http://[::1]:80/?a=b", "http://[::1]:80/***"),
    ] {
        assert_eq!(Endpoint::new(url, patient()).unwrap().shown(), shown);
    }
}

#[test]
fn arguments_that_are_refused() {
    let refused = |config: HttpConfig, name: &str| {
        let error = Endpoint::new("http://example.org", config).unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with(name), "{error}");
        assert!(!error.contains("c4n4ry"), "{error}");
    };
    for timeout in [Duration::ZERO, Duration::from_secs(3601), Duration::MAX] {
        refused(
            HttpConfig {
                timeout,
                ..patient()
            },
            "timeout_s: ",
        );
        let connect_timeout = timeout;
        refused(
            HttpConfig {
                connect_timeout,
                ..patient()
            },
            "connect_timeout_s: ",
        );
    }
    for (name, value) in [
        ("Content-Length", "1"),
        ("HOST", "x"),
        ("driftline-signature", "x"),
        ("a b", "x"),
        ("", "x"),
        ("X", "c4n4ry\r\nY: z"),
        ("X", "c4n4ry\u{e9}"),
    ] {
        let headers = vec![(name.to_owned(), Secret::new(value))];
        refused(
            HttpConfig {
                headers,
                ..patient()
            },
            "headers: ",
        );
    }
}
