//! Asking a switch to end a connection.

use core::net::Ipv4Addr;
use std::net::UdpSocket;
use std::time::Duration;

use sekisho_domain::time::Timestamp;

use super::connection::Place;
use super::packet::{Reply, address, disconnect, reply};

/// How often the same request is sent.
const TRIES: u32 = 3;
/// How long an answer is waited for.
const WAIT: Duration = Duration::from_millis(700);

/// What became of a connection that is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// It was ended, or need not be.
    Settled,
    /// The switch did not do it, or nobody knows the secret by which it is asked.
    Declined,
    /// The switch said nothing.
    Silent,
}

/// Sends a request until it is answered. None where the switch says nothing.
pub(super) fn end(
    place: &Place,
    secret: &[u8],
    id: u8,
    now: Timestamp,
) -> std::io::Result<Option<Reply>> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect(address(place.switch))?;
    socket.set_read_timeout(Some(WAIT))?;
    let request = disconnect(place, secret, id, now);
    let mut buffer = [0; 4096];
    for _ in 0..TRIES {
        socket.send(&request.bytes)?;
        let Ok(length) = socket.recv(&mut buffer) else {
            continue;
        };
        let told = reply(&request, secret, &buffer[..length]);
        if told.is_some() {
            return Ok(told);
        }
    }
    Ok(None)
}
