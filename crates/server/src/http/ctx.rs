//! One request, as handlers see it.

use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;
use sekisho_messages::Lang;
use sekisho_store::accounts::TokenHash;
use sekisho_store::keyring::Purpose;

use super::device_certificate::DeviceCertificate;
use super::fault::Fault;
use super::guard::RequestId;
use super::language;
use super::site::Site;
use crate::identity::api_token::{self, LiveToken};
use crate::identity::session::{self, Live};
use crate::identity::sign_in::{Attempt, keyed};
use crate::identity::token::{Token, same};

/// What a handler comes to.
pub(super) type Answer = Result<Response, Fault>;

/// Where unease is told without a name, and everything below.
pub(super) const NAMELESS: &str = "/unease";

/// Longest `Cookie` header that is read, in bytes.
const COOKIES_MAX: usize = 4096;

/// One request.
pub(super) struct Ctx {
    pub(super) site: Site,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) request_id: String,
    pub(super) lang: Lang,
    pub(super) now: Timestamp,
    pub(super) address: Option<IpAddr>,
    /// Whoever is on the other end of the line: a proxy where there is one.
    pub(super) peer: Option<IpAddr>,
    /// Whether it came from a proxy that is trusted.
    pub(super) peer_is_trusted: bool,
    /// The host that was asked, as the browser names it.
    pub(super) host: String,
    /// Whether a program asks: errors are problem documents, not pages.
    pub(super) machine: bool,
    /// The device that presented its certificate.
    pub(super) certified: Option<DeviceId>,
    pub(super) session: Option<Live>,
    /// The API token that a program showed.
    pub(super) token: Option<LiveToken>,
    parameters: Vec<(String, String)>,
    browser: RefCell<Option<Token>>,
    cookies: RefCell<Vec<String>>,
}

impl Ctx {
    pub(super) fn new(site: Site, parts: &Parts, parameters: Vec<(String, String)>) -> Self {
        let made = Self::without_headers(site, parts, parameters);
        if is_nameless(&made.path) {
            return made;
        }
        Self {
            headers: parts.headers.clone(),
            ..made
        }
    }

    /// As [`Ctx::new`], of a request that is looked at here alone: nothing is copied.
    pub(super) fn of(site: Site, mut parts: Parts) -> Self {
        let made = Self::without_headers(site, &parts, Vec::new());
        if is_nameless(&made.path) {
            return made;
        }
        Self {
            headers: std::mem::take(&mut parts.headers),
            ..made
        }
    }

