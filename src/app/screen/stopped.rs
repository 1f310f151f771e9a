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
    words,
};

/// Says what happened, what had been written, and what that means.
pub fn screen(conductor: Conductor, problem: &Problem, written: &Written) -> AnyView {
    let Written { tasks, perhaps, cut_short } = written;
    let words = problem.words_at_the_end();
    let meaning = match (cut_short, tasks.is_empty()) {
        (true, _) => words::stopped_some_parts_may_have_been(),
        (false, true) => words::stopped_nothing_in_your_account_was(),
        (false, false) => words::stopped_everything_was_written(),
    };
    let mut views = vec![
        heading(words.title.trim_end_matches(['.', '。'])),
        say("p", "lead", words.meaning),
        el("p").child(say("strong", "", meaning)).view(),
    ];
    if perhaps.is_some() || !tasks.is_empty() {
        let surely = tasks.iter().map(|task| line(State::Done, task_words(*task)));
        let maybe = perhaps
            .iter()
            .map(|task| line(State::Perhaps, words::stopped_perhaps_written(task_words(*task))));
        views.push(h2(words::stopped_what_was_written()));
        views.push(lines(surely.chain(maybe).collect()));
    }
    views.extend([p(words.action), whom_to_ask(conductor)]);
    views.extend(problem.report().map(copy_for_support));
    views.extend([
        quiet(words::stopped_if_you_were_signed_in()),
        actions(vec![button(Look::Primary, words::stopped_start_again(), conductor.on(|| Input::Began))]),
    ]);
    all(views)
}
