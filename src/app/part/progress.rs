//! Progress of work that takes its time, and the button that stops it.

use leptos::prelude::*;

use super::{
    button::{Look, actions, button},
    element::{all, at_times, el, keyed, status, working},
};
use crate::{
    app::conductor::Conductor,
    guide::{Import, Input, Long, Step, step},
    words,
};

/// Returns the work that is under way on a step.
fn under_way(step: &Step) -> Option<Long> {
    match step {
        Step::Writing(step::Writing { work, .. }) => {
            Some(Long { progress: work.progress, stopping: work.stopping, mends: false })
        }
        Step::Import(step::Import { import: Import::Running { work, .. }, .. }) => Some(work.clone()),
        Step::Coverage(step::Coverage { course, .. }) | Step::TakeHome(step::TakeHome { course, .. }) => {
            course.running().cloned()
        }
        _ => None,
    }
}

fn now(conductor: Conductor) -> Long {
    conductor.ask(Long::default(), under_way)
}

/// Tells whether such work is under way.
pub fn is_under_way(conductor: Conductor) -> bool {
    conductor.ask(false, |step| under_way(step).map(|_| true))
}

/// Draws a bar and a count. `what` names the work to screen readers, `counted` says how much is done of how much.
pub fn progress(conductor: Conductor, what: &'static str, counted: fn(u64, u64) -> String) -> AnyView {
    let percent = move || {
        let (done, total) = now(conductor).progress?;
        Some(done.min(total).saturating_mul(100).checked_div(total).unwrap_or(100))
    };
    let bar = move || match percent() {
        None => working(what),
        Some(percent) => el("progress")
            .attr("aria-label", what)
            .attr("max", "100")
            .attr("value", percent.to_string())
            .view(),
    };
    let said = move || match now(conductor).progress {
        None => String::new(),
        Some((done, total)) => counted(done, total),
    };
    // Screen readers read out every ten percent only.
    let tenth = move || match percent() {
        None => String::new(),
        Some(percent) => words::progress_percent(percent / 10 * 10),
    };
    all(vec![
        keyed(move || percent().map(|percent| percent.to_string()).unwrap_or_default(), bar),
        el("p").class("quiet").attr("aria-hidden", "true").live(said).view(),
        el("p").class("spoken").attr("role", "status").live(tenth).view(),
    ])
}

/// Draws the button that stops the work, and `meaning`, which says what becomes of it.
pub fn stop(conductor: Conductor, meaning: &'static str) -> AnyView {
    let may = move || !now(conductor).stopping;
    let said = move || if may() { meaning } else { words::progress_we_stop_at_the_next() }.to_owned();
    let stop = move || button(Look::Plain, words::progress_stop(), conductor.on(|| Input::WantedStop));
    actions(vec![at_times(may, stop), status(said)])
}
