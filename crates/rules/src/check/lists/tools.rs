//! Conference tools, with the names by which devices report their clients.

use sekisho_domain::id::ConferenceToolId;
use sekisho_domain::register::{ConferenceTool, Entry, EntryId};
use sekisho_domain::world::World;
use serde::Serialize;

use super::names::{Pattern, any};
use crate::digest::of_json;

/// A conference tool whose clients are looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::check) struct Tool {
    pub(in crate::check) id: ConferenceToolId,
    patterns: Vec<Pattern>,
    /// The oldest version without known vulnerabilities, by what its provider says.
    pub(in crate::check) safe_from: Option<String>,
}

impl Tool {
    /// Whether a package of this name is its client.
    pub(in crate::check) fn means(&self, name: &str) -> bool {
        any(&self.patterns, &[name])
    }
}

/// The conference tools that say by which names devices report their clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tools {
    all: Vec<Tool>,
    mark: Option<String>,
}

impl Tools {
    /// Those in use, as the register has them.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let nouns = world.registers.nouns::<ConferenceTool>();
        let named = nouns.filter(|(_, tool)| !tool.packages.is_empty());
        let found = named.filter_map(|(entry, tool)| looked_for(entry, tool));
        let mut all: Vec<Tool> = found.collect();
        all.sort_by_key(|tool| tool.id);
        let mark = (!all.is_empty()).then(|| of_json(&all));
        Self { all, mark }
    }

    /// A digest of what devices are looked through for; none where no tool says how it is reported.
    #[must_use]
    pub fn mark(&self) -> Option<&str> {
        self.mark.as_deref()
    }

    pub(in crate::check) fn iter(&self) -> impl Iterator<Item = &Tool> {
        self.all.iter()
    }
}

fn looked_for(entry: &Entry, tool: &ConferenceTool) -> Option<Tool> {
    let EntryId::ConferenceTool(id) = entry.id else {
        return None;
    };
    let names = tool.packages.iter();
    let safe_from = tool.safe_from.as_ref();
    Some(Tool {
        id,
        patterns: names.map(|it| Pattern::of(it.as_str())).collect(),
        safe_from: safe_from.map(|it| it.as_str().to_owned()),
    })
}
