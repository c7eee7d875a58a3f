//! What gateways count for no system alone, since several share the place where it passed.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use sekisho_domain::id::{DeviceId, LineId, PersonId, SystemId};
use sekisho_domain::register::places::Places;
use sekisho_domain::world::World;
use sekisho_protocol::access_table::SHARED_PLACE;
use sekisho_rules::decide::Question;
use sekisho_store::observations::TunnelUse;

use super::reach::{candidates, through_a_tunnel};

/// What traffic of tunnels was for.
pub struct PassedTo<'a> {
    world: &'a World,
    /// The systems that share places, once they are asked for.
    sharing: OnceCell<BTreeSet<SystemId>>,
}

impl<'a> PassedTo<'a> {
    /// By what the register says now.
    #[must_use]
    pub const fn new(world: &'a World) -> Self {
        Self {
            world,
            sharing: OnceCell::new(),
        }
    }

    /// The questions that were answered where something passed: one, and of a shared place one for each system
    /// that it may have been for, so that no use is missed. Ids of a form that nothing has any more say nothing.
    #[must_use]
    pub fn questions(&self, used: &TunnelUse) -> Vec<Question> {
        let ids = (
            used.person.parse::<PersonId>(),
            used.device.parse::<DeviceId>(),
            used.system.parse::<SystemId>(),
        );
        let (Ok(person), Ok(device), Ok(system)) = ids else {
            return Vec::new();
        };
        let systems = if system == SHARED_PLACE {
            let mut all = candidates(self.world, person, device);
            let sharing = self.sharing();
            // Where the register has been put right since, any of them.
            if all.iter().any(|it| sharing.contains(it)) {
                all.retain(|it| sharing.contains(it));
            }
            all
        } else {
            BTreeSet::from([system])
        };
        let line = used.line.as_ref();
        let line = line.and_then(|line| line.parse::<LineId>().ok());
        let question = |system| {
            let mut question = through_a_tunnel(person, device, system);
            question.origin.line = line;
            question
        };
        systems.into_iter().map(question).collect()
    }

    fn sharing(&self) -> &BTreeSet<SystemId> {
        self.sharing
            .get_or_init(|| Places::of(self.world).sharing().collect())
    }
}
