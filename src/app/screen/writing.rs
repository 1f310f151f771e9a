//! Writing, task by task.

use leptos::prelude::*;

use super::{old_keys::thousands, try_again};
use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, form, live_button, submit},
            element::{all, el, keyed, p, quiet, say, status, working},
            field::{Field, Kind, text_in},
            heading::heading,
            lines::{State, line, lines},
            notice::words,
        },
    },
    domain::{
        guide::{Input, Job, Pause, Step, Work},
        plan::{Action, Task, tasks},
        secret::Secret,
    },
};

/// A task as the person sees it.
pub fn task_words(task: Task) -> &'static str {
    match task {
        Task::CheckUnchanged => "Look once more that nothing has changed meanwhile",
        Task::Download => "Read every key that yours opens",
        Task::Archive => "Put the stored keys aside as they are",
        Task::StoreSecrets => "Store the new keys, locked with your recovery key",
        Task::StoreBackupKey => "Store the backup's own key, locked with your recovery key",
        Task::PublishIdentity => "Publish your identity",
        Task::RemoveDehydrated => "Remove what received keys for your old identity",
        Task::CreateBackup => "Create the backup",
        Task::SignBackup => "Sign the backup, so that your apps trust it",
        Task::Upload => "Put every key into the fresh backup",
        Task::Compare => "Read every key back and compare",
        Task::ReadBack => "Read everything back and compare",
        Task::Commit => "Make your recovery key the one that counts",
        Task::Announce => "Tell your apps that backup is on",
        Task::TryAsStranger => "Open everything with your key, as a new device would",
        Task::RetireOldKey => "Take away what the old key opened",
    }
}

fn title(action: Action) -> &'static str {
    match action {
        Action::ChangeKey => "Changing your recovery key",
        Action::Repair => "Mending",
        Action::Rotate => "Making a fresh backup",
        Action::Reset => "Making your new identity",
        _ => "Turning on backup",
    }
}

/// Shows the tasks, and what holds them up.
pub fn screen(conductor: Conductor, job: &Job) -> AnyView {
    let Job { visit, action } = job;
    let action = *action;
    let [user, host] = [&*visit.account.user_id, visit.server.base_url.host()].map(str::to_owned);
    let all_tasks = tasks(action, &visit.account, &visit.known);
    let pause = move || {
        conductor.ask(None, |step| {
            let Step::Writing { pause, .. } = step else { return None };
            Some(pause.clone())
        })
    };
    let held_by = move || match pause() {
        Some(Pause::Password { refused: false }) => "password".to_owned(),
        Some(Pause::Password { refused: true }) => "password refused".to_owned(),
        Some(Pause::Trouble(problem)) => problem.words().title,
        None => String::new(),
    };
    let draw = move || match pause() {
        Some(Pause::Password { refused }) => ask_password(conductor, &user, &host, refused),
        Some(Pause::Trouble(problem)) => all(vec![
            try_again(conductor, &problem),
            p("What is done stays done, and your old messages are as they were. We go on where it stopped."),
        ]),
        None => under_way(conductor, action),
    };
    all(vec![
        heading(title(action)),
        lines_of(conductor, all_tasks),
        keyed(held_by, draw),
        quiet(if action == Action::Rotate {
            "If you close the tab, nothing is lost. Come back with your key, and it can be finished."
        } else {
            "This cannot be cancelled here. If you close the tab, your app keeps all its keys. Come back then and look again."
        }),
    ])
}

fn work<T>(conductor: Conductor, over: T, select: impl Fn(&Work) -> T) -> T {
    conductor.ask(over, |step| {
        let Step::Writing { work, .. } = step else { return None };
        Some(select(work))
    })
}

/// How far the present task is, and the way to stop what can be stopped.
fn under_way(conductor: Conductor, action: Action) -> AnyView {
    let progress = move || work(conductor, None, |work| work.progress);
    let percent = move || {
        progress().map(|(done, total)| done.min(total).saturating_mul(100).checked_div(total).unwrap_or(100))
    };
    let bar = move || match percent() {
        None => working(title(action)),
        Some(percent) => el("progress")
            .attr("aria-label", title(action))
            .attr("max", "100")
            .attr("value", percent.to_string())
            .view(),
    };
    let counted = move || match progress() {
        None => String::new(),
        Some((done, total)) => [&*thousands(done), " of ", &thousands(total), " keys"].concat(),
    };
    // Read out at every tenth only.
    let tenth = move || match percent() {
        None => String::new(),
        Some(percent) => [&*(percent / 10 * 10).to_string(), " percent"].concat(),
    };
    let mut views = vec![
        keyed(move || percent().map(|percent| percent.to_string()).unwrap_or_default(), bar),
        el("p").class("quiet").attr("aria-hidden", "true").live(counted).view(),
        el("p").class("spoken").attr("role", "status").live(tenth).view(),
    ];
    if action == Action::Rotate {
        let stopping = move || work(conductor, false, |work| work.stopping);
        let said = move || {
            let text = if stopping() {
                "We stop at the next safe place."
            } else {
                "Stopping loses nothing. It can be finished later."
            };
            text.to_owned()
        };
        let stop =
            live_button(Look::Plain, || "Stop".to_owned(), stopping, conductor.on(|| Input::WantedStop));
        views.push(actions(vec![stop, status(said)]));
    }
    all(views)
}

/// The tasks as lines that tick.
fn lines_of(conductor: Conductor, tasks: Vec<Task>) -> AnyView {
    let done = move || work(conductor, None, |work| Some(work.done.clone()));
    let held = move || {
        conductor.ask(false, |step| {
            let Step::Writing { pause, .. } = step else { return None };
            Some(pause.is_some())
        })
    };
    let count = tasks.len().to_string();
    let number = move || done().map_or(0, |done| done.len()).to_string();
    let spoken = move || [number().as_str(), " of ", &count, " done"].concat();
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
    all(vec![keyed(key, draw), el("p").class("spoken").attr("role", "status").live(spoken).view()])
}

/// The server wants to be sure that it is the person.
fn ask_password(conductor: Conductor, user_id: &str, host: &str, refused: bool) -> AnyView {
    let error = refused.then(|| {
        words(
            "The server did not accept this password.",
            "Enter the one you signed in with, not the security phrase.",
        )
    });
    let send = move || {
        let password = Secret::new(text_in(Kind::Password));
        if !password.is_blank() {
            conductor.input(Input::GavePassword(password));
        }
    };
    // For password managers: which account the password belongs to.
    let user = el("input").attr("type", "text").attr("name", "username").attr("autocomplete", "username");
    let user = user.attr("value", user_id).attr("readonly", "").attr("hidden", "");
    let field = Field {
        focus: true,
        error: Box::new(move || error.clone()),
        ..Field::new(Kind::Password, "Account password")
    };
    el("section")
        .class("panel")
        .attr("aria-labelledby", "ask-password")
        .child(el("h2").attr("id", "ask-password").text("Your server asks for your account password").view())
        .child(
            el("p")
                .child(say("bdi", "host", host))
                .text(" wants to be sure that it is you before it publishes the identity. The password goes there and nowhere else.")
                .view(),
        )
        .child(form(send, vec![user.view(), field.view(), actions(vec![submit("Go on")])]))
        .view()
}
