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
    words,
};

/// Says what happened and what becomes of the place, and shows the ways in.
pub fn screen(conductor: Conductor, place: &Interrupted) -> AnyView {
    let what = match place.problem {
        Problem::Locked => words::sign_in_again_your_server_has_locked_your(),
        _ => words::sign_in_again_your_server_has_signed_this(),
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
        heading(words::sign_in_again_sign_in_again()),
        say("p", "lead", what),
        p(what_becomes_of(&place.step)),
        as_whom(place),
        keyed(key, draw),
        actions(vec![button(Look::Link, words::progress_stop(), conductor.on(|| Input::WantedSignOut))]),
    ])
}

/// Names the account that has to sign in, where no password form shows it.
fn as_whom(place: &Interrupted) -> AnyView {
    if place.server.ways.usable.contains(&Way::Password) {
        return all(Vec::new());
    }
    let user = say("bdi", "host", &*place.user_id);
    el("p").sentence(words::sign_in_again_as(), vec![("user", user)]).view()
}

fn what_becomes_of(step: &Step) -> &'static str {
    match step {
        Step::Looking(_) => words::sign_in_again_nothing_was_changed_once_you(),
        Step::Writing(step::Writing { pause: Some(Pause::Withdrawing), .. }) => {
            words::sign_in_again_once_you_are_back_we()
        }
        Step::Writing(_) => words::sign_in_again_what_was_written_stays_once(),
        Step::Import(_) => words::sign_in_again_the_keys_that_were_saved(),
        Step::TakeHome(_) => words::sign_in_again_nothing_is_lost_once_you(),
        Step::OldKeys(_) | Step::Verify(_) | Step::Coverage(_) | Step::Rotated(_) | Step::Done(_) => {
            words::sign_in_again_what_was_written_stays_once_you_are()
        }
        _ => words::sign_in_again_this_page_still_holds_what(),
    }
}
