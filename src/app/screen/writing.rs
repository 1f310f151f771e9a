//! Writing, task by task.

use leptos::prelude::*;

use super::try_again;
use crate::{
    app::{
        conductor::Conductor,
        part::{
            element::{all, at_times, el, keyed, p, quiet, working},
            heading::heading,
            lines::{State, line, lines},
            progress::{progress, stop},
            proof::{self, ask_proof},
        },
    },
    domain::plan::{Action, Task, tasks},
    guide::{Job, Pause, Step, Visit, Work, step, verdict::writing_words},
    words,
};

/// Says a task in words for the person.
pub fn task_words(task: Task) -> &'static str {
    match task {
        Task::CheckUnchanged => words::writing_check_that_nothing_has_changed(),
        Task::Download => words::writing_read_every_key_that_yours(),
        Task::Archive => words::writing_keep_a_copy_of_what(),
        Task::StoreSecrets => words::writing_store_the_new_keys_locked(),
        Task::Rewrite => words::writing_write_what_is_stored_in(),
        Task::StoreIdentity => words::writing_store_your_digital_identitys_keys(),
        Task::StoreBackupKey => words::writing_store_the_backups_own_key(),
        Task::PublishIdentity => words::writing_publish_your_digital_identity(),
        Task::RemoveDehydrated => words::writing_remove_what_received_keys_for(),
        Task::CreateBackup => words::writing_create_the_backup(),
        Task::SignBackup => words::writing_sign_the_backup_so_that(),
        Task::Upload => words::writing_put_every_key_into_the(),
        Task::Compare => words::writing_read_every_key_back_and(),
        Task::ReadBack => words::writing_read_everything_back_and_compare(),
        Task::Commit => words::writing_make_your_new_key_the(),
        Task::Announce => words::writing_tell_your_apps_that_backup(),
        Task::TryAsStranger => words::writing_test_the_key_as_if(),
        Task::RetireOldKey => words::writing_switch_the_old_key_off(),
    }
}

fn title(action: Action) -> &'static str {
    match action {
        Action::AddKey => words::writing_storing_your_new_recovery_key(),
        Action::ChangeKey => words::writing_changing_your_recovery_key(),
        Action::Repair => words::writing_repairing_your_backup(),
        Action::Rotate => words::writing_making_a_fresh_backup(),
        Action::Reset => words::writing_making_your_new_digital_identity(),
        _ => words::writing_turning_on_backup(),
    }
}

/// Shows the tasks, and what holds them up.
pub fn screen(conductor: Conductor, job: &Job) -> AnyView {
    let Job { visit, action } = job;
    let action = *action;
    let whose = visit.clone();
    let all_tasks = tasks(action, &visit.account, &visit.known);
    let pause = move || pause(conductor);
    let may_not_stop = move || !matches!(pause(), Some(Pause::Proof(_) | Pause::Withdrawing));
    let held_by = move || match pause() {
        Some(Pause::Proof(asked)) => ["proof ", &proof::key(&asked)].concat(),
        Some(Pause::Withdrawing) => "withdrawing".to_owned(),
        Some(Pause::Trouble(problem)) => problem.words().title,
        None => String::new(),
    };
    all(vec![
        heading(title(action)),
        keyed(held_by, move || under_way(conductor, action, &whose)),
        // Below, so that opening it moves no field away.
        lines_of(conductor, all_tasks),
        at_times(may_not_stop, move || quiet(writing_words(action))),
    ])
}

fn pause(conductor: Conductor) -> Option<Pause> {
    conductor.ask(None, |step| {
        let Step::Writing(step::Writing { pause, .. }) = step else { return None };
        Some(pause.clone())
    })
}

/// Draws what holds the order up, or how far it is.
fn under_way(conductor: Conductor, action: Action, whose: &Visit) -> AnyView {
    match pause(conductor) {
        Some(Pause::Proof(asked)) => {
            let cancel = action.can_be_withdrawn().then_some(words::writing_cancel_and_take_back_what());
            ask_proof(conductor, whose, words::proof_before_identity(), &asked, cancel)
        }
        Some(Pause::Withdrawing) => all(vec![
            working(words::writing_taking_it_back()),
            el("p").attr("role", "status").text(words::writing_taking_it_back_your_account()).view(),
        ]),
        Some(Pause::Trouble(problem)) => all(vec![
            try_again(conductor, &problem),
            p(if work(conductor, false, |work| work.withdrawing) {
                words::writing_some_of_what_was_written()
            } else {
                words::writing_what_is_done_stays_done()
            }),
        ]),
        None => {
            let mut views = vec![progress(conductor, title(action), words::progress_keys)];
            if action == Action::Rotate {
                views.push(stop(conductor, words::writing_stopping_loses_nothing_it_can()));
            }
            all(views)
        }
    }
}

fn work<T>(conductor: Conductor, over: T, select: impl Fn(&Work) -> T) -> T {
    conductor.ask(over, |step| {
        let Step::Writing(step::Writing { work, .. }) = step else { return None };
        Some(select(work))
    })
}

/// Draws how many tasks are done, and behind that the tasks as lines that tick.
fn lines_of(conductor: Conductor, tasks: Vec<Task>) -> AnyView {
    let done = move || work(conductor, None, |work| Some(work.done.clone()));
    let held = move || {
        conductor.ask(false, |step| {
            let Step::Writing(step::Writing { pause, .. }) = step else { return None };
            Some(pause.is_some())
        })
    };
    let steps = tasks.len() as u64;
    let number = move || done().map_or(0, |done| done.len() as u64);
    let spoken = move || words::writing_steps_done(number(), steps);
    let draw = move || {
        let (done, held) = (done().unwrap_or_else(|| tasks.clone()), held());
        let open = tasks.iter().find(|task| !done.contains(task));
        let state = |task| match (done.contains(task), open == Some(task), held) {
            (true, ..) => State::Done,
            (false, true, true) => State::Held,
            (false, true, false) => State::Now,
            (false, false, _) => State::Next,
        };
        lines(tasks.iter().map(|task| line(state(task), task_words(*task))).collect())
    };
    let key = move || [&*number().to_string(), if held() { " held" } else { "" }].concat();
    let said = el("span").attr("aria-live", "polite").live(spoken).view();
    el("details").child(el("summary").child(said).view()).child(keyed(key, draw)).view()
}
