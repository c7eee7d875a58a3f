//! Turning the second factor on: a secret is offered and counts once a code has shown that the
//! app has it.

use sekisho_messages::text;

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::form::Form;
use crate::console::layout::Place;
use crate::console::totp::{Totp, page};
use crate::identity::sign_in::set_totp;
use crate::identity::totp::TotpSecret;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let live = ctx.live()?;
    let secret = match ctx.site.desk.offers.get(live.token, ctx.now.as_millis()) {
        Some(secret) => secret,
        None => TotpSecret::fresh()?,
    };
    ctx.site
        .desk
        .offers
        .put(live.token, secret.clone(), ctx.now.as_millis());
    offer(ctx, &secret, None)
}

fn offer(ctx: &Ctx, secret: &TotpSecret, error: Option<String>) -> Answer {
    let live = ctx.live()?;
    let account = ctx.site.app.accounts().get(&live.account.to_string())?;
    let login = account
        .as_ref()
        .map_or("", |account| account.login.as_str());
    let issuer = text(ctx.lang, "console.brand", &[]);
    let first_run = ctx.site.app.world().people.len() <= 1;
    let view = Totp {
        csrf: live.csrf(),
        secret: secret.base32(),
        uri: secret.uri(&issuer, login),
        error,
        first_run,
    };
    Ok(html(page(&ctx.frame(Place::Elsewhere), &view)))
}

pub(in crate::http) fn confirm(ctx: &Ctx, form: &Form) -> Answer {
    let live = ctx.live()?;
    let Some(secret) = ctx.site.desk.offers.get(live.token, ctx.now.as_millis()) else {
        return Ok(redirect("/set-up/second-factor"));
    };
    let seconds = u64::try_from(ctx.now.as_millis() / 1000).unwrap_or_default();
    let Some(step) = secret.step_of(form.get("code"), seconds) else {
        let wrong = super::sentence(ctx.lang, "second-factor.wrong-code", &[]);
        return offer(ctx, &secret, Some(wrong));
    };
    set_totp(ctx.site.books(), live.account, Some(&secret))?;
    // The code that confirmed it does not sign anyone in afterwards.
    ctx.site
        .app
        .accounts()
        .use_totp_step(&live.account.to_string(), step)?;
    ctx.site.desk.offers.end(live.token);
    Ok(redirect("/"))
}

pub(in crate::http) fn skip(ctx: &Ctx, _: &Form) -> Answer {
    let live = ctx.live()?;
    ctx.site.desk.offers.end(live.token);
    Ok(redirect("/"))
}
