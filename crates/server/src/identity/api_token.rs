//! API tokens at the door: from the secret that a program shows to the one who acts.

use sekisho_domain::actor::Actor;
use sekisho_domain::id::ApiTokenId;
use sekisho_domain::token::TokenHolder;
use sekisho_store::StoreError;

use super::token::Token;
use crate::app::App;

/// How the text of a secret begins, so that scanners of source code know one when they see it.
pub const PREFIX: &str = "sekisho_";

/// A token that was shown and can be used now.
#[derive(Clone, Debug)]
pub struct LiveToken {
    /// Its id.
    pub id: ApiTokenId,
    /// Who acts by it.
    pub actor: Actor,
}

/// The text of a secret, for its holder only.
#[must_use]
pub fn text(secret: &Token) -> String {
    format!("{PREFIX}{}", secret.text())
}

/// The token of a secret, if it is in force: issued, not over, not revoked. What it may do is for
/// the gate to say.
///
/// # Errors
/// The store's codes.
pub fn find(app: &App, text: &str) -> Result<Option<LiveToken>, StoreError> {
    let Some(secret) = text.strip_prefix(PREFIX).and_then(Token::parse) else {
        return Ok(None);
    };
    let id = app.accounts().api_token(secret.hash())?;
    Ok(id.and_then(|id| in_force(app, &id)))
}

/// The same without waiting for a file; none where only the accounts could tell.
#[must_use]
pub fn find_at_hand(app: &App, text: &str) -> Option<LiveToken> {
    let secret = text.strip_prefix(PREFIX).and_then(Token::parse)?;
    let id = app.accounts().api_token_at_hand(secret.hash())?;
    in_force(app, &id)
}

fn in_force(app: &App, id: &str) -> Option<LiveToken> {
    let id: ApiTokenId = id.parse().ok()?;
    let world = app.world();
    let known = world.tokens.get(&id);
    let known = known.filter(|known| known.in_force(app.now()));
    known.map(|known| LiveToken {
        id,
        actor: match known.token.holder {
            TokenHolder::Post => Actor::Person {
                person: known.token.issuer,
                appointment: None,
                via: Some(id),
            },
            TokenHolder::Service => Actor::Service {
                token: id,
                appointment: None,
            },
        },
    })
}
