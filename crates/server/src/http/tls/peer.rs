//! The device at the other end of a connection, as its certificate proves it.

use axum::extract::Request;
use rustls::pki_types::CertificateDer;
use sekisho_domain::id::DeviceId;

use crate::app::App;
use crate::identity::ca::{self, Stated, Unfit};

/// What a client presented in the handshake.
#[derive(Clone, Debug)]
pub(in crate::http) enum Presented {
    /// Nothing.
    Nothing,
    /// A certificate of our authority.
    Stated(Stated),
    /// A certificate of our authority that we would not have made like that.
    Unfit(Unfit),
}

impl Presented {
    /// Reads what came in a handshake that was completed: the chain is checked by then.
    pub(in crate::http) fn read(certificates: Option<&[CertificateDer<'_>]>) -> Self {
        match certificates.and_then(<[_]>::first) {
            None => Self::Nothing,
            Some(leaf) => Stated::read(leaf).map_or_else(Self::Unfit, Self::Stated),
        }
    }

    /// Marks a request with the device, judged by the ledger as it is now: what was right in the
    /// handshake may be wrong by the next request.
    pub(in crate::http) fn mark<B>(&self, app: &App, request: &mut Request<B>) {
        let peer = match self {
            Self::Nothing => return,
            Self::Unfit(unfit) => Peer::Refused(*unfit),
            Self::Stated(stated) => judged(app, stated),
        };
        if let Peer::Refused(unfit) = &peer {
            let code = unfit.code();
            let device = match self {
                Self::Stated(stated) => stated.device.to_string(),
                _ => String::new(),
            };
            tracing::warn!(code, %device, "a device's certificate was refused");
        }
        if let Peer::Device(device) = &peer {
            request
                .extensions_mut()
                .insert(crate::http::DeviceCertificate(*device));
        }
        request.extensions_mut().insert(peer);
    }
}

/// What a certificate is worth for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Peer {
    /// It stands for this device.
    Device(DeviceId),
    /// It stands for nothing, and the request is refused.
    Refused(Unfit),
}

fn judged(app: &App, stated: &Stated) -> Peer {
    let world = app.world();
    let known = world.device(stated.device);
    let known = known.map(|device| (&device.key, device.state));
    match ca::judge(stated, app.now(), known) {
        Ok(_) => Peer::Device(stated.device),
        Err(unfit) => Peer::Refused(unfit),
    }
}
