//! What a ministry consists of.

use std::collections::HashSet;

use sekisho_domain::device::DeviceClass;
use sekisho_domain::role::Role;
use sekisho_sim::organisation::{Ministry, Size};

fn ministry(seed: u64) -> Ministry {
    Ministry::seeded(seed, Size::DEMO)
}

#[test]
fn the_seed_alone_decides() {
    let digest = ministry(1).digest();
    assert_eq!(digest, ministry(1).digest());
    assert_ne!(digest, ministry(2).digest());
}

#[test]
fn a_larger_ministry_keeps_the_people_of_a_smaller_one() {
    let small = Ministry::seeded(
        5,
        Size {
            people: 150,
            issued: 10,
            byod: 2,
        },
    );
    let large = ministry(5);
    for (one, other) in small.people.iter().zip(&large.people) {
        assert_eq!((one.id, &one.name), (other.id, &other.name));
    }
}

#[test]
fn it_is_of_the_size_of_the_demonstration_and_marked_as_one() {
    let ministry = ministry(1);
    assert!(ministry.organisation.demo);
    assert_eq!(ministry.people.len(), 2_000);
    assert_eq!(ministry.devices.len(), 2_000);
    let byod = ministry
        .devices
        .iter()
        .filter(|device| device.class == DeviceClass::Byod);
    assert_eq!(byod.count(), 300);
    let root = ministry.organisation.root;
    let bureaux = ministry
        .units
        .iter()
        .filter(|unit| unit.parent == root)
        .count();
    assert_eq!((bureaux, ministry.units.len() - bureaux), (9, 60));
}

#[test]
fn ids_and_names_of_units_and_addresses_stand_once() {
    fn once<T: std::hash::Hash + Eq>(all: impl Iterator<Item = T>, count: usize) {
        assert_eq!(all.collect::<HashSet<_>>().len(), count);
    }
    let ministry = ministry(3);
    once(ministry.people.iter().map(|member| member.id), 2_000);
    once(ministry.people.iter().map(|member| &member.mail), 2_000);
    once(ministry.devices.iter().map(|device| device.id), 2_000);
    once(
        ministry.units.iter().map(|unit| unit.id),
        ministry.units.len(),
    );
    once(
        ministry.units.iter().map(|unit| &unit.name),
        ministry.units.len(),
    );
    once(
        ministry.posts.iter().map(|post| post.id),
        ministry.posts.len(),
    );
    once(
        ministry.holdings.iter().map(|held| held.id),
        ministry.holdings.len(),
    );
}

#[test]
fn names_have_kanji_kana_and_latin_letters() {
    let kana = |c: char| ('ぁ'..='ん').contains(&c) || matches!(c, ' ' | 'ー');
    let latin = |c: char| c.is_ascii_alphabetic() || c == ' ';
    for member in &ministry(4).people {
        let name = &member.name;
        let reading = name.kana.as_ref().unwrap().as_str();
        assert!(reading.chars().all(kana), "{reading}");
        let roman = name.en.as_ref().unwrap().as_str();
        assert!(roman.chars().all(latin), "{roman}");
        assert!(!name.ja.as_str().is_ascii() && name.ja.as_str().contains(' '));
        // A domain of RFC 2606 belongs to nobody.
        let (local, domain) = member.mail.split_once('@').unwrap();
        assert_eq!(domain, "mihon.example");
        assert!(
            local
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.')
        );
    }
}

#[test]
fn every_role_of_the_organisation_is_held_and_some_posts_are_vacant() {
    let ministry = ministry(1);
    let held = |role| {
        let mut posts = ministry.posts.iter().filter(|post| post.roles == [role]);
        posts.any(|post| ministry.holdings.iter().any(|held| held.post == post.id))
    };
    for role in Role::ALL {
        assert_eq!(held(role), role != Role::Organisation, "{}", role.code());
    }
    let held: HashSet<_> = ministry.holdings.iter().map(|held| held.post).collect();
    let offices = ministry
        .posts
        .iter()
        .filter(|post| post.roles != [Role::Staff]);
    assert_eq!(offices.filter(|post| !held.contains(&post.id)).count(), 3);
    assert_eq!(
        ministry.holdings.len(),
        ministry.people.len(),
        "everyone holds one"
    );
    let holders: HashSet<_> = ministry.holdings.iter().map(|held| held.person).collect();
    assert_eq!(
        holders.len(),
        ministry.holdings.len(),
        "nobody holds two posts"
    );
}

#[test]
fn posts_are_titled_in_both_languages() {
    for post in &ministry(1).posts {
        let en = post.title.en.as_ref().unwrap().as_str();
        assert!(en.is_ascii() && !en.contains('['), "{en}");
        assert!(post.title.ja.as_str().contains("情報") || post.roles.len() == 1);
        assert!(
            !post.title.ja.as_str().contains('['),
            "{}",
            post.title.ja.as_str()
        );
    }
}