    fn without_headers(site: Site, parts: &Parts, parameters: Vec<(String, String)>) -> Self {
        let path = parts.uri.path().to_owned();
        if is_nameless(&path) {
            return Self::nameless(site, parts, path, parameters);
        }
        let cookie = |name: &str| find_cookie(&parts.headers, name);
        let request_id = parts
            .extensions
            .get::<RequestId>()
            .map_or_else(String::new, |id| id.0.clone());
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip());
        let address = client_address(&site, peer, &parts.headers);
        let trusted = &site.options.trusted_proxies;
        let peer_is_trusted = peer.is_some_and(|peer| trusted.contains(&peer));
        let browser = cookie(&cookie_name(&site, "browser")).and_then(|text| Token::parse(&text));
        Self {
            lang: language::of(&parts.headers, cookie(language::COOKIE)),
            now: site.app.now(),
            machine: is_machine(&path),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            host: host_of(parts),
            headers: HeaderMap::new(),
            browser: RefCell::new(browser),
            cookies: RefCell::new(Vec::new()),
            certified: parts.extensions.get::<DeviceCertificate>().map(|it| it.0),
            session: None,
            token: None,
            site,
            path,
            request_id,
            address,
            peer,
            peer_is_trusted,
            parameters,
        }
    }

    /// A request to the ways in that know nobody: whatever tells who asks is dropped here, before anything
    /// can look at it.
    fn nameless(
        site: Site,
        parts: &Parts,
        path: String,
        parameters: Vec<(String, String)>,
    ) -> Self {
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let pairs = super::form::pairs(query.as_bytes()).into_iter();
        let chosen = pairs.into_iter().find(|(name, _)| name == "lang");
        let chosen = chosen
            .map(|(_, tag)| tag)
            .or_else(|| find_cookie(&parts.headers, language::COOKIE));
        Self {
            lang: language::of(&parts.headers, chosen),
            now: site.app.now(),
            machine: false,
            query,
            host: String::new(),
            headers: HeaderMap::new(),
            browser: RefCell::new(None),
            cookies: RefCell::new(Vec::new()),
            certified: None,
            session: None,
            token: None,
            site,
            path,
            request_id: String::new(),
            address: None,
            peer: None,
            peer_is_trusted: false,
            parameters,
        }
    }

    /// Looks the session up. Reads and sometimes writes the accounts, so not on a thread of the
    /// asynchronous runtime.
    pub(super) fn resume(&mut self) -> Result<(), Fault> {
        // A page without a name brings its style with it: nobody's session is touched for that.
        if is_nameless(&self.path) || self.path.starts_with("/assets/") {
            return Ok(());
        }
        if takes_tokens(&self.path) && self.headers.contains_key(header::AUTHORIZATION) {
            // Whoever shows a token is a program, whatever cookies come along.
            self.token = Some(self.shown_token()?);
            return Ok(());
        }
        let name = cookie_name(&self.site, "session");
        let token = find_cookie(&self.headers, &name).and_then(|text| Token::parse(&text));
        if let Some(token) = token {
            let app = &self.site.app;
            let person_of = |account| app.world().person_of_account(account);
            self.session = session::find(app.accounts(), &person_of, &token, self.now)?;
        }
        Ok(())
    }

    /// Takes a token up that is known without waiting for a file; whether there was one.
    pub(super) fn resume_at_hand(&mut self) -> bool {
        let find = |secret: &str| Ok(api_token::find_at_hand(&self.site.app, secret));
        self.token = self.shown_secret(find).ok();
        self.token.is_some()
    }

    fn shown_token(&self) -> Result<LiveToken, Fault> {
        self.shown_secret(|secret| Ok(api_token::find(&self.site.app, secret)?))
    }

    fn shown_secret(
        &self,
        find: impl FnOnce(&str) -> Result<Option<LiveToken>, Fault>,
    ) -> Result<LiveToken, Fault> {
        let unknown = || Fault::new(StatusCode::UNAUTHORIZED, "api.token-unknown");
        let mut values = self.headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(unknown());
        };
        let text = value.to_str().map_err(|_| unknown())?;
        // RFC 6750, 2.1; the scheme is read without regard to case (RFC 9110, 11.1).
        let (scheme, secret) = text.split_once(' ').ok_or_else(unknown)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(unknown());
        }
        find(secret.trim())?.ok_or_else(unknown)
    }

    /// A parameter of the path.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.parameters
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, value)| value)
    }

    /// A parameter of the query.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        super::form::pairs(self.query.as_bytes())
            .into_iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v)
    }

    pub(super) fn path_and_query(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }

    /// The signed-in session.
    pub(super) fn live(&self) -> Result<&Live, Fault> {
        self.session.as_ref().ok_or_else(Fault::sign_in)
    }

    /// Who acts: the person signed in, or a program by its token.
    pub(super) fn actor(&self) -> Result<Actor, Fault> {
        match &self.token {
            Some(token) => Ok(token.actor.clone()),
            None => Ok(Actor::person(self.live()?.person)),
        }
    }

    /// Asks the gate. Everything that is not public comes through here.
    pub(super) fn gate(&self, action: Action, subject: Subject) -> Result<(), Fault> {
        let actor = self.actor()?;
        self.site
            .app
            .authorise(&actor, action, subject)
            .map(|_| ())
            .map_err(|denied| Fault::denied(denied, action))
    }

    /// Whether the gate would open.
    pub(super) fn may(&self, action: Action, subject: Subject) -> bool {
        self.gate(action, subject).is_ok()
    }

    pub(super) fn attempt(&self) -> Attempt {
        Attempt {
            address: self.address,
            now: self.now,
        }
    }

    /// The token that marks this browser before anyone is signed in; made where it has none.
    pub(super) fn browser(&self) -> Result<TokenHash, Fault> {
        let mut slot = self.browser.borrow_mut();
        if let Some(token) = slot.as_ref() {
            return Ok(token.hash());
        }
        let token = Token::fresh()?;
        self.set_cookie("browser", &token.text());
        let hash = token.hash();
        *slot = Some(token);
        Ok(hash)
    }

    /// The token that this browser's next form must carry.
    pub(super) fn csrf(&self) -> Result<String, Fault> {
        if let Some(live) = &self.session {
            return Ok(live.csrf());
        }
        self.browser()?;
        Ok(Token::from_bytes(self.browser_csrf()?.unwrap_or_default()).text())
    }

    fn browser_csrf(&self) -> Result<Option<[u8; 32]>, Fault> {
        let slot = self.browser.borrow();
        let Some(token) = slot.as_ref() else {
            return Ok(None);
        };
        let key = self.site.app.keyring().active(Purpose::Session)?;
        Ok(Some(keyed(key.secret(), &["browser.csrf", &token.text()])))
    }

    /// Whether a form came from a page that this server made for this browser.
    pub(super) fn csrf_is(&self, text: &str) -> Result<bool, Fault> {
        if let Some(live) = &self.session {
            return Ok(live.csrf_is(text));
        }
        let Some(expected) = self.browser_csrf()? else {
            return Ok(false);
        };
        Ok(Token::parse(text).is_some_and(|token| same(token.bytes(), &expected)))
    }

    /// Sets a cookie that only this server reads and that ends with the browser.
    pub(super) fn set_cookie(&self, name: &str, value: &str) {
        self.cookie(name, value, "");
    }

    /// Removes a cookie.
    pub(super) fn end_cookie(&self, name: &str) {
        self.cookie(name, "", "; Max-Age=0");
    }

    fn cookie(&self, name: &str, value: &str, more: &str) {
        let name = cookie_name(&self.site, name);
        let secure = if self.site.options.https {
            "; Secure"
        } else {
            ""
        };
        self.cookies.borrow_mut().push(format!(
            "{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}"
        ));
    }

    /// Whether this browser has chosen a language.
    pub(super) fn has_language(&self) -> bool {
        find_cookie(&self.headers, language::COOKIE).is_some()
    }

    /// Remembers a language in this browser, for a year.
    pub(super) fn remember_language(&self, lang: Lang) {
        let secure = if self.site.options.https {
            "; Secure"
        } else {
            ""
        };
        let (name, tag) = (language::COOKIE, lang.tag());
        self.cookies.borrow_mut().push(format!(
            "{name}={tag}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}"
        ));
    }

    /// Puts the cookies that were set into the answer.
    pub(super) fn finish(&self, mut response: Response) -> Response {
        for cookie in self.cookies.borrow().iter() {
            if let Ok(value) = HeaderValue::from_str(cookie) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
        }
        response
    }
}

