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

/// What a register rules out, or lets pass without a permit.
pub(super) fn admitted(
    world: &World,
    particulars: &Particulars,
    grade: Option<Grade>,
) -> Result<(), Refusal> {
    match particulars {
        Particulars::Software(asked) => by_lists(world, asked),
        Particulars::Media(asked) => carried_by(world, asked, grade.unwrap_or(asked.grade)),
        _ => Ok(()),
    }
}

/// A permit is for what stands on no list, or on the one with conditions. The typed name is compared
/// with the entries that speak of every version, whatever entry was chosen: a forbidden product does
/// not pass under the number of another. Which version an entry means that names some stands there in
/// words, for the officer to read.
fn by_lists(world: &World, asked: &Software) -> Result<(), Refusal> {
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

fn on_list(entry: &software::Software, field: &str) -> Result<(), Refusal> {
    let code = match entry.list {
        software::SoftwareList::Conditional => return Ok(()),
        software::SoftwareList::Deny => "permit.software-forbidden",
        software::SoftwareList::Allow => "permit.software-allowed",
    };
    let mut refusal = Refusal::new(code).at(field);
    refusal.reason = refusal.reason.with("name", entry.name.as_str());
    Err(refusal)
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
            .with("highest", highest.confidentiality.to_string())
            .with("grade", grade.confidentiality.to_string());
        return Err(refusal);
    }
    if grade.is_confidential() && !medium.encrypted && !asked.encrypted {
        return Err(Refusal::new("permit.medium-unencrypted").at("encrypted"));
    }
    Ok(())
}
