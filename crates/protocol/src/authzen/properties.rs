//! What is said of a thing or of the circumstances.

use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

static NOTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

/// Members of an object, as `properties` and `context` carry them. A copy shares them: what a request says
/// once for a thousand evaluations is kept once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties(Option<Arc<Map<String, Value>>>);

impl Properties {
    /// Nothing is said.
    #[must_use]
    pub const fn new() -> Self {
        Self(None)
    }

    /// Whether nothing is said.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl From<Map<String, Value>> for Properties {
    fn from(members: Map<String, Value>) -> Self {
        Self((!members.is_empty()).then(|| Arc::new(members)))
    }
}

impl FromIterator<(String, Value)> for Properties {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        members.into_iter().collect::<Map<String, Value>>().into()
    }
}

impl Deref for Properties {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl Serialize for Properties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::<String, Value>::deserialize(deserializer).map(Self::from)
    }
}
