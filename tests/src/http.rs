//! A visitor over HTTP, or over TLS where he knows the authority, with cookies and without following redirects: a test
//! wants to see each answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(60);
const MOST: u64 = 64 << 20;

/// One visitor and his cookies.
#[derive(Clone, Debug)]
pub struct Client {
    address: SocketAddr,
    name: Option<String>,
    cookies: BTreeMap<String, String>,
    language: String,
    tls: Option<Arc<ClientConfig>>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decoded from chunks.
    pub body: Vec<u8>,
}

impl Client {
    /// A visitor who has never been here and reads Japanese.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            name: None,
            cookies: BTreeMap::new(),
            language: "ja".to_owned(),
            tls: None,
        }
    }

    /// The same over TLS, by an authority (PEM).
    ///
    /// # Panics
    /// Where it is no certificate.
    #[must_use]
    pub fn over_tls(self, authority: &str) -> Self {
        self.with_tls(authority, None)
    }

    /// The same with a certificate of his own, and its key (PEM).
    ///
    /// # Panics
    /// Where they are none, or do not belong together.
    #[must_use]
    pub fn over_tls_with(self, authority: &str, own: (&str, &str)) -> Self {
        self.with_tls(authority, Some(own))
    }

    /// Who asks for a host by name, and is led to the address all the same.
    #[must_use]
    pub fn to_host(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// The same visitor at another port of the host, with his cookies: they know of no port.
    #[must_use]
    pub fn at_port(mut self, port: u16) -> Self {
        self.address.set_port(port);
        self
    }

    /// What he writes as `Host`.
    fn host(&self) -> String {
        match &self.name {
            Some(name) => format!("{name}:{}", self.address.port()),
            None => self.address.to_string(),
        }
    }

    fn with_tls(mut self, authority: &str, own: Option<(&str, &str)>) -> Self {
        let mut roots = RootCertStore::empty();
        for read in CertificateDer::pem_slice_iter(authority.as_bytes()) {
            roots.add(read.expect("a certificate")).expect("a root");
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions of TLS")
            .with_root_certificates(roots);
        let config = match own {
            None => config.with_no_client_auth(),
            Some((chain, key)) => {
                let chain = CertificateDer::pem_slice_iter(chain.as_bytes());
                let chain: Result<Vec<_>, _> = chain.collect();
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
                let config = config.with_client_auth_cert(chain.expect("certificates"), key);
                config.expect("a certificate with its key")
            }
        };
        self.tls = Some(Arc::new(config));
        self
    }

    const fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// One who asks for another language.
    #[must_use]
    pub fn reading(mut self, language: &str) -> Self {
        language.clone_into(&mut self.language);
        self
    }

    /// Whom he visits.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The cookies he carries.
    pub fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    /// Gets a page.
    ///
    /// # Panics
    /// Where no answer comes.
    pub fn get(&mut self, path: &str) -> Reply {
        self.request("GET", path, &[], b"")
    }

    /// Gets a page, for a server that may not be there.
    ///
    /// # Errors
    /// Where no answer comes.
    pub fn try_get(&mut self, path: &str) -> io::Result<Reply> {
        self.try_request("GET", path, &[], b"")
    }

    /// Sends a form, as a page without scripts does.
    ///
    /// # Panics
    /// Where no answer comes.
    pub fn post_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let parts: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let origin = format!("{}://{}", self.scheme(), self.host());
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", origin.as_str()),
        ];
        self.request("POST", path, &headers, parts.join("&").as_bytes())
    }

    /// Sends JSON.
    ///
    /// # Panics
    /// Where no answer comes.
    pub fn post_json(&mut self, path: &str, value: &Value) -> Reply {
        let body = value.to_string();
        self.request(
            "POST",
            path,
            &[("content-type", "application/json")],
            body.as_bytes(),
        )
    }

    /// Sends anything.
    ///
    /// # Panics
    /// Where no answer comes.
    pub fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        match self.try_request(method, path, headers, body) {
            Ok(reply) => reply,
            Err(error) => panic!("{method} {path}: {error}"),
        }
    }

    /// Sends anything to a server that may not be there.
    ///
    /// # Errors
    /// Where no whole answer comes.
    pub fn try_request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Reply> {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
            self.host()
        );
        // Writing to a string cannot fail.
        let _ = write!(
            head,
            "accept-language: {}\r\ncontent-length: {}\r\n",
            self.language,
            body.len()
        );
        for (name, value) in headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if !self.cookies.is_empty() {
            let all: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let _ = write!(head, "cookie: {}\r\n", all.join("; "));
        }
        let reply = self.exchange(&format!("{head}\r\n"), body)?;
        self.keep_cookies(&reply);
        Ok(reply)
    }

    fn exchange(&self, head: &str, body: &[u8]) -> io::Result<Reply> {
        let stream = TcpStream::connect_timeout(&self.address, LIMIT)?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream.set_write_timeout(Some(LIMIT))?;
        let Some(config) = &self.tls else {
            return talk(stream, head, body);
        };
        let name = match &self.name {
            Some(name) => ServerName::try_from(name.clone()).map_err(io::Error::other)?,
            None => ServerName::IpAddress(self.address.ip().into()),
        };
        let shake = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
        talk(StreamOwned::new(shake, stream), head, body)
    }

    fn keep_cookies(&mut self, reply: &Reply) {
        for line in reply.all("set-cookie") {
            let mut parts = line.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|it| it.split_once('=')) else {
                continue;
            };
            // As browsers do (RFC 6265bis, 4.1.3.2).
            let mut marks = parts.clone();
            if name.starts_with("__Host-") && !marks.any(|it| it.eq_ignore_ascii_case("secure")) {
                continue;
            }
            if value.is_empty() || parts.any(|it| it.eq_ignore_ascii_case("max-age=0")) {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Reply {
    /// The first header of a name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(it, _)| it == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every header of a name in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(it, _)| it == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// Where it is none.
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{error} in {}", self.text()),
        }
    }

    /// Itself, where the status is the expected one.
    ///
    /// # Panics
    /// With the body, where not.
    pub fn with_status(self, expected: u16) -> Self {
        assert_eq!(self.status, expected, "{}", self.text());
        self
    }

    fn parse(answer: &[u8]) -> io::Result<Self> {
        let bad = || io::Error::new(io::ErrorKind::InvalidData, "not a whole HTTP answer");
        let split = answer
            .windows(4)
            .position(|it| it == b"\r\n\r\n")
            .ok_or_else(bad)?;
        let head = String::from_utf8_lossy(&answer[..split]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|it| it.split(' ').nth(1)?.parse().ok())
            .ok_or_else(bad)?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut reply = Self {
            status,
            headers,
            body: answer[split + 4..].to_vec(),
        };
        if reply
            .header("transfer-encoding")
            .is_some_and(|it| it.eq_ignore_ascii_case("chunked"))
        {
            reply.body = unchunk(&reply.body).ok_or_else(bad)?;
        } else if let Some(length) = reply
            .header("content-length")
            .and_then(|it| it.parse().ok())
        {
            if reply.body.len() < length {
                return Err(bad());
            }
            reply.body.truncate(length);
        }
        Ok(reply)
    }
}

