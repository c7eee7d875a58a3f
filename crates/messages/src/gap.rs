//! Arguments that a message asks for and nobody gave: a fault of the program, told once each.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Who is told: the key of the message and the name of the argument.
pub type Listener = fn(key: &str, name: &str);

static LISTENER: OnceLock<Listener> = OnceLock::new();
static TOLD: Mutex<BTreeSet<(String, String)>> = Mutex::new(BTreeSet::new());

/// Names who is told of arguments that were not given, once for each; the first that is named
/// stays. Readers see an ellipsis in their place either way.
pub fn on_missing_argument(listener: Listener) {
    // A second one changes nothing, as said above.
    let _ = LISTENER.set(listener);
}

pub(crate) fn found(key: &str, name: &str) {
    let Some(listener) = LISTENER.get() else {
        return;
    };
    let place = (key.to_owned(), name.to_owned());
    let new = TOLD
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(place);
    if new {
        listener(key, name);
    }
}
