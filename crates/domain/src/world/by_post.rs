//! Those who decide for a post, found by the post, by their own id and by who decides.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use crate::delegation::Delegation;
use crate::id::{DelegationId, PersonId, PostId, StandInId};
use crate::stand_in::StandIn;

/// That someone decides for a post.
pub trait ForPost {
    /// Its id.
    type Id: Copy + Eq + Hash;
    /// By what it is known who decides.
    type Who: Copy + Eq + Hash;

    /// Its id.
    fn id(&self) -> Self::Id;
    /// For which post.
    fn post(&self) -> PostId;
    /// Who decides.
    fn who(&self) -> Self::Who;
}

impl ForPost for StandIn {
    type Id = StandInId;
    type Who = PersonId;

    fn id(&self) -> StandInId {
        self.id
    }

    fn post(&self) -> PostId {
        self.post
    }

    fn who(&self) -> PersonId {
        self.person
    }
}

impl ForPost for Delegation {
    type Id = DelegationId;
    type Who = PostId;

    fn id(&self) -> DelegationId {
        self.id
    }

    fn post(&self) -> PostId {
        self.post
    }

    fn who(&self) -> PostId {
        self.to
    }
}

/// All of a kind, over or not. Snapshots hold them by post; the rest follows from that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    from = "HashMap<PostId, Vec<D>>",
    into = "HashMap<PostId, Vec<D>>",
    bound(
        serialize = "D: Clone + Serialize",
        deserialize = "D: Deserialize<'de>"
    )
)]
pub struct ByPost<D: ForPost> {
    at: HashMap<PostId, Vec<D>>,
    post_of: HashMap<D::Id, PostId>,
    posts_for: HashMap<D::Who, BTreeSet<PostId>>,
}

impl<D: ForPost> Default for ByPost<D> {
    fn default() -> Self {
        Self {
            at: HashMap::new(),
            post_of: HashMap::new(),
            posts_for: HashMap::new(),
        }
    }
}

impl<D: ForPost> From<HashMap<PostId, Vec<D>>> for ByPost<D> {
    fn from(stored: HashMap<PostId, Vec<D>>) -> Self {
        let mut all = Self::default();
        stored.into_values().flatten().for_each(|it| all.add(it));
        all
    }
}

impl<D: ForPost> From<ByPost<D>> for HashMap<PostId, Vec<D>> {
    fn from(all: ByPost<D>) -> Self {
        all.at
    }
}

impl<D: ForPost> ByPost<D> {
    /// Those for a post, in the order they were made.
    #[must_use]
    pub fn at(&self, post: PostId) -> &[D] {
        self.at.get(&post).map_or(&[], Vec::as_slice)
    }

    /// One by id.
    #[must_use]
    pub fn get(&self, id: D::Id) -> Option<&D> {
        let post = self.post_of.get(&id)?;
        self.at(*post).iter().find(|it| it.id() == id)
    }

    /// Those by which someone decides, by post.
    pub fn of(&self, who: D::Who) -> impl Iterator<Item = &D> {
        let posts = self.posts_for.get(&who).into_iter().flatten();
        posts
            .flat_map(|post| self.at(*post))
            .filter(move |it| it.who() == who)
    }

    /// All, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &D> {
        self.at.values().flatten()
    }

    pub(super) fn add(&mut self, one: D) {
        let post = one.post();
        self.post_of.insert(one.id(), post);
        self.posts_for.entry(one.who()).or_default().insert(post);
        self.at.entry(post).or_default().push(one);
    }

    /// One by id, to change when it holds; never for whom, nor who.
    pub(super) fn get_mut(&mut self, id: D::Id) -> Option<&mut D> {
        let post = self.post_of.get(&id)?;
        let mut there = self.at.get_mut(post)?.iter_mut();
        there.find(|it| it.id() == id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::Fresh;
    use crate::permit::Term;
    use crate::stand_in::Absence;
    use crate::time::Timestamp;

    fn post(n: u8) -> PostId {
        PostId::new(Fresh([n; 16]))
    }

    fn person(n: u8) -> PersonId {
        PersonId::new(Fresh([n; 16]))
    }

    fn stand_in(n: u8, of: u8, who: u8) -> StandIn {
        StandIn {
            id: StandInId::new(Fresh([n; 16])),
            post: post(of),
            person: person(who),
            absence: Absence::Leave,
            kinds: Vec::new(),
            valid: Term {
                from: Timestamp::from_millis(0),
                until: Timestamp::from_millis(1000),
            },
        }
    }

    proptest! {
        #[test]
        fn what_is_looked_up_is_what_a_look_at_all_of_them_finds(
            made in proptest::collection::vec((0_u8..5, 0_u8..5), 0..30),
            ended in proptest::collection::vec(0_u8..40, 0..10),
        ) {
            let mut naive: Vec<StandIn> = Vec::new();
            let mut all = ByPost::default();
            for (n, (of, who)) in (0_u8..).zip(made) {
                naive.push(stand_in(n, of, who));
                all.add(stand_in(n, of, who));
            }
            for n in ended {
                let id = StandInId::new(Fresh([n; 16]));
                let known = naive.iter_mut().find(|it| it.id == id);
                prop_assert_eq!(known.is_some(), all.get_mut(id).is_some());
                if let (Some(one), Some(other)) = (known, all.get_mut(id)) {
                    one.valid.until = Timestamp::from_millis(i64::from(n));
                    other.valid.until = one.valid.until;
                }
            }
            for n in 0..40 {
                let id = StandInId::new(Fresh([n; 16]));
                prop_assert_eq!(all.get(id), naive.iter().find(|it| it.id == id));
            }
            for n in 0..5 {
                let at: Vec<&StandIn> = naive.iter().filter(|it| it.post == post(n)).collect();
                prop_assert_eq!(all.at(post(n)).iter().collect::<Vec<_>>(), at);
                let mut of: Vec<&StandIn> = all.of(person(n)).collect();
                of.sort_by_key(|it| it.id);
                let theirs = naive.iter().filter(|it| it.person == person(n));
                prop_assert_eq!(of, theirs.collect::<Vec<_>>());
            }
            prop_assert_eq!(all.iter().count(), naive.len());
            let stored = serde_json::to_string(&all).unwrap();
            prop_assert_eq!(&serde_json::from_str::<ByPost<StandIn>>(&stored).unwrap(), &all);
        }
    }
}
