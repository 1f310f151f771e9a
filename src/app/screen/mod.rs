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
pub mod intro;
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
        reassurance::reassurance,
        support::copy_for_support,
    },
};
use crate::{
    domain::problem::Problem,
    guide::{Input, Step},
    words,
};

/// Draws a problem, and the button to try again, disabled as long as the server asks to wait. A defect of this page can be
/// copied for whoever hosts it.
fn try_again(conductor: Conductor, problem: &Problem) -> AnyView {
    let words = problem.words();
    let wait = waiting(problem);
    let text = move || or_wait(wait.get(), words::screen_try_again());
    let off = move || wait.get() != 0;
    all(vec![
        notice("problem", Box::new(move || Some(words.clone()))),
        actions(vec![live_button(Look::Primary, text, off, conductor.on(|| Input::TriedAgain))]),
        all(problem.report().map(copy_for_support).into_iter().collect()),
    ])
}

/// Draws a step. Only the second part of the program leads here (`later.rs`); the frame draws the first step.
///
/// A screen is drawn once and then follows its own data, so that typed text and the focus stay.
pub fn draw(conductor: Conductor, step: &Step) -> AnyView {
    let screen = match step {
        Step::Intro(_) => intro::screen(conductor, intro::folds::folds(conductor)),
        Step::Server(step) => server::screen(conductor, &step.entered),
        Step::Discovering(step) => discovering::screen(&step.entered),
        Step::SignIn(step) => sign_in::screen(conductor, &step.server),
        Step::SignInAgain(step) => sign_in_again::screen(conductor, &step.place),
        Step::Looking(step) => looking::screen(conductor, &step.user_id),
        Step::Findings(step) => findings::screen(conductor, &step.visit, step.diagnosis, step.news.as_ref()),
        Step::Check(step) => check::to_try(conductor, &step.visit, step.then),
        Step::Verify(step) => verify::screen(conductor, &step.goal),
        Step::Consent(step) => consent::screen(conductor, &step.job),
        Step::Choose(step) => choose::screen(conductor, step.job.action),
        Step::Phrase(step) => phrase::screen(conductor, &step.job.visit),
        Step::Repeat(step) => repeat::screen(conductor, &step.job.visit),
        Step::MakingKey(step) => making_key::screen(step.phrase.is_some()),
        Step::Save(step) => save::screen(conductor, &step.job.visit, &step.made),
        Step::Prove(step) => prove::screen(conductor, &step.job.visit),
        Step::Confirm(step) => confirm::screen(conductor, &step.job, &step.made),
        Step::Resume(step) => check::to_finish(conductor, &step.visit),
        Step::Writing(step) => writing::screen(conductor, &step.job),
        Step::Rotated(step) => rotated::screen(conductor, &step.proved, &step.rotated),
        Step::OldKeys(step) => old_keys::screen(conductor, &step.harvest),
        Step::Import(_) => import::screen(conductor),
        Step::Coverage(_) => coverage::screen(conductor),
        Step::TakeHome(_) => take_home::screen(conductor),
        Step::Done(_) => done::screen(conductor),
        Step::SigningOut(step) => signing_out::screen(&step.outcome),
        Step::Finished(step) => finished::screen(conductor, &step.outcome, step.trouble.as_ref()),
        Step::Stopped(step) => stopped::screen(conductor, &step.problem, &step.written),
    };
    all(vec![screen, reassurance(conductor)])
}
