//! One screen per step. A step without a screen does not compile.

mod check;
mod choose;
mod confirm;
mod consent;
mod coverage;
mod discovering;
mod done;
mod findings;
mod finished;
mod import;
mod intro;
mod looking;
mod making_key;
mod old_keys;
mod phrase;
mod prove;
mod repeat;
mod rotated;
mod save;
mod server;
mod sign_in;
mod sign_in_again;
mod signing_out;
mod stopped;
mod take_home;
mod verify;
mod writing;

use leptos::prelude::*;

use super::{
    conductor::Conductor,
    part::{
        button::{Look, actions, live_button},
        countdown::{or_wait, waiting},
        element::all,
        notice::notice,
    },
};
use crate::{
    domain::problem::Problem,
    guide::{Input, Step},
};

/// Draws a problem that may pass, and the button to try again, disabled as long as the server asks to wait.
fn try_again(conductor: Conductor, problem: &Problem) -> AnyView {
    let words = problem.words();
    let wait = waiting(problem);
    let text = move || or_wait(wait.get(), "Try again");
    let off = move || wait.get() != 0;
    all(vec![
        notice("problem", Box::new(move || Some(words.clone()))),
        actions(vec![live_button(Look::Primary, text, off, conductor.on(|| Input::TriedAgain))]),
    ])
}

/// Draws a step up to signing in, or the end if the engine does not come; `None` for all that come later.
///
/// A screen is drawn once and then follows its own data, so that typed text and the focus stay.
pub fn draw_entrance(conductor: Conductor, step: &Step) -> Option<AnyView> {
    Some(match step {
        Step::Intro => intro::screen(conductor),
        Step::Server { entered, .. } => server::screen(conductor, entered),
        Step::Discovering { entered } => discovering::screen(entered),
        Step::SignIn { server, .. } => sign_in::screen(conductor, server),
        Step::Stopped { problem, written } => stopped::screen(conductor, problem, written),
        _ => return None,
    })
}

/// Draws a step that comes after signing in. Only the second part of the program leads here (`later.rs`).
pub fn draw_later(conductor: Conductor, step: &Step) -> AnyView {
    match step {
        Step::SignInAgain { place, .. } => sign_in_again::screen(conductor, place),
        Step::Looking { user_id, .. } => looking::screen(conductor, user_id),
        Step::Findings { visit, diagnosis, news } => {
            findings::screen(conductor, visit, *diagnosis, news.as_ref())
        }
        Step::Check { visit, then, .. } => check::to_try(conductor, visit, *then),
        Step::Verify { goal, .. } => verify::screen(conductor, goal),
        Step::Consent { job, .. } => consent::screen(conductor, job),
        Step::Choose { job } => choose::screen(conductor, job.action),
        Step::Phrase { job, .. } => phrase::screen(conductor, &job.visit),
        Step::Repeat { job, .. } => repeat::screen(conductor, &job.visit),
        Step::MakingKey { phrase, .. } => making_key::screen(phrase.is_some()),
        Step::Save { job, made, .. } => save::screen(conductor, &job.visit, made),
        Step::Prove { job, .. } => prove::screen(conductor, &job.visit),
        Step::Confirm { job, made, .. } => confirm::screen(conductor, job, made),
        Step::Resume { visit, .. } => check::to_finish(conductor, visit),
        Step::Writing { job, .. } => writing::screen(conductor, job),
        Step::Rotated { proved, rotated, .. } => rotated::screen(conductor, proved, rotated),
        Step::OldKeys { harvest, .. } => old_keys::screen(conductor, harvest),
        Step::Import { .. } => import::screen(conductor),
        Step::Coverage { .. } => coverage::screen(conductor),
        Step::TakeHome { .. } => take_home::screen(conductor),
        Step::Done { .. } => done::screen(conductor),
        Step::SigningOut { outcome } => signing_out::screen(outcome),
        Step::Finished { outcome, trouble } => finished::screen(conductor, outcome, trouble.as_ref()),
        Step::Intro
        | Step::Server { .. }
        | Step::Discovering { .. }
        | Step::SignIn { .. }
        | Step::Stopped { .. } => draw_entrance(conductor, step).unwrap_or_else(|| all(Vec::new())),
    }
}
