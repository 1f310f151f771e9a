//! The list of the phases that the way has, in which the present one is marked, and the step in it.

use std::cmp::Ordering;

use leptos::prelude::*;

use super::element::{all, el, keyed, say};
use crate::{app::conductor::Conductor, guide::Phase, words};

fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::SignIn => words::step_list_sign_in(),
        Phase::Account => words::step_list_your_account(),
        Phase::Key => words::step_list_recovery_key(),
        Phase::OldMessages => words::step_list_old_messages(),
        Phase::Copy => words::step_list_copy(),
        Phase::Done => words::step_list_done(),
    }
}

/// Names the step within its phase, by the name of the step; empty where the heading says as much.
fn within(step: &str) -> &'static str {
    match step {
        "check" | "resume" => words::step_list_enter_it(),
        "choose" | "phrase" | "repeat" => words::step_list_choose(),
        "making-key" | "save" => words::step_list_save_it(),
        "prove" => words::step_list_check_it(),
        "consent" | "confirm" => words::step_list_agree(),
        "writing" => words::step_list_write(),
        "verify" => words::step_list_compare_emoji(),
        "import" => words::step_list_import(),
        "coverage" => words::step_list_look(),
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
    el("nav").class("steps").attr("aria-label", words::step_list_steps()).child(keyed(key, draw)).view()
}

fn draw(phases: &[Phase], here: Phase, within: &'static str) -> AnyView {
    let item = |phase: &Phase| {
        let item = el("li").text(name(*phase));
        match phase.cmp(&here) {
            Ordering::Less => item.class("past").child(say("span", "spoken", words::step_list_past())).view(),
            Ordering::Equal => item.attr("aria-current", "step").child(say("span", "quiet", within)).view(),
            Ordering::Greater => item.view(),
        }
    };
    let items = phases.iter().map(item).collect();
    let at = words::number(phases.iter().filter(|phase| **phase <= here).count() as u64);
    let count = words::number(phases.len() as u64);
    let said = if within.is_empty() {
        words::step_list_line(&at, &count)
    } else {
        words::step_list_line_within(&at, &count, within)
    };
    let line = el("p").class("steps-line").sentence(said, vec![("phase", say("strong", "", name(here)))]);
    all(vec![line.view(), el("ol").all(items).view()])
}
