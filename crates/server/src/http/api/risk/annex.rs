//! The annex of a year's losses, for programs: drawn from what the address says, and kept nowhere.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::operation::{Done, Outcome};
use super::super::schema::{Schema, count, list, object, or_null};
use crate::http::fault::{Fault, Wrong};
use crate::http::pages::risk::annex::may_draw;
use crate::risk::{LossAsked, whole_yen};

pub(in super::super) fn annex_schema() -> Schema {
    let share = object([("percent", count()), ("yen", or_null(count()))]);
    object([
        ("frequency", json!({ "type": "number" })),
        ("low", or_null(count())),
        ("high", or_null(count())),
        ("years", count()),
        ("seed", count()),
        ("mean", or_null(count())),
        ("median", or_null(count())),
        ("p95", or_null(count())),
        ("lose_more_than", list(share)),
    ])
}

/// `GET /risks/annex`
pub(in super::super) fn annex(call: &Call<'_>) -> Done {
    may_draw(call.ctx)?;
    let asked = LossAsked::of(|name| call.ctx.query(name));
    let (model, loss) = asked.draw().map_err(|wrong| {
        let told = |(name, code): (&str, &str)| Wrong::at(format!("/{name}"), code.to_owned());
        Fault::unprocessable(wrong.into_iter().map(told).collect())
    })?;
    let shares = (0u32..).zip(&loss.shares).take(100);
    let shares: Vec<Value> = shares
        .map(|(below, yen)| json!({ "percent": 100 - below, "yen": whole_yen(*yen) }))
        .collect();
    Ok(Outcome::found(json!({
        "frequency": model.frequency,
        "low": whole_yen(model.low),
        "high": whole_yen(model.high),
        "years": model.years,
        "seed": model.seed,
        "mean": whole_yen(loss.mean),
        "median": whole_yen(loss.median),
        "p95": whole_yen(loss.p95),
        "lose_more_than": shares,
    })))
}
