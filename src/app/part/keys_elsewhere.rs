//! Where keys may still be that no app of the person's has.

use leptos::prelude::*;

use super::element::{h2, points};
use crate::{guide::verdict::where_keys_may_be, words};

/// Draws the places, for people whom no app can help.
pub fn keys_elsewhere() -> [AnyView; 2] {
    [h2(words::keys_elsewhere_where_a_missing_key_may()), points(&where_keys_may_be())]
}
