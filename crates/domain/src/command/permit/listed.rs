//! What the registers say of the thing that is applied for: the lists of software (7.1.1(1)(b)) and
//! the highest grade of a medium (8.1.1(3)(k)).

use crate::command::Refusal;
use crate::fold;
use crate::grade::Grade;
use crate::name::Line;
use crate::permit::Particulars;
use crate::permit::particulars::{Media, Software};
use crate::register::{medium, software};
use crate::world::World;

/// How far a permit has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It is asked for, or about to be given.
    Asked,
    /// It was given. What needs no permit any more does not take it away.
    Given,
}

/// What a register rules out, or lets pass without a permit.
pub(super) fn admitted(
    world: &World,
    particulars: &Particulars,
    grade: Option<Grade>,
    step: Step,
) -> Result<(), Refusal> {
    match particulars {
        Particulars::Software(asked) => match (by_lists(world, asked), step) {
            (Err(Listed::Allowed(_)), Step::Given) | (Ok(()), _) => Ok(()),
            (Err(Listed::Allowed(refusal) | Listed::Forbidden(refusal)), _) => Err(refusal),
        },
        Particulars::Media(asked) => carried_by(world, asked, grade.unwrap_or(asked.grade)),
        _ => Ok(()),
    }
}

/// A permit is for what stands on no list, or on the one with conditions. The typed name is compared
/// with the entries that speak of every version, whatever entry was chosen: a forbidden product does
/// not pass under the number of another. Which version an entry means that names some stands there in
/// words, for the officer to read.
fn by_lists(world: &World, asked: &Software) -> Result<(), Listed> {
    use software::SoftwareList as List;
    let wanted = fold::search(asked.name.as_str());
    let of_list = |list: List| {
        let mut nouns = world.registers.nouns::<software::Software>();
        nouns.find(|(_, entry)| entry.list == list && speaks_of(entry, &wanted))
    };
    if let Some((_, entry)) = of_list(List::Deny) {
        return on_list(entry, "name");
    }
    let chosen = asked.listed.and_then(|id| world.registers.get(id));
    if let Some((_, entry)) = chosen {
        return on_list(entry, "listed");
    }
    // What needs a permit by one entry needs it, though another allows a thing of the same name.
    match of_list(List::Conditional).or_else(|| of_list(List::Allow)) {
        Some((_, entry)) => on_list(entry, "name"),
        None => Ok(()),
    }
}

/// Whether an entry is about every version of what is so named; a name among its packages that ends
/// with `*` stands for all that begin so.
fn speaks_of(entry: &software::Software, wanted: &str) -> bool {
    let is_package = |name: &Line| match name.as_str().strip_suffix('*') {
        Some(begins) => wanted.starts_with(&fold::search(begins)),
        None => fold::search(name.as_str()) == wanted,
    };
    let is_it = fold::search(entry.name.as_str()) == wanted;
    entry.versions.is_none() && (is_it || entry.packages.iter().any(is_package))
}

/// Why a list leaves no place for a permit.
enum Listed {
    Forbidden(Refusal),
    Allowed(Refusal),
}

fn on_list(entry: &software::Software, field: &str) -> Result<(), Listed> {
    let refused = |code| {
        let mut refusal = Refusal::new(code).at(field);
        refusal.reason = refusal.reason.with("name", entry.name.as_str());
        refusal
    };
    match entry.list {
        software::SoftwareList::Conditional => Ok(()),
        software::SoftwareList::Deny => {
            Err(Listed::Forbidden(refused("permit.software-forbidden")))
        }
        software::SoftwareList::Allow => Err(Listed::Allowed(refused("permit.software-allowed"))),
    }
}

/// Confidentiality alone is compared: losing a medium discloses what is on it, whereas whole and at
/// hand it is kept elsewhere.
fn carried_by(world: &World, asked: &Media, grade: Grade) -> Result<(), Refusal> {
    let known = world.registers.get::<medium::Medium>(asked.medium);
    let Some((_, medium)) = known else {
        return Ok(());
    };
    if let Some(highest) = medium.highest
        && grade.confidentiality > highest.confidentiality
    {
        let mut refusal = Refusal::new("permit.beyond-medium").at("grade");
        refusal.reason = refusal
            .reason
            .with("highest", highest.confidentiality.level())
            .with("grade", grade.confidentiality.level());
        return Err(refusal);
    }
    if grade.is_confidential() && !medium.encrypted && !asked.encrypted {
        return Err(Refusal::new("permit.medium-unencrypted").at("encrypted"));
    }
    Ok(())
}