fn talk(mut stream: impl Read + Write, head: &str, body: &[u8]) -> io::Result<Reply> {
    stream.write_all(head.as_bytes())?;
    // A server may answer and close before it has read a body that it refuses.
    let sent = stream.write_all(body).and_then(|()| stream.flush());
    let mut answer = Vec::new();
    let read = stream.take(MOST).read_to_end(&mut answer);
    Reply::parse(&answer).or_else(|error| sent.and(read).and(Err(error)))
}

fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|it| it == b"\r\n")?;
        let line = std::str::from_utf8(&rest[..end]).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        rest = rest.get(end + 2..)?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

/// Percent-encodes for a form, everything but letters, digits and `-._~`.
fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_with_length_and_in_chunks() {
        let reply = Reply::parse(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno").unwrap();
        assert_eq!((reply.status, reply.text().as_str()), (404, "no"));
        let reply = Reply::parse(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
        );
        assert_eq!(reply.unwrap().text(), "abcde");
    }

    #[test]
    fn an_answer_cut_short_is_no_answer() {
        for cut in [
            &b"HTTP/1.1 200 OK\r\nContent-Le"[..],
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nno",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            b"",
        ] {
            assert!(Reply::parse(cut).is_err());
        }
    }

    #[test]
    fn cookies_are_kept_and_dropped() {
        let mut client = Client::new(([127, 0, 0, 1], 1).into());
        let set = |value: &str| Reply {
            status: 200,
            headers: vec![("set-cookie".to_owned(), value.to_owned())],
            body: Vec::new(),
        };
        client.keep_cookies(&set("sid=abc; Path=/; HttpOnly"));
        assert_eq!(client.cookies()["sid"], "abc");
        client.keep_cookies(&set("sid=; Max-Age=0"));
        assert!(client.cookies().is_empty());
        client.keep_cookies(&set("__Host-sid=abc; Path=/; HttpOnly"));
        assert!(client.cookies().is_empty());
        client.keep_cookies(&set("__Host-sid=abc; Path=/; Secure"));
        assert_eq!(client.cookies()["__Host-sid"], "abc");
    }

    #[test]
    fn forms_are_encoded() {
        assert_eq!(encode("総務 a&b"), "%E7%B7%8F%E5%8B%99%20a%26b");
    }
}
