//! Requests to end a connection, in the form of RFC 5176: built and checked. Pure.
//!
//! MD5 is what the protocol has. What it is worth follows from the secret and from the line between this
//! server and the switch, which has to be one that nobody else is at.

use core::net::Ipv4Addr;

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sekisho_domain::time::Timestamp;
use subtle::ConstantTimeEq;

use super::connection::Place;

const DISCONNECT_REQUEST: u8 = 40;
const DISCONNECT_ACK: u8 = 41;
const DISCONNECT_NAK: u8 = 42;

const NAS_IP_ADDRESS: u8 = 4;
const CALLING_STATION_ID: u8 = 31;
const ACCT_SESSION_ID: u8 = 44;
const EVENT_TIMESTAMP: u8 = 55;
const MESSAGE_AUTHENTICATOR: u8 = 80;
const ERROR_CAUSE: u8 = 101;

/// The switch has no such connection (RFC 5176, 3.5).
const NO_SUCH_SESSION: [u8; 4] = 503_u32.to_be_bytes();

const HEADER: usize = 20;
const AUTHENTICATOR: core::ops::Range<usize> = 4..20;
/// Longest value of an attribute (RFC 2865, 5).
const VALUE_MAX: usize = 253;
/// Longest packet (RFC 2865, 3).
const PACKET_MAX: usize = 4096;

/// A request that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// What goes over the line.
    pub(super) bytes: Vec<u8>,
    id: u8,
}

/// What a switch says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The connection is ended, or there is none.
    Ended,
    /// The switch did not end it.
    Declined,
}

fn put(bytes: &mut Vec<u8>, kind: u8, value: &[u8]) {
    let value = &value[..value.len().min(VALUE_MAX)];
    // At most 255.
    let length = u8::try_from(value.len() + 2).unwrap_or(u8::MAX);
    bytes.extend([kind, length]);
    bytes.extend(value);
}

