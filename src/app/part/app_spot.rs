//! The place in another app that a person has to find, marked in a drawing of that app's window.

use leptos::prelude::*;

use super::{
    element::{el, say},
    illustration::picture,
};
use crate::{domain::apps::walks::Spot, drawings::places::drawing, words::Word};

/// Draws the window with the spot marked, and writes its labels beside the arrow.
pub fn spot(at: Spot, labels: &'static [Word]) -> AnyView {
    let labels = labels.iter().map(|label| say("strong", "label", label())).collect();
    el("figure")
        .class("spot")
        .child(picture(drawing(at)))
        .child(el("figcaption").child(say("span", "quiet", at.words())).all(labels).view())
        .view()
}
