//! The attributes of a request, in the form of `rlm_rest`: an object whose members hold a list `value`.

use core::net::Ipv4Addr;
use std::collections::HashMap;

use sekisho_domain::time::Span;
use serde::Deserialize;
use serde_json::Value;

use crate::access::inside::{Place, Presented};

/// Longest value that is taken, in bytes: RFC 2865 has 253.
const VALUE_MAX: usize = 253;

#[derive(Deserialize)]
struct Attribute {
    value: Vec<Value>,
}

/// The attributes, each with its values.
#[derive(Debug)]
pub(super) struct Attributes(HashMap<String, Vec<String>>);

impl Attributes {
    /// Reads a request.
    ///
    /// # Errors
    /// Where it is not of the form.
    pub(super) fn read(body: &[u8]) -> Result<Self, &'static str> {
        let all: HashMap<String, Attribute> = serde_json::from_slice(body).map_err(|_| "/")?;
        let plain = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let read = |(name, it): (String, Attribute)| {
            let values = it.value.into_iter().map(plain).collect::<Option<_>>();
            Some((name, values?))
        };
        let all: Option<HashMap<_, _>> = all.into_iter().map(read).collect();
        all.map(Self).ok_or("/")
    }

    /// The one value of an attribute; none where there are several, since then it is not clear which.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name).map(Vec::as_slice) {
            Some([one]) if one.len() <= VALUE_MAX => Some(one),
            _ => None,
        }
    }

    fn owned(&self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        let sound = !text.is_empty() && !text.chars().any(char::is_control);
        sound.then(|| text.to_owned())
    }

    /// Where the device is.
    ///
    /// # Errors
    /// No switch is named.
    pub(super) fn place(&self) -> Result<Place, &'static str> {
        const SWITCH: &str = "NAS-IP-Address";
        let switch = self.text(SWITCH).and_then(|text| text.parse().ok());
        let switch: Ipv4Addr = switch.ok_or("/NAS-IP-Address")?;
        let port = self.owned("NAS-Port-Id");
        Ok(Place {
            switch,
            port: port.or_else(|| self.owned("NAS-Port")),
            station: self.owned("Calling-Station-Id"),
            session: self.owned("Acct-Session-Id"),
        })
    }

    /// How long ago a connection began that has ended: how long it lasted, and how long the switch has tried to say so.
    pub(super) fn lasted(&self) -> Option<Span> {
        let seconds = |name: &str| self.text(name).and_then(|text| text.parse::<u32>().ok());
        let lasted = seconds("Acct-Session-Time")?;
        let delay = seconds("Acct-Delay-Time").unwrap_or(0);
        Some(Span::seconds(lasted.saturating_add(delay)))
    }

    /// What FreeRADIUS verified of the certificate.
    ///
    /// # Errors
    /// As [`Self::place`].
    pub(super) fn presented(&self) -> Result<Presented, &'static str> {
        let identifier = self.text("TLS-Client-Cert-X509v3-Subject-Key-Identifier");
        Ok(Presented {
            key_identifier: identifier.and_then(bytes),
            place: self.place()?,
        })
    }
}

/// Bytes as OpenSSL prints them: `9B:04:…`.
fn bytes(text: &str) -> Option<[u8; 20]> {
    let pairs = text.trim().split(':');
    let all: Option<Vec<u8>> = pairs
        .map(|pair| {
            (pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit()))
                .then(|| u8::from_str_radix(pair, 16).ok())
                .flatten()
        })
        .collect();
    all?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_as_rlm_rest_writes_them() {
        let body = r#"{"User-Name":{"type":"string","value":["x"]},
            "NAS-IP-Address":{"type":"ipaddr","value":["10.20.0.2"]},
            "NAS-Port":{"type":"integer","value":[7]},
            "Calling-Station-Id":{"type":"string","value":["02-00-00-00-00-01"]},
            "TLS-Client-Cert-X509v3-Subject-Key-Identifier":{"type":"string","value":
            ["6B:2C:85:B3:10:FD:C9:DC:55:19:04:F5:1A:35:F8:04:4A:CB:95:9A"]}}"#;
        let presented = Attributes::read(body.as_bytes())
            .unwrap()
            .presented()
            .unwrap();
        let identifier = presented.key_identifier.unwrap();
        assert_eq!((identifier[0], identifier[19]), (0x6b, 0x9a));
        assert_eq!(presented.place.port.as_deref(), Some("7"));
        assert_eq!(presented.place.session, None);
    }

    #[test]
    fn how_long_a_connection_lasted_is_read_where_the_switch_says_so() {
        let read = |body: &str| Attributes::read(body.as_bytes()).unwrap().lasted();
        let body = r#"{"Acct-Session-Time":{"value":[90]},"Acct-Delay-Time":{"value":[5]}}"#;
        assert_eq!(read(body), Some(Span::seconds(95)));
        let body = r#"{"Acct-Session-Time":{"value":["90"]}}"#;
        assert_eq!(read(body), Some(Span::seconds(90)));
        assert_eq!(read(r#"{"Acct-Delay-Time":{"value":[5]}}"#), None);
        assert_eq!(read(r#"{"Acct-Session-Time":{"value":["x"]}}"#), None);
    }

    #[test]
    fn what_is_not_of_the_form_names_nobody() {
        for body in [
            "",
            "[]",
            "{\"a\":1}",
            "{\"a\":{\"value\":[{}]}}",
            "{\"a\":{}}",
        ] {
            assert!(Attributes::read(body.as_bytes()).is_err(), "{body}");
        }
        let none = Attributes::read(b"{}").unwrap();
        assert_eq!(none.presented().unwrap_err(), "/NAS-IP-Address");
        // Two switches are none.
        let body = r#"{"NAS-IP-Address":{"value":["10.20.0.2","10.20.0.3"]}}"#;
        assert!(Attributes::read(body.as_bytes()).unwrap().place().is_err());
        for text in ["9B:4", "9B04", "9B:04", "", "+1:04"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }
}
