//! A gateway's own addresses at the inside are few among those of a line, never all of them: whatever comes from
//! them counts as coming from outside, so that one entry would take a whole line for outside.

use crate::command::Refusal;
use crate::net::Network;
use crate::register::inside::hidden;
use crate::register::{EntryId, Gateway, NetworkLine, Particulars};
use crate::world::World;

/// Whether a gateway or a line, as it would stand, leaves lines addresses of their own. An entry that says
/// nothing new of addresses is not held against what stood beside it before.
///
/// # Errors
/// [`Refusal`] at the field, naming the other entry.
pub(super) fn is_none_of_a_line(
    world: &World,
    particulars: &Particulars,
    before: Option<&Particulars>,
) -> Result<(), Refusal> {
    match (particulars, before) {
        (Particulars::Gateway(now), Some(Particulars::Gateway(before)))
            if now.inside == before.inside =>
        {
            Ok(())
        }
        (Particulars::Line(now), Some(Particulars::Line(before)))
            if (&now.seen_as, now.kind) == (&before.seen_as, before.kind) =>
        {
            Ok(())
        }
        (Particulars::Gateway(gateway), _) => {
            let mut lines = world.registers.nouns::<NetworkLine>();
            let hidden =
                lines.find_map(|(entry, line)| Some((entry.id, hidden(line, gateway).next()?)));
            refuse(hidden, "gateway.inside-has-line", "inside")
        }
        (Particulars::Line(line), _) => {
            let mut gateways = world.registers.nouns::<Gateway>();
            let hidden =
                gateways.find_map(|(entry, it)| Some((entry.id, hidden(line, it).next()?)));
            refuse(hidden, "line.seen-as-gateway", "seen_as")
        }
        _ => Ok(()),
    }
}

fn refuse(
    hidden: Option<(EntryId, Network)>,
    code: &'static str,
    field: &'static str,
) -> Result<(), Refusal> {
    let Some((other, network)) = hidden else {
        return Ok(());
    };
    let mut refusal = Refusal::new(code).at(field);
    let reason = refusal.reason.with("other", other.to_string());
    refusal.reason = reason.with("network", network.to_string());
    Err(refusal)
}
