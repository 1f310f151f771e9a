//! Names the recovery keys that a person saved, and that are in no use.

use leptos::prelude::*;

use super::element::{all, el};
use crate::app::conductor::Conductor;

/// Draws the sentence, if there are such keys.
pub fn unused_keys(conductor: Conductor) -> AnyView {
    let words = conductor.peek(|guide| guide.unused_words());
    all(words.map(|words| el("p").class("warning").text(words).view()).into_iter().collect())
}
