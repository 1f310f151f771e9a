//! A JSON object as it stands in an answer: its fields in order, the values unread.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The most fields that a server's object may have: more than the largest honest answer has. A field of five letters
/// costs several times its length in memory, and an answer full of them would fill it.
pub(super) const MOST_PAIRS: usize = 1_000_000;

/// An object's fields, in less memory than a map. A name may come twice.
pub(in crate::engine) struct Pairs<'a>(pub(in crate::engine) Vec<(Text<'a>, &'a RawValue)>);

/// A text, borrowed unless something in it is escaped.
#[derive(Deserialize)]
pub(in crate::engine) struct Text<'a>(#[serde(borrow)] pub(in crate::engine) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Pairs<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    if pairs.len() == MOST_PAIRS {
                        return Err(A::Error::custom("too many fields"));
                    }
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}
