//! The list of all phases, in which the present one is marked.

use std::cmp::Ordering;

use leptos::prelude::*;

use super::element::{all, el, keyed, say};
use crate::{
    app::conductor::Conductor,
    guide::{PHASES, Phase},
};

fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Start => "Why this matters",
        Phase::SignIn => "Sign in",
        Phase::Findings => "What we find",
        Phase::Key => "Your key",
        Phase::TurnOn => "Backup",
        Phase::OldMessages => "Old messages",
        Phase::Finish => "Finish",
    }
}

/// Draws the list beside the screen; on phones it is one line.
pub fn step_list(conductor: Conductor) -> AnyView {
    let here = move || {
        conductor.read(|guide| PHASES.iter().position(|phase| *phase == guide.phase()).unwrap_or_default())
    };
    el("nav")
        .class("steps")
        .attr("aria-label", "Steps")
        .child(keyed(move || here().to_string(), move || draw(here())))
        .view()
}

fn draw(here: usize) -> AnyView {
    let item = |(at, phase): (usize, &Phase)| {
        let item = el("li").text(name(*phase));
        match at.cmp(&here) {
            Ordering::Less => item.class("past").child(say("span", "spoken", ", done")).view(),
            Ordering::Equal => item.attr("aria-current", "step").view(),
            Ordering::Greater => item.view(),
        }
    };
    let items = PHASES.iter().enumerate().map(item).collect();
    let title = PHASES.get(here).map_or("", |phase| name(*phase));
    let count = ["Step ", &(here + 1).to_string(), " of ", &PHASES.len().to_string(), " · "].concat();
    all(vec![
        el("p").class("steps-line").text(count).child(say("strong", "", title)).view(),
        el("ol").all(items).view(),
    ])
}
