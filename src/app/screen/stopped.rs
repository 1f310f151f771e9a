//! Something the person cannot mend on the step they were on.

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
        },
    },
    domain::{
        guide::Input,
        plan::{SET_UP, Task},
        problem::Problem,
    },
};

/// Says what happened, what had been written, and what that means.
pub fn screen(conductor: Conductor, problem: &Problem, written: &[Task]) -> AnyView {
    let words = problem.words();
    let meaning = if written.is_empty() {
        "Nothing in your account was changed."
    } else if SET_UP.iter().filter(|task| task.writes()).all(|task| written.contains(task)) {
        "Everything was written."
    } else {
        "Some parts may have been written before it stopped. Your app still has all its keys."
    };
    let mut views = vec![
        heading(words.title.trim_end_matches('.')),
        say("p", "lead", words.meaning),
        el("p").child(say("strong", "", meaning)).view(),
    ];
    if !written.is_empty() {
        views.push(h2("What may have been written"));
        views.push(lines(written.iter().map(|task| line(State::Done, task_words(*task))).collect()));
    }
    views.extend([
        p(words.action),
        quiet("If you were signed in, a device called “Key backup page (temporary)” may remain. You can remove it in your app's settings."),
        actions(vec![button(Look::Primary, "Start again", conductor.on(Input::Began))]),
    ]);
    all(views)
}
