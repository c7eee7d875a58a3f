//! Certificates for the keys of devices.

use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use sekisho_protocol::agent::{CertificateRequest, CertificateResponse};
use sekisho_store::entropy;

use super::super::ctx::{Answer, Ctx, json};
use super::super::fault::Fault;
use super::super::options::TlsSource;
use super::signed;

/// Certifies the key that signed the request.
pub(super) fn certify(ctx: &Ctx, body: &Bytes) -> Answer {
    let _: CertificateRequest =
        serde_json::from_slice(body).map_err(|_| Fault::bad("agent.form"))?;
    let speaker = signed::active(ctx, body)?;
    let authorities = ctx.site.app.authorities();
    let made = authorities
        .active()
        .certify_device(speaker.device, &speaker.key, ctx.now, entropy::bytes()?)
        .map_err(Fault::internal)?;
    let response = CertificateResponse {
        authorities: to_be_trusted(ctx),
        not_before: made.validity.from,
        not_after: made.validity.until,
        renew_at: made.validity.renew_at(),
        chain: made.chain,
    };
    let device = speaker.device;
    tracing::info!(code = "certificate.issued", %device, "a device's key was certified");
    Ok(json(
        &serde_json::to_value(response).map_err(Fault::internal)?,
    ))
}

/// The authorities by which agents know this server: its own, where its certificate is of them.
pub(super) fn to_be_trusted(ctx: &Ctx) -> Option<String> {
    let built_in = ctx.site.options.tls == Some(TlsSource::BuiltIn);
    built_in.then(|| ctx.site.app.authorities().pem(ctx.now))
}

/// The certificate of the authority, and those of others that are trusted beside it.
pub(super) fn authority(ctx: &Ctx) -> Answer {
    let kind = HeaderValue::from_static("application/x-pem-file");
    let file = HeaderValue::from_static("attachment; filename=\"sekisho-ca.pem\"");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, file),
    ];
    Ok((headers, ctx.site.app.authorities().pem(ctx.now)).into_response())
}
