//! Steps inside another app, with the labels that the app shows.

use leptos::prelude::*;

use super::{
    element::{Element, el, say},
    illustration::picture,
};
use crate::app::app_labels::{Walk, WalkStep};

/// Draws the walks through several apps, the first one open. Opening one closes the others of the same `name`.
pub fn app_steps(name: &'static str, walks: &'static [Walk]) -> Vec<AnyView> {
    let walk = |(at, it): (usize, &'static Walk)| {
        let walk = walk(it).attr("name", name);
        if at == 0 { walk.attr("open", "").view() } else { walk.view() }
    };
    walks.iter().enumerate().map(walk).collect()
}

/// Draws the same, folded behind a line that says what they are for.
pub fn folded(summary: &'static str, name: &'static str, walks: &'static [Walk]) -> AnyView {
    el("details").class("fold").child(say("summary", "", summary)).all(app_steps(name, walks)).view()
}

fn walk(walk: &'static Walk) -> Element {
    let step =
        |step: &'static WalkStep| el("li").child(picture(step.picture)).child(with_labels(step.text)).view();
    el("details")
        .class("walk")
        .child(say("summary", "", walk.title))
        .child(say("p", "quiet", walk.recognise))
        .child(el("ol").class("walk-steps").all(walk.steps.iter().map(step).collect()).view())
}

/// Draws a text in which each label of the app, which stands between “ and ”, looks like one.
fn with_labels(text: &'static str) -> AnyView {
    text.split_inclusive(['“', '”'])
        .fold(el("span"), |span, piece| match piece.strip_suffix('”') {
            Some(label) => span.child(say("strong", "label", label)),
            None => span.text(piece.trim_end_matches('“')),
        })
        .view()
}
