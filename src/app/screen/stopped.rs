//! The end of a visit by a problem that the person cannot mend on the step they were on.

use leptos::prelude::*;

use super::writing::task_words;
use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, button},
            element::{all, el, h2, p, quiet, say},
            heading::heading,
            lines::{State, line, lines},
            link::whom_to_ask,
            support::copy_for_support,
        },
    },
    domain::problem::Problem,
    guide::{Input, Written},
};

/// Says what happened, what had been written, and what that means.
pub fn screen(conductor: Conductor, problem: &Problem, written: &Written) -> AnyView {
    let Written { tasks, perhaps, cut_short } = written;
    let words = problem.words();
    let meaning = match (cut_short, tasks.is_empty()) {
        (true, _) => {
            "Some parts may have been written before it stopped. Nothing was removed from your apps."
        }
        (false, true) => "Nothing in your account was changed.",
        (false, false) => "Everything was written.",
    };
    let mut views = vec![
        heading(words.title.trim_end_matches('.')),
        say("p", "lead", words.meaning),
        el("p").child(say("strong", "", meaning)).view(),
    ];
    if perhaps.is_some() || !tasks.is_empty() {
        let surely = tasks.iter().map(|task| line(State::Done, task_words(*task)));
        let maybe = perhaps
            .iter()
            .map(|task| line(State::Perhaps, [task_words(*task), " (may have been written)"].concat()));
        views.push(h2("What was written"));
        views.push(lines(surely.chain(maybe).collect()));
    }
    views.extend([p(words.action), whom_to_ask(conductor)]);
    views.extend(problem.report().map(copy_for_support));
    views.extend([
        quiet("If you were signed in, a device called “Key backup page (temporary)” may remain. You can remove it in your app's settings."),
        actions(vec![button(Look::Primary, "Start again", conductor.on(|| Input::Began))]),
    ]);
    all(views)
}
