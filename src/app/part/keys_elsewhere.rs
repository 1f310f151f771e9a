//! Where keys may still be that no app of the person's has.

use leptos::prelude::*;

use super::element::{h2, points};
use crate::guide::verdict::WHERE_KEYS_MAY_BE;

/// Draws the places, for people whom no app can help.
pub fn keys_elsewhere() -> [AnyView; 2] {
    [h2("Where a missing key may still be"), points(&WHERE_KEYS_MAY_BE)]
}
