//! Whom a sink trusts.

use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use driftline::delivery::http::{Endpoint, HttpConfig};
use driftline::delivery::{Loss, Outcome};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::server::{Request, Server, bytes};
use super::{parts, patient};

/// A file of the test's own, gone in the end.
struct PemFile(PathBuf);

impl PemFile {
    fn new(name: &str, text: &str) -> Self {
        let name = format!("driftline-{}-{name}.pem", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for PemFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A server of the one request, with a certificate for `name`; the port, what came,
/// and the certificate.
fn server(name: &str) -> (u16, JoinHandle<Option<Request>>, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let connection = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        let request = Request::read(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        let _ = stream.flush();
        request
    });
    (port, thread, made.cert.pem())
}

fn post(port: u16, ca: Option<&PemFile>) -> Outcome {
    let config = HttpConfig {
        ca_file: ca.map(|file| file.0.clone()),
        ..patient()
    };
    let endpoint = Endpoint::new(&format!("https://127.0.0.1:{port}/x"), config).unwrap();
    endpoint.post(&[], b"{}")
}

#[test]
fn a_private_authority_is_trusted_when_it_is_named() {
    let (port, thread, pem) = server("127.0.0.1");
    let file = PemFile::new("trusted", &pem);
    assert_eq!(post(port, Some(&file)), Outcome::Delivered);
    assert_eq!(thread.join().unwrap().unwrap().line, "POST /x HTTP/1.1");
}

#[test]
fn a_stranger_hears_nothing_and_is_not_tried_again() {
    let (port, thread, _) = server("127.0.0.1");
    let (reason, retry, error) = parts(post(port, None));
    assert_eq!((reason, retry), (Loss::Connection, None), "{error}");
    assert!(error.contains("the certificate is not trusted"), "{error}");
    assert_eq!(thread.join().unwrap(), None);
}

#[test]
fn a_certificate_for_another_name_is_not_trusted() {
    let (port, thread, pem) = server("example.org");
    let file = PemFile::new("another", &pem);
    let (reason, retry, error) = parts(post(port, Some(&file)));
    assert_eq!((reason, retry), (Loss::Connection, None), "{error}");
    assert_eq!(thread.join().unwrap(), None);
}

#[test]
fn a_server_without_tls_hears_nothing() {
    let server = Server::new(vec![bytes("HTTP/1.1 200 OK\r\n\r\n")]);
    // It reads a line that never ends, so the client is the first to go.
    let config = HttpConfig {
        timeout: std::time::Duration::from_millis(300),
        ..patient()
    };
    let url = format!("https://{}/", server.address);
    let (_, retry, _) = parts(Endpoint::new(&url, config).unwrap().post(&[], b"{}"));
    assert_eq!(retry, Some(None));
    assert_eq!(server.end(), []);
}

#[test]
fn certificate_files_that_are_refused() {
    let broken = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
    for (name, text) in [("empty", ""), ("text", "hello"), ("broken", broken)] {
        let file = PemFile::new(name, text);
        let config = HttpConfig {
            ca_file: Some(file.0.clone()),
            ..patient()
        };
        let error = Endpoint::new("https://example.org", config).unwrap_err();
        assert!(error.to_string().starts_with("ca_file: got "), "{error}");
    }
    let config = HttpConfig {
        ca_file: Some("/nowhere/ca.pem".into()),
        ..patient()
    };
    let error = Endpoint::new("https://example.org", config).unwrap_err();
    assert!(error.to_string().contains("/nowhere/ca.pem"), "{error}");
}
