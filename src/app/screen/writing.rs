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
};

/// Says a task in words for the person.
pub fn task_words(task: Task) -> &'static str {
    match task {
        Task::CheckUnchanged => "Check that nothing has changed in the meantime",
        Task::Download => "Read every key that yours opens",
        Task::Archive => "Keep a copy of what was stored",
        Task::StoreSecrets => "Store the new keys, locked with your recovery key",
        Task::Rewrite => "Write what is stored in the form that every app reads",
        Task::StoreIdentity => "Store your digital identity's keys",
        Task::StoreBackupKey => "Store the backup's own key",
        Task::PublishIdentity => "Publish your digital identity",
        Task::RemoveDehydrated => "Remove what received keys for your old digital identity",
        Task::CreateBackup => "Create the backup",
        Task::SignBackup => "Sign the backup, so that your apps trust it",
        Task::Upload => "Put every key into the fresh backup",
        Task::Compare => "Read every key back and compare",
        Task::ReadBack => "Read everything back and compare",
        Task::Commit => "Make your new key the current one",
        Task::Announce => "Tell your apps that backup is on",
        Task::TryAsStranger => "Test the key as if on a new phone",
        Task::RetireOldKey => "Switch the old key off",
    }
}

fn title(action: Action) -> &'static str {
    match action {
        Action::AddKey => "Storing your new recovery key",
        Action::ChangeKey => "Changing your recovery key",
        Action::Repair => "Repairing your backup",
        Action::Rotate => "Making a fresh backup",
        Action::Reset => "Making your new digital identity",
        _ => "Turning on backup",
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
            let cancel = action.can_be_withdrawn().then_some("Cancel, and take back what was written");
            ask_proof(conductor, whose, "publishes the digital identity", &asked, cancel)
        }
        Some(Pause::Withdrawing) => all(vec![
            working("Taking it back"),
            el("p").attr("role", "status").text("Taking it back: your account becomes as it was.").view(),
        ]),
        Some(Pause::Trouble(problem)) => all(vec![
            try_again(conductor, &problem),
            p(if work(conductor, false, |work| work.withdrawing) {
                "Some of what was written is still there. We go on taking it back."
            } else {
                "What is done stays done, and your old messages are as they were. We go on where it stopped."
            }),
        ]),
        None => {
            let mut views = vec![progress(conductor, title(action), "keys")];
            if action == Action::Rotate {
                views.push(stop(conductor, "Stopping loses nothing. It can be finished later."));
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
    let count = tasks.len().to_string();
    let number = move || done().map_or(0, |done| done.len()).to_string();
    let spoken = move || [number().as_str(), " of ", &count, " steps done"].concat();
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
    let key = move || [number().as_str(), if held() { " held" } else { "" }].concat();
    let said = el("span").attr("aria-live", "polite").live(spoken).view();
    el("details").child(el("summary").child(said).view()).child(keyed(key, draw)).view()
}
