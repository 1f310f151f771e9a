//! Steps inside Element, with the labels that Element shows.

use leptos::prelude::*;

use super::{
    element::{Element, el, say},
    illustration::picture,
};
use crate::app::element_labels::{Walk, WalkStep};

/// The ways through both generations of Element, the newer one open. Opening one closes the other.
pub fn element_steps(walks: &'static [Walk; 2]) -> Vec<AnyView> {
    let [newer, older] = walks;
    vec![walk(newer).attr("open", "").view(), walk(older).view()]
}

fn walk(walk: &'static Walk) -> Element {
    let step =
        |step: &'static WalkStep| el("li").child(picture(step.picture)).child(with_labels(step.text)).view();
    el("details")
        .class("walk")
        .attr("name", "element")
        .child(say("summary", "", walk.title))
        .child(say("p", "quiet", walk.recognise))
        .child(el("ol").class("walk-steps").all(walk.steps.iter().map(step).collect()).view())
}

/// What stands between “ and ” is a label on the other screen, and looks like one.
fn with_labels(text: &'static str) -> AnyView {
    text.split_inclusive(['“', '”'])
        .fold(el("span"), |span, piece| match piece.strip_suffix('”') {
            Some(label) => span.child(say("strong", "label", label)),
            None => span.text(piece.trim_end_matches('“')),
        })
        .view()
}
