//! A running application with a population in it, for subjects that ask the decision point from outside.

use std::path::Path;
use std::sync::Arc;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::Command;
use sekisho_domain::id::ApiTokenId;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Span};
use sekisho_domain::token::{Token, TokenHolder, TokenScope};
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::app::clock::MachineTime;
use sekisho_server::app::{App, fresh};
use sekisho_server::identity::api_token;
use sekisho_server::identity::token::Token as Secret;
use sekisho_sim::population::Population;
use sekisho_store::DataFolder;
use sekisho_store::keyring::MasterSource;

use crate::Outcome;
use crate::permits::fill;

/// Seed of the population.
pub(crate) const SEED: u64 = 2026;

/// The application.
pub(crate) struct Ministry {
    pub(crate) app: App,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) population: Population,
}

impl Ministry {
    /// Fills a folder and opens it. The devices stand as the population says.
    pub(crate) fn open(place: &Path, population: Population, outcome: &mut Outcome) -> Self {
        let place = place.join("data");
        let now = fill(&place, population, outcome);
        let folder = DataFolder::create_or_open(&place).expect("a data folder");
        let master = MasterSource::standard(&folder, None);
        let app = App::open(folder, &master, Box::new(MachineTime::default()));
        let app = app.expect("it opens");
        app.update_posture(|posture| *posture = population.posture(SEED, now));
        Self {
            app,
            catalogue: Arc::new(Catalogue::builtin().expect("the catalogue is whole")),
            population,
        }
    }

    /// A token with which a program may ask the decision point.
    pub(crate) fn access_token(&self) -> String {
        let person = self
            .population
            .person(SEED, self.population.central(Role::Hiso));
        let now = self.app.now();
        let post = {
            let world = self.app.world();
            let mut held = world.posts_held(person, now);
            held.next().expect("a post of the whole").1.id
        };
        let secret = Secret::fresh().expect("randomness");
        let id = ApiTokenId::new(fresh().expect("randomness"));
        let text = id.to_string();
        let accounts = self.app.accounts();
        accounts
            .add_api_token(&text, &person.to_string(), secret.hash(), now.as_millis())
            .expect("it is new");
        let token = Token {
            id,
            label: sekisho_domain::name::Line::parse("bench").expect("a line"),
            holder: TokenHolder::Service,
            post,
            issuer: person,
            scope: [TokenScope::Access].into(),
            valid: Interval {
                from: now,
                until: Some(now.after(Span::days(1))),
            },
        };
        let command = Command::IssueToken {
            token: Box::new(token),
        };
        self.app
            .command_blocking(Actor::person(person), command, Vec::new())
            .expect("the officer may issue it");
        api_token::text(&secret)
    }
}
