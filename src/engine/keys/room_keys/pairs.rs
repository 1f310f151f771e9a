//! An object as it stands in an answer: its fields in their order, the values unread.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The most fields that one object of a server's may have: more than the largest answer has room for, were they
/// true. A field of five letters costs several times its length, and an answer full of them all memory there is.
pub(super) const MOST_PAIRS: usize = 1_000_000;

/// An object's fields, leaner than a map, which is not needed. A name may come twice.
pub(in crate::engine) struct Pairs<'a>(pub(in crate::engine) Vec<(Text<'a>, &'a RawValue)>);

/// Text that is borrowed unless something in it is escaped.
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
