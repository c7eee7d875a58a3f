//! The ministry's commands.

use std::collections::HashSet;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, FirstOfficer, NewPerson};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::Sealed;
use sekisho_domain::time::Interval;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::app::App;
use sekisho_server::app::directory::{PROFILE_PURPOSE, PersonProfile};
use sekisho_store::StoreError;
use sekisho_store::keyring::Plain;

use super::in_flight::carry_out;
use super::{FillError, LOGIN, Progress, Stage};
use crate::organisation::{Member, Ministry};

/// What the first officer asks for.
fn by_officer(
    ministry: &Ministry,
    commands: impl Iterator<Item = Command>,
) -> Vec<(Actor, Command)> {
    let officer = ministry.people[0].id;
    commands
        .map(|command| (Actor::person(officer), command))
        .collect()
}

/// Founds the organisation, as the holder of the set-up link does.
pub(super) fn found(
    app: &App,
    catalogue: &Catalogue,
    ministry: &Ministry,
) -> Result<(), FillError> {
    let officer = &ministry.people[0];
    let profile = seal(app, std::slice::from_ref(officer))?.pop();
    let (Some(profile), Some(post), Some(held)) =
        (profile, ministry.posts.first(), ministry.holdings.first())
    else {
        return Err(FillError::OtherOrganisation);
    };
    let command = Command::FoundOrganisation {
        organisation: Box::new(ministry.organisation.clone()),
        officer: Box::new(FirstOfficer {
            person: NewPerson {
                id: officer.id,
                profile,
            },
            account: ministry.account,
            post: post.clone(),
            appointment: held.id,
        }),
        catalogue: catalogue.version().to_owned(),
        catalogue_digest: catalogue.digest(),
    };
    carry_out(
        app,
        Stage::Organisation,
        vec![(Actor::Setup, command)],
        &mut |_, _, _| {},
    )
}

/// Opens the first officer's account, without password.
pub(super) fn open_account(app: &App, ministry: &Ministry) -> Result<(), StoreError> {
    let account = ministry.account.to_string();
    if app.accounts().get(&account)?.is_some() {
        return Ok(());
    }
    let person = ministry.people[0].id.to_string();
    app.accounts()
        .add(&account, &person, LOGIN, app.now().as_millis())
}

/// Founds the units, parents first.
pub(super) fn units(
    app: &App,
    ministry: &Ministry,
    progress: &mut Progress<'_>,
) -> Result<(), FillError> {
    let known: HashSet<_> = app.world().units.keys().copied().collect();
    let valid = Interval::starting(app.now());
    let missing = ministry
        .units
        .iter()
        .filter(|unit| !known.contains(&unit.id));
    let commands = missing.map(|unit| Command::FoundUnit {
        id: unit.id,
        parent: unit.parent,
        name: unit.name.clone(),
        valid,
    });
    carry_out(app, Stage::Units, by_officer(ministry, commands), progress)
}

/// Creates the posts.
pub(super) fn posts(
    app: &App,
    ministry: &Ministry,
    progress: &mut Progress<'_>,
) -> Result<(), FillError> {
    let known: HashSet<_> = app.world().posts.keys().copied().collect();
    let missing = ministry
        .posts
        .iter()
        .filter(|post| !known.contains(&post.id));
    let commands = missing.map(|post| Command::CreatePost(Box::new(post.clone())));
    carry_out(app, Stage::Posts, by_officer(ministry, commands), progress)
}

/// Registers the people.
pub(super) fn people(
    app: &App,
    ministry: &Ministry,
    progress: &mut Progress<'_>,
) -> Result<(), FillError> {
    let known: HashSet<_> = app.world().people.keys().copied().collect();
    let missing: Vec<Member> = ministry
        .people
        .iter()
        .filter(|member| !known.contains(&member.id))
        .cloned()
        .collect();
    let sealed = seal(app, &missing)?;
    let commands = missing
        .iter()
        .zip(sealed)
        .map(|(member, profile)| Command::RegisterPerson {
            person: NewPerson {
                id: member.id,
                profile,
            },
            unit: member.unit,
        });
    carry_out(app, Stage::People, by_officer(ministry, commands), progress)
}

/// Seals what is personal under each person's own key, all keys in one transaction.
fn seal(app: &App, people: &[Member]) -> Result<Vec<Sealed>, StoreError> {
    let texts: Vec<(String, Vec<u8>)> = people
        .iter()
        .map(|member| {
            let profile = PersonProfile {
                name: member.name.clone(),
                mail: Some(member.mail.clone()),
            };
            // A profile is plain data and always serialises.
            (
                member.id.to_string(),
                serde_json::to_vec(&profile).unwrap_or_default(),
            )
        })
        .collect();
    let plains: Vec<Plain<'_>> = texts
        .iter()
        .map(|(person, text)| Plain {
            person,
            purpose: PROFILE_PURPOSE,
            text,
        })
        .collect();
    let sealed = app.people().seal_many(&plains, app.now().as_millis())?;
    let with_owner = people.iter().zip(sealed).map(|(member, sealed)| Sealed {
        person: member.id,
        key: sealed.key,
        nonce: sealed.nonce,
        ciphertext: sealed.ciphertext,
    });
    Ok(with_owner.collect())
}

/// Makes the appointments.
pub(super) fn appointments(
    app: &App,
    ministry: &Ministry,
    progress: &mut Progress<'_>,
) -> Result<(), FillError> {
    let known: HashSet<_> = app.world().appointments.keys().copied().collect();
    let valid = Interval::starting(app.now());
    let missing = ministry
        .holdings
        .iter()
        .filter(|held| !known.contains(&held.id));
    let commands = missing.map(|held| Command::Appoint {
        id: held.id,
        person: held.person,
        post: held.post,
        valid,
    });
    carry_out(
        app,
        Stage::Appointments,
        by_officer(ministry, commands),
        progress,
    )
}

/// Enrols the devices, each by the officer in charge of its class.
pub(super) fn devices(
    app: &App,
    ministry: &Ministry,
    progress: &mut Progress<'_>,
) -> Result<(), FillError> {
    let known: HashSet<_> = app.world().device_ordinals.keys().copied().collect();
    let missing = ministry
        .devices
        .iter()
        .filter(|device| !known.contains(&device.id));
    let commands = missing.map(|device| {
        let officer = match device.class {
            DeviceClass::Issued => ministry.enrols_issued,
            DeviceClass::Byod => ministry.enrols_byod,
        };
        let command = Command::EnrolDevice {
            device: device.id,
            key: device.machine.public_key(),
            class: device.class,
            unit: device.unit,
            user: Some(device.user),
            source: sekisho_domain::device::StateSource::Observed,
        };
        (Actor::person(officer), command)
    });
    carry_out(app, Stage::Devices, commands.collect(), progress)
}
