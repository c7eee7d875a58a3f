//! One order: the account, the challenges, the certificate. Nothing is kept or put in force here.

use std::net::IpAddr;
use std::time::Duration;

use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, ExternalAccountKey,
    Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use zeroize::Zeroizing;

use super::challenge::{Challenges, Ready};
use super::error::{AcmeError, said};
use super::line::Line;
use super::settings::AcmeSettings;

/// How long the authority may take to look at the challenges, and to make the certificate.
const PATIENCE: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_millis(250))
    .backoff(1.5)
    .timeout(Duration::from_secs(60));

/// What came of an order.
pub(super) struct Fresh {
    /// The certificate, then those that signed it (PEM).
    pub(super) chain: String,
    /// Its key (PKCS #8, DER).
    pub(super) key: Zeroizing<Vec<u8>>,
}

/// Takes up an account that was kept.
pub(super) async fn known_account(
    settings: &AcmeSettings,
    kept: &[u8],
) -> Result<Account, AcmeError> {
    let credentials: AccountCredentials = serde_json::from_slice(kept)
        .map_err(|error| AcmeError::Made(format!("account: {error}")))?;
    let builder = Account::builder_with_http(Box::new(Line::new(settings)));
    Ok(builder.from_credentials(credentials).await?)
}

/// Makes an account; it comes with what is to be kept of it. That the terms are agreed to stands in the
/// configuration, without which there are no settings.
pub(super) async fn new_account(
    settings: &AcmeSettings,
) -> Result<(Account, Zeroizing<Vec<u8>>), AcmeError> {
    let contact: Vec<String> = settings
        .contact
        .iter()
        .map(|mail| format!("mailto:{mail}"))
        .collect();
    let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
    let wanted = NewAccount {
        contact: &contact,
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let binding = settings.binding.as_ref();
    let binding = binding.map(|it| ExternalAccountKey::new(it.id.clone(), &it.key));
    let builder = Account::builder_with_http(Box::new(Line::new(settings)));
    let directory = settings.directory.clone();
    let made = builder.create(&wanted, directory, binding.as_ref()).await;
    let (account, credentials) = made?;
    let kept = serde_json::to_vec(&credentials)
        .map_err(|error| AcmeError::Made(format!("account: {error}")))?;
    Ok((account, Zeroizing::new(kept)))
}

/// Orders a certificate for the names of the settings, with a key of its own.
pub(super) async fn certificate(
    settings: &AcmeSettings,
    account: &Account,
    challenges: &Challenges,
) -> Result<Fresh, AcmeError> {
    let names: Vec<Identifier> = settings.names.iter().map(|name| identifier(name)).collect();
    let mut order = account.new_order(&NewOrder::new(&names)).await?;
    let ready = answer(&mut order, challenges).await?;
    let state = order.poll_ready(&PATIENCE).await;
    if let Some(told) = failed_challenge(&mut order, &state).await {
        return Err(told);
    }
    match state? {
        OrderStatus::Ready => {}
        other => return Err(AcmeError::Refused(format!("order: {other:?}"))),
    }
    drop(ready);
    let (key, request) = request(&settings.names)?;
    order.finalize_csr(&request).await?;
    let chain = order.poll_certificate(&PATIENCE).await?;
    Ok(Fresh { chain, key })
}

fn identifier(name: &str) -> Identifier {
    match name.parse::<IpAddr>() {
        Ok(address) => Identifier::Ip(address),
        Err(_) => Identifier::Dns(name.to_ascii_lowercase()),
    }
}

/// Gets the answers to all challenges ready, and says so to the authority.
async fn answer<'a>(
    order: &mut Order,
    challenges: &'a Challenges,
) -> Result<Vec<Ready<'a>>, AcmeError> {
    let mut ready = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(next) = authorizations.next().await {
        let mut authorization = next?;
        match authorization.status {
            // Shown before, and not forgotten by the authority.
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            other => return Err(AcmeError::Refused(format!("authorization: {other:?}"))),
        }
        let name = authorization.identifier().to_string();
        let Some(mut challenge) = authorization.challenge(ChallengeType::TlsAlpn01) else {
            return Err(AcmeError::NoChallenge(said(&name)));
        };
        let digest = challenge.key_authorization().digest();
        ready.push(challenges.ready(&name, digest.as_ref())?);
        challenge.set_ready().await?;
    }
    Ok(ready)
}

/// What the authority says of a challenge that it did not find answered, where that is why.
async fn failed_challenge(
    order: &mut Order,
    state: &Result<OrderStatus, instant_acme::Error>,
) -> Option<AcmeError> {
    let over = match state {
        Ok(status) => *status == OrderStatus::Invalid,
        Err(instant_acme::Error::Api(_) | instant_acme::Error::Timeout(_)) => true,
        Err(_) => false,
    };
    if !over {
        return None;
    }
    let mut authorizations = order.authorizations();
    while let Some(next) = authorizations.next().await {
        let mut authorization = next.ok()?;
        let known = authorization.refresh().await.ok()?;
        let name = known.identifier().to_string();
        let problem = known.challenges.iter().find_map(|it| it.error.clone());
        if let Some(problem) = problem {
            return Some(AcmeError::Challenge(said(&format!("{name}: {problem}"))));
        }
    }
    None
}

/// A new key and the request for a certificate of it (PKCS #10, DER).
fn request(names: &[String]) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), AcmeError> {
    let made = |error: rcgen::Error| AcmeError::Made(error.to_string());
    let mut params = CertificateParams::new(names.to_vec()).map_err(made)?;
    params.distinguished_name = DistinguishedName::new();
    let key = KeyPair::generate().map_err(made)?;
    let request = params.serialize_request(&key).map_err(made)?;
    Ok((Zeroizing::new(key.serialize_der()), request.der().to_vec()))
}
