//! Issuing and revoking API tokens.

use super::{Command, Refusal};
use crate::actor::Actor;
use crate::authorise::{Action, Subject, authorise};
use crate::event::Event;
use crate::id::ApiTokenId;
use crate::time::Timestamp;
use crate::token::{TOKEN_MAX, TOKENS_OF_A_POST, Token, TokenHolder};
use crate::world::World;

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &Command,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::IssueToken { token } => issue(world, actor, token, now),
        Command::RevokeToken { token, issuer } => {
            let known = world
                .tokens
                .get(token)
                .filter(|it| it.token.issuer == *issuer);
            let known = known.ok_or_else(|| Refusal::new("token.unknown").at("token"))?;
            if known.revoked_at.is_some() {
                return Ok(Vec::new());
            }
            Ok(vec![Event::TokenRevoked { token: *token }])
        }
        _ => Err(Refusal::new("command.misrouted")),
    }
}

fn issue(
    world: &World,
    actor: &Actor,
    token: &Token,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    // A program that could issue tokens could outlive its own.
    let by_hand =
        matches!(actor, Actor::Person { via: None, person, .. } if *person == token.issuer);
    if !by_hand {
        return Err(Refusal::new("token.by-hand-only"));
    }
    if world.tokens.contains_key(&token.id) {
        return Err(Refusal::new("token.exists").at("id"));
    }
    if !world
        .posts_held(token.issuer, now)
        .any(|(_, post)| post.id == token.post)
    {
        return Err(Refusal::new("token.post-not-held").at("post"));
    }
    if token.holder == TokenHolder::Service {
        authorise(world, actor, Action::IssueToken, Subject::Body, now)?;
    }
    if token.scope.is_empty() {
        return Err(Refusal::new("token.no-scope").at("scope"));
    }
    if token
        .scope
        .iter()
        .any(|scope| !scope.is_open_to(token.holder))
    {
        return Err(Refusal::new("token.people-only").at("scope"));
    }
    let until = token
        .valid
        .until
        .ok_or_else(|| Refusal::new("token.no-end").at("until"))?;
    if until <= now || until <= token.valid.from {
        return Err(Refusal::new("token.end-in-past").at("until"));
    }
    if until > now.after(TOKEN_MAX) {
        return Err(Refusal::new("token.too-long").at("until"));
    }
    let of_the_post = world.tokens.values();
    let of_the_post = of_the_post.filter(|it| it.token.post == token.post && it.in_force(now));
    if of_the_post.count() >= TOKENS_OF_A_POST {
        return Err(Refusal::new("token.too-many").at("post"));
    }
    Ok(vec![Event::TokenIssued {
        token: token.clone(),
    }])
}

/// The tokens that end with a person's account: those with which programs act in that person's name.
pub(super) fn of_person(
    world: &World,
    person: crate::id::PersonId,
    now: Timestamp,
) -> Vec<ApiTokenId> {
    let own = world.tokens.values().filter(|it| {
        it.token.issuer == person && it.token.holder == TokenHolder::Post && it.in_force(now)
    });
    let mut own: Vec<ApiTokenId> = own.map(|it| it.token.id).collect();
    own.sort_unstable();
    own
}
