//! One screen per step. A step without a screen does not compile.

mod confirm;
mod discovering;
mod findings;
mod finished;
mod intro;
mod looking;
mod making_key;
mod old_keys;
mod phrase;
mod prove;
mod repeat;
mod resume;
mod save;
mod server;
mod sign_in;
mod signing_out;
mod stopped;
mod writing;

use leptos::prelude::*;

use super::{
    conductor::Conductor,
    part::{
        button::{Look, actions, live_button},
        countdown::{or_wait, seconds_left},
        element::all,
        notice::notice,
    },
};
use crate::domain::{
    guide::{Input, Step},
    problem::Problem,
};

/// A problem that may pass, and the button to try again, once the server allows it.
fn try_again(conductor: Conductor, problem: Problem) -> AnyView {
    let words = problem.words();
    let wait = seconds_left(move || Some(problem.clone()));
    let text = move || or_wait(wait.get(), "Try again");
    let off = move || wait.get() != 0;
    all(vec![
        notice("problem", Box::new(move || Some(words.clone()))),
        actions(vec![live_button(Look::Primary, text, off, conductor.on(Input::TriedAgain))]),
    ])
}

/// A step's name: on `<main data-step>`, and what decides when another screen is drawn.
pub fn name(step: &Step) -> &'static str {
    match step {
        Step::Intro => "intro",
        Step::Server { .. } => "server",
        Step::Discovering { .. } => "discovering",
        Step::SignIn { .. } => "sign-in",
        Step::Looking { .. } => "looking",
        Step::Findings { .. } => "findings",
        Step::Phrase { .. } => "phrase",
        Step::Repeat { .. } => "repeat",
        Step::MakingKey { .. } => "making-key",
        Step::Save { .. } => "save",
        Step::Prove { .. } => "prove",
        Step::Confirm { .. } => "confirm",
        Step::Resume { .. } => "resume",
        Step::Writing { .. } => "writing",
        Step::OldKeys { .. } => "old-keys",
        Step::SigningOut { .. } => "signing-out",
        Step::Finished { .. } => "finished",
        Step::Stopped { .. } => "stopped",
    }
}

/// Draws a step. A screen is drawn once and then follows its own data, so that what is being typed
/// keeps its place and its focus.
pub fn draw(conductor: Conductor, step: Step) -> AnyView {
    match step {
        Step::Intro => intro::screen(conductor),
        Step::Server { entered, .. } => server::screen(conductor, entered),
        Step::Discovering { entered } => discovering::screen(&entered),
        Step::SignIn { server, .. } => sign_in::screen(conductor, server),
        Step::Looking { user_id, .. } => looking::screen(&user_id),
        Step::Findings { visit, diagnosis } => findings::screen(conductor, &visit, diagnosis),
        Step::Phrase { .. } => phrase::screen(conductor),
        Step::Repeat { .. } => repeat::screen(conductor),
        Step::MakingKey { phrase, .. } => making_key::screen(phrase.is_some()),
        Step::Save { visit, made, .. } => save::screen(conductor, &visit, &made),
        Step::Prove { kept, .. } => prove::screen(conductor, &kept),
        Step::Confirm { visit, made, .. } => confirm::screen(conductor, &visit, &made),
        Step::Resume { .. } => resume::screen(conductor),
        Step::Writing { visit, .. } => writing::screen(conductor, visit),
        Step::OldKeys { visit, proved, .. } => old_keys::screen(conductor, &visit, &proved),
        Step::SigningOut { outcome } => signing_out::screen(&outcome),
        Step::Finished { outcome, trouble } => finished::screen(conductor, &outcome, trouble),
        Step::Stopped { problem, written } => stopped::screen(conductor, &problem, &written),
    }
}
