//! The list of the phases that the way has, in which the present one is marked, and the step in it.

use std::cmp::Ordering;

use leptos::prelude::*;

use super::element::{all, el, keyed, say};
use crate::{app::conductor::Conductor, guide::Phase};

fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::SignIn => "Sign in",
        Phase::Account => "Your account",
        Phase::Key => "Recovery key",
        Phase::OldMessages => "Old messages",
        Phase::Copy => "Copy",
        Phase::Done => "Done",
    }
}

/// Names the step within its phase, by the name of the step; empty where the heading says as much.
fn within(step: &str) -> &'static str {
    match step {
        "check" | "resume" => "enter it",
        "choose" | "phrase" | "repeat" => "choose",
        "making-key" | "save" => "save it",
        "prove" => "check it",
        "consent" | "confirm" => "agree",
        "writing" => "write",
        "verify" => "compare emoji",
        "import" => "import",
        "coverage" => "look",
        _ => "",
    }
}

/// Draws the list beside the screen; on phones it is one line.
pub fn step_list(conductor: Conductor) -> AnyView {
    let now = move || conductor.read(|guide| (guide.phases(), guide.phase(), within(guide.step().name())));
    let key = move || {
        let (phases, here, within) = now();
        [name(here), within, &phases.len().to_string()].concat()
    };
    let draw = move || {
        let (phases, here, within) = now();
        draw(&phases, here, within)
    };
    el("nav").class("steps").attr("aria-label", "Steps").child(keyed(key, draw)).view()
}

fn draw(phases: &[Phase], here: Phase, within: &'static str) -> AnyView {
    let item = |phase: &Phase| {
        let item = el("li").text(name(*phase));
        match phase.cmp(&here) {
            Ordering::Less => item.class("past").child(say("span", "spoken", ", done")).view(),
            Ordering::Equal => item.attr("aria-current", "step").child(say("span", "quiet", within)).view(),
            Ordering::Greater => item.view(),
        }
    };
    let items = phases.iter().map(item).collect();
    let at = phases.iter().filter(|phase| **phase <= here).count();
    let count = ["Step ", &at.to_string(), " of ", &phases.len().to_string(), " · "].concat();
    let line = el("p").class("steps-line").text(count).child(say("strong", "", name(here)));
    let line = if within.is_empty() { line } else { line.text(": ").text(within) };
    all(vec![line.view(), el("ol").all(items).view()])
}