fn mac(secret: &[u8], parts: &[&[u8]]) -> [u8; 16] {
    // Every length of key is one for HMAC (RFC 2104, 2).
    let Ok(mut mac) = Hmac::<Md5>::new_from_slice(secret) else {
        return [0; 16];
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn digest(parts: &[&[u8]]) -> [u8; 16] {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(part);
    }
    md5.finalize().into()
}

/// A request to end a connection. `id` tells answers apart.
pub(super) fn disconnect(place: &Place, secret: &[u8], id: u8, now: Timestamp) -> Request {
    let mut bytes = vec![DISCONNECT_REQUEST, id, 0, 0];
    bytes.extend([0; 16]);
    put(&mut bytes, NAS_IP_ADDRESS, &place.switch.octets());
    for (kind, text) in [
        (ACCT_SESSION_ID, &place.session),
        (CALLING_STATION_ID, &place.station),
    ] {
        if let Some(text) = text {
            put(&mut bytes, kind, text.as_bytes());
        }
    }
    let seconds = u32::try_from(now.as_millis() / 1000).unwrap_or(u32::MAX);
    put(&mut bytes, EVENT_TIMESTAMP, &seconds.to_be_bytes());
    put(&mut bytes, MESSAGE_AUTHENTICATOR, &[0; 16]);
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
    // First over a packet whose authenticator is zero (RFC 5176, 3.4), then the authenticator over it.
    let tag = mac(secret, &[&bytes]);
    let end = bytes.len();
    bytes[end - 16..].copy_from_slice(&tag);
    let authenticator = digest(&[&bytes, secret]);
    bytes[AUTHENTICATOR].copy_from_slice(&authenticator);
    Request { bytes, id }
}

/// The attributes of a packet: kind, and where the value lies. None where they are not whole.
fn attributes(bytes: &[u8]) -> Option<Vec<(u8, core::ops::Range<usize>)>> {
    let mut at = HEADER;
    let mut all = Vec::new();
    while at < bytes.len() {
        let length = usize::from(*bytes.get(at + 1)?);
        if length < 2 || at + length > bytes.len() {
            return None;
        }
        all.push((bytes[at], at + 2..at + length));
        at += length;
    }
    Some(all)
}

/// Reads an answer; none where it is not the answer of a switch that knows the secret to this request.
pub(super) fn reply(request: &Request, secret: &[u8], bytes: &[u8]) -> Option<Reply> {
    if bytes.len() < HEADER || bytes.len() > PACKET_MAX || bytes[1] != request.id {
        return None;
    }
    if usize::from(u16::from_be_bytes([bytes[2], bytes[3]])) != bytes.len() {
        return None;
    }
    let asked = &request.bytes[AUTHENTICATOR];
    let expected = digest(&[&bytes[..4], asked, &bytes[HEADER..], secret]);
    if !bool::from(expected.as_slice().ct_eq(&bytes[AUTHENTICATOR])) {
        return None;
    }
    let all = attributes(bytes)?;
    for (_, at) in all
        .iter()
        .filter(|(kind, _)| *kind == MESSAGE_AUTHENTICATOR)
    {
        let parts = [
            &bytes[..4],
            asked,
            &bytes[HEADER..at.start],
            &[0; 16][..],
            &bytes[at.end..],
        ];
        if !bool::from(mac(secret, &parts).as_slice().ct_eq(&bytes[at.clone()])) {
            return None;
        }
    }
    let cause = all.iter().find(|(kind, _)| *kind == ERROR_CAUSE);
    let none_there = cause.is_some_and(|(_, at)| bytes[at.clone()] == NO_SUCH_SESSION);
    match bytes[0] {
        DISCONNECT_ACK => Some(Reply::Ended),
        DISCONNECT_NAK if none_there => Some(Reply::Ended),
        DISCONNECT_NAK => Some(Reply::Declined),
        _ => None,
    }
}

/// Where switches listen for such requests (RFC 5176, 3).
pub(super) const PORT: u16 = 3799;

/// The address of a switch for them.
pub(super) const fn address(switch: Ipv4Addr) -> (Ipv4Addr, u16) {
    (switch, PORT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"a secret between two";

    fn request() -> Request {
        let place = Place {
            switch: Ipv4Addr::new(10, 20, 0, 2),
            port: Some("7".to_owned()),
            station: Some("02-00-00-00-00-01".to_owned()),
            session: Some("5F0A".to_owned()),
        };
        let now = Timestamp::from_millis(1_700_000_000_000);
        disconnect(&place, SECRET, 9, now)
    }

    /// An answer as a switch makes it, with a Message-Authenticator.
    fn answer(code: u8, request: &Request, secret: &[u8]) -> Vec<u8> {
        let mut bytes = vec![code, request.id, 0, 38];
        bytes.extend(&request.bytes[AUTHENTICATOR]);
        bytes.extend([MESSAGE_AUTHENTICATOR, 18]);
        bytes.extend([0; 16]);
        let tag = mac(secret, &[&bytes]);
        bytes[22..].copy_from_slice(&tag);
        let authenticator = digest(&[&bytes, secret]);
        bytes[AUTHENTICATOR].copy_from_slice(&authenticator);
        bytes
    }

    #[test]
    fn a_request_is_of_the_form() {
        let bytes = request().bytes;
        assert_eq!(bytes[0], 40);
        assert_eq!(
            usize::from(u16::from_be_bytes([bytes[2], bytes[3]])),
            bytes.len()
        );
        assert_eq!(&bytes[20..26], &[4, 6, 10, 20, 0, 2]);
        assert_eq!(&bytes[26..32], &[44, 6, b'5', b'F', b'0', b'A']);
        // As a switch checks it: authenticator, then Message-Authenticator with both at zero.
        let mut plain = bytes.clone();
        plain[AUTHENTICATOR].fill(0);
        assert_eq!(digest(&[&plain, SECRET]), bytes[AUTHENTICATOR]);
        let all = attributes(&bytes).unwrap();
        let (kind, at) = all.last().unwrap().clone();
        assert_eq!((kind, at.len()), (MESSAGE_AUTHENTICATOR, 16));
        plain[at.clone()].fill(0);
        assert_eq!(mac(SECRET, &[&plain]), bytes[at]);
    }

    #[test]
    fn only_the_answer_of_who_knows_the_secret_counts() {
        let request = request();
        let ack = answer(41, &request, SECRET);
        assert_eq!(reply(&request, SECRET, &ack), Some(Reply::Ended));
        let nak = answer(42, &request, SECRET);
        assert_eq!(reply(&request, SECRET, &nak), Some(Reply::Declined));
        assert_eq!(reply(&request, SECRET, &answer(41, &request, b"x")), None);
        assert_eq!(reply(&request, SECRET, &answer(44, &request, SECRET)), None);
        for at in 0..ack.len() {
            let mut damaged = ack.clone();
            damaged[at] ^= 1;
            assert_eq!(reply(&request, SECRET, &damaged), None, "byte {at}");
            assert_eq!(reply(&request, SECRET, &ack[..at]), None, "cut at {at}");
        }
    }
}