/// The name of a cookie: bound to this very host wherever there is TLS (RFC 6265bis, 4.1.3.2).
pub(super) fn cookie_name(site: &Site, name: &str) -> String {
    if site.options.https {
        format!("__Host-sekisho-{name}")
    } else {
        format!("sekisho-{name}")
    }
}

fn find_cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut found = None;
    for line in headers.get_all(header::COOKIE) {
        let line = line
            .to_str()
            .ok()
            .filter(|line| line.len() <= COOKIES_MAX)?;
        for pair in line.split(';') {
            if let Some((n, value)) = pair.trim().split_once('=')
                && n == name
            {
                // Two cookies of one name: another site set one of them. Neither counts.
                if found.is_some() {
                    return None;
                }
                found = Some(value.to_owned());
            }
        }
    }
    found
}

/// The address a request came from; what proxies say counts only from those that are trusted.
fn client_address(site: &Site, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
    let trusted = &site.options.trusted_proxies;
    let peer = peer?;
    if !trusted.contains(&peer) {
        return Some(peer);
    }
    let said = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok());
    let list: Vec<IpAddr> = said
        .flat_map(|line| line.split(','))
        .filter_map(|ip| ip.trim().parse().ok())
        .collect();
    // From the right: the first that is no proxy of ours.
    list.into_iter()
        .rev()
        .find(|ip| !trusted.contains(ip))
        .or(Some(peer))
}

