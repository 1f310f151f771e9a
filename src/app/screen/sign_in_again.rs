//! Signing in once more, because the server has signed this page out.

use leptos::prelude::*;

use super::try_again;
use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, button},
            element::{all, el, keyed, p, say},
            heading::heading,
            ways_in::ways_in,
        },
    },
    domain::{problem::Problem, sign_in::Way},
    guide::{Attempt, Input, Interrupted, Pause, Step, step},
};

/// Says what happened and what becomes of the place, and shows the ways in.
pub fn screen(conductor: Conductor, place: &Interrupted) -> AnyView {
    let what = match place.problem {
        Problem::Locked => "Your server has locked your account, and this page with it.",
        _ => "Your server has signed this page out: its device was removed, or your password was changed.",
    };
    let (server, user_id) = (place.server.clone(), place.user_id.clone());
    // The page is signed in already; only reading the account has failed.
    let again = move || {
        conductor.ask(None, |step| match step {
            Step::SignInAgain(step::SignInAgain {
                place,
                attempt: Attempt::None,
                trouble: Some(problem),
            }) if place.is_back && !problem.is_signed_out() => Some(Some(problem.clone())),
            _ => None,
        })
    };
    let key = move || again().map(|problem| problem.words().title).unwrap_or_default();
    let draw = move || match again() {
        Some(problem) => try_again(conductor, &problem),
        None => ways_in(conductor, &server, Some(&user_id)),
    };
    all(vec![
        heading("Sign in again"),
        say("p", "lead", what),
        p(what_becomes_of(&place.step)),
        as_whom(place),
        keyed(key, draw),
        actions(vec![button(Look::Link, "Stop here", conductor.on(|| Input::WantedSignOut))]),
    ])
}

/// Names the account that has to sign in, where no password form shows it.
fn as_whom(place: &Interrupted) -> AnyView {
    if place.server.ways.usable.contains(&Way::Password) {
        return all(Vec::new());
    }
    el("p").text("Sign in as ").child(say("bdi", "host", &*place.user_id)).text(".").view()
}

fn what_becomes_of(step: &Step) -> &'static str {
    match step {
        Step::Looking(_) => "Nothing was changed. Once you are back, we look at your account.",
        Step::Writing(step::Writing { pause: Some(Pause::Withdrawing), .. }) => {
            "Once you are back, we take back what was written."
        }
        Step::Writing(_) => {
            "What was written stays. Once you are back, we look again, go on where it stopped, and finish it."
        }
        Step::Import(_) => {
            "The keys that were saved stay. Once you are back, you can bring the file in again."
        }
        Step::TakeHome(_) => "Nothing is lost. Once you are back, you can make the copy again.",
        Step::OldKeys(_) | Step::Verify(_) | Step::Coverage(_) | Step::Rotated(_) | Step::Done(_) => {
            "What was written stays. Once you are back, we go on where you were."
        }
        _ => {
            "This page still holds what you made and chose. Once you are back, you go on where you were, unless your account has changed meanwhile."
        }
    }
}
