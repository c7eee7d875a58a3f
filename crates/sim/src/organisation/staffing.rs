//! Posts of the information-security organisation, and who holds them.

use std::collections::{HashMap, HashSet};

use sekisho_domain::id::{AppointmentId, PersonId, PostId, UnitId};
use sekisho_domain::name::Name;
use sekisho_domain::organisation::Organisation;
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_messages::{Lang, text};

use super::{Holding, Member, Subunit, line};
use crate::random::SplitMix64;

/// Posts of the ministry as a whole. The first is the first officer's.
const CENTRAL: [Role; 14] = [
    Role::Hiso,
    Role::Ciso,
    Role::DeputyCiso,
    Role::Auditor,
    Role::Committee,
    Role::Advisor,
    Role::Isso,
    Role::SystemAdministrator,
    Role::Tmo,
    Role::PromotionBody,
    Role::Csirt,
    Role::AreaOfficer,
    Role::ServiceOwner,
    Role::ExceptionAuthority,
];

/// Sections whose post of 課室情報セキュリティ責任者 nobody holds.
const VACANT: usize = 3;

/// The posts: central ones, then 責任者 of each bureau and 課室責任者 of each section, and at last one of
/// 職員等 in each unit, which all others hold there.
pub(super) fn posts(seed: u64, organisation: &Organisation, units: &[Subunit]) -> Vec<Post> {
    let root = organisation.root;
    let central = CENTRAL.map(|role| (root, None, role));
    let local = units.iter().map(|unit| {
        let role = if unit.parent == root {
            Role::Iso
        } else {
            Role::Diso
        };
        (unit.id, Some(&unit.name), role)
    });
    central
        .into_iter()
        .chain(local)
        .enumerate()
        .map(|(number, (unit, of, role))| {
            Post::created(
                PostId::new(SplitMix64::fork(seed, "post", number as u64).fresh()),
                unit,
                title(role, of),
                vec![role],
            )
        })
        .chain(staff(seed, root, units))
        .collect()
}

fn staff(seed: u64, root: UnitId, units: &[Subunit]) -> impl Iterator<Item = Post> {
    let places = std::iter::once((root, None));
    let places = places.chain(units.iter().map(|unit| (unit.id, Some(&unit.name))));
    places.enumerate().map(move |(number, (unit, of))| {
        let id = SplitMix64::fork(seed, "staff-post", number as u64).fresh();
        let (id, role) = (PostId::new(id), Role::Staff);
        Post::created(id, unit, title(role, of), vec![role])
    })
}

fn title(role: Role, of: Option<&Name>) -> Name {
    let word = |lang| text(lang, format!("common.role.{}", role.code()), &[]);
    let (ja, en) = (word(Lang::Ja), word(Lang::En));
    let (ja, en) = match of {
        None => (line(&ja), line(&en)),
        Some(unit) => {
            let unit_en = unit.en.as_ref().unwrap_or(&unit.ja).as_str();
            (
                line(&format!("{} {ja}", unit.ja.as_str())),
                line(&format!("{en}, {unit_en}")),
            )
        }
    };
    Name {
        ja,
        en: Some(en),
        kana: None,
    }
}

/// Who holds the posts: the first person of each unit its own post, people of chance the central
/// ones, everyone else that of 職員等 of their unit; nobody two.
pub(super) fn holdings(seed: u64, posts: &[Post], people: &[Member]) -> Vec<Holding> {
    let mut first: HashMap<UnitId, &Member> = HashMap::new();
    for member in people {
        first.entry(member.unit).or_insert(member);
    }
    let heads: Vec<_> = first.values().map(|member| member.id).collect();
    let mut others: Vec<&Member> = people
        .iter()
        .filter(|member| !heads.contains(&member.id))
        .collect();
    let mut random = SplitMix64::fork(seed, "holders", 0);
    random.shuffle(&mut others);
    let sections = posts.iter().filter(|post| post.roles == [Role::Diso]);
    let mut vacant: Vec<PostId> = sections.map(|post| post.id).collect();
    random.shuffle(&mut vacant);
    vacant.truncate(VACANT);
    let mut others = others.into_iter();
    let mut holdings = Vec::new();
    let is_office = |post: &&Post| post.roles != [Role::Staff];
    for (number, post) in posts.iter().filter(is_office).enumerate() {
        let holder = match number {
            0 => people.first(),
            _ if number < CENTRAL.len() => others.next(),
            _ if vacant.contains(&post.id) => None,
            _ => first.get(&post.unit).copied(),
        };
        if let Some(member) = holder {
            let id =
                AppointmentId::new(SplitMix64::fork(seed, "appointment", number as u64).fresh());
            holdings.push(Holding {
                id,
                person: member.id,
                post: post.id,
            });
        }
    }
    let officers: HashSet<PersonId> = holdings.iter().map(|held| held.person).collect();
    let staff: HashMap<UnitId, PostId> = posts
        .iter()
        .filter(|post| post.roles == [Role::Staff])
        .map(|post| (post.unit, post.id))
        .collect();
    for (number, member) in people.iter().enumerate() {
        let post = staff.get(&member.unit).copied();
        let post = post.filter(|_| !officers.contains(&member.id));
        holdings.extend(post.map(|post| Holding {
            id: AppointmentId::new(SplitMix64::fork(seed, "staff", number as u64).fresh()),
            person: member.id,
            post,
        }));
    }
    holdings
}
