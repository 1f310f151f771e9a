//! Steps inside another app, with the labels that the app shows.

use leptos::prelude::*;

use super::{
    app_spot::spot,
    element::{Element, el, say},
};
use crate::{
    domain::apps::{
        App,
        walks::{Walk, pieces},
    },
    words::{self, Word},
};

/// Draws the walks through several apps, those of the person's `apps` before the others, and the first one open.
/// Opening one closes the others of the same `name`.
pub fn app_steps(name: &'static str, walks: &'static [Walk], apps: &[App]) -> Vec<AnyView> {
    let (theirs, others): (Vec<_>, Vec<_>) = walks.iter().partition(|walk| apps.contains(&walk.app));
    let walk = |(at, it): (usize, &'static Walk)| {
        let walk = walk(it).attr("name", name);
        if at == 0 { walk.attr("open", "").view() } else { walk.view() }
    };
    theirs.into_iter().chain(others).enumerate().map(walk).collect()
}

/// Draws the same, folded behind a line that says what they are for.
pub fn folded(summary: &'static str, name: &'static str, walks: &'static [Walk], apps: &[App]) -> AnyView {
    el("details").class("fold").child(say("summary", "", summary)).all(app_steps(name, walks, apps)).view()
}

fn walk(walk: &'static Walk) -> Element {
    let step = |step: &Word| el("li").child(with_labels(step())).view();
    let drawn = el("details")
        .class("walk")
        .child(say("summary", "", (walk.title)()))
        .child(say("p", "quiet", (walk.recognise)()))
        .all(walk.spot.map(|at| spot(at, walk.finds)).into_iter().collect())
        .child(el("ol").class("plain").all(walk.steps.iter().map(step).collect()).view());
    let seen = (walk.seen)();
    if seen.is_empty() {
        return drawn;
    }
    drawn.child(say("p", "quiet", words::app_steps_labels_from(seen)))
}

/// Draws a text in which each label of the app, which stands between “ and ”, looks like one.
pub fn with_labels(text: &'static str) -> AnyView {
    pieces(text)
        .fold(el("span"), |span, (piece, is_label)| {
            if is_label {
                // It may be in another language than the text around it.
                span.child(el("strong").class("label").attr("dir", "auto").text(piece).view())
            } else {
                span.text(piece)
            }
        })
        .view()
}