fn host_of(parts: &Parts) -> String {
    let named = parts.headers.get(header::HOST);
    let named = named.and_then(|host| host.to_str().ok());
    let host = parts.uri.authority().map(|host| host.as_str()).or(named);
    host.unwrap_or_default().to_owned()
}

/// Whether programs show a token at a path.
pub(super) fn takes_tokens(path: &str) -> bool {
    ["/api/", "/access/v1/", "/radius/"]
        .iter()
        .any(|below| path.starts_with(below))
}

/// Whether a path is one of those that know nobody.
pub(super) fn is_nameless(path: &str) -> bool {
    path == NAMELESS
        || path
            .strip_prefix(NAMELESS)
            .is_some_and(|it| it.starts_with('/'))
}

fn is_machine(path: &str) -> bool {
    // What a script of ours fetches.
    if path.ends_with("/challenge") {
        return true;
    }
    let files = ["/ledger/checkpoint", "/ledger/tile/", "/ledger/records/"];
    let service = ["/healthz", "/readyz", "/metrics", "/events"];
    [
        "/api/",
        "/access/v1/",
        "/.well-known/",
        "/agent/",
        "/gateway/",
        "/radius/",
        "/assets/",
    ]
    .iter()
    .chain(&files)
    .chain(&service)
    .any(|p| path.starts_with(p))
}

/// An HTML answer that no cache keeps.
pub(super) fn html(page: Markup) -> Response {
    let mut response = Response::new(Body::from(page.into_string()));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A JSON answer that no cache keeps.
pub(super) fn json(value: &serde_json::Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Leads the browser to a path of this server.
pub(super) fn redirect(path: &str) -> Response {
    let location = local_path(path).and_then(|path| HeaderValue::from_str(path).ok());
    let location = location.unwrap_or_else(|| HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// A path of this server; none for anything that a browser could take for another place.
pub(super) fn local_path(text: &str) -> Option<&str> {
    let sound = text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= 1024
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    sound.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::super::routes::{Access, ROUTES};
    use super::*;

    #[test]
    fn every_way_in_for_tokens_takes_them_and_answers_programs() {
        let all = ROUTES.iter().filter(|it| it.access == Access::Token);
        let fit = |path: &str| takes_tokens(path) && is_machine(path);
        let unfit: Vec<&str> = all.map(|it| it.path).filter(|path| !fit(path)).collect();
        assert_eq!(unfit, Vec::<&str>::new());
    }

    #[test]
    fn only_own_paths_are_led_to() {
        for (text, expected) in [
            ("/", true),
            ("/requirements?verdict=not_met", true),
            ("/requirements/US-8.1.1-3-h-%E3%82%A2", true),
            ("", false),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("https://evil.example", false),
            ("/a b", false),
            ("/a\r\nSet-Cookie: x", false),
            ("/ア", false),
        ] {
            assert_eq!(local_path(text).is_some(), expected, "{text}");
        }
    }

    #[test]
    fn a_cookie_given_twice_counts_for_nothing() {
        let headers = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_str(line).unwrap());
            }
            headers
        };
        assert_eq!(
            find_cookie(&headers(&["a=1; b=2"]), "b"),
            Some("2".to_owned())
        );
        assert_eq!(find_cookie(&headers(&["a=1; b=2", "b=3"]), "b"), None);
        assert_eq!(find_cookie(&headers(&["b=2; b=2"]), "b"), None);
        assert_eq!(find_cookie(&headers(&[]), "b"), None);
    }
}
