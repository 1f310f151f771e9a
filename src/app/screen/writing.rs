//! Writing, task by task.

use leptos::prelude::*;

use super::try_again;
use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{actions, form, submit},
            element::{all, el, keyed, p, quiet, say, working},
            field::{Field, Kind, text_in},
            heading::heading,
            lines::{State, line, lines},
            notice::words,
        },
    },
    domain::{
        guide::{Input, Pause, Step, Visit},
        plan::{SET_UP, Task},
        secret::Secret,
    },
};

/// A task as the person sees it.
pub fn task_words(task: Task) -> &'static str {
    match task {
        Task::CheckUnchanged => "Look once more that nothing has changed meanwhile",
        Task::StoreSecrets => "Store the new keys, locked with your recovery key",
        Task::PublishIdentity => "Publish your identity",
        Task::CreateBackup => "Create the backup",
        Task::ReadBack => "Read everything back and compare",
        Task::Commit => "Make your recovery key the one that counts",
        Task::Announce => "Tell your apps that backup is on",
        Task::TryAsStranger => "Open everything with your key, as a new device would",
    }
}

/// Shows the tasks, and what holds them up.
pub fn screen(conductor: Conductor, visit: Visit) -> AnyView {
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
    all(vec![
        heading("Turning on backup"),
        tasks(conductor),
        keyed(held_by, move || match pause() {
            Some(Pause::Password { refused }) => ask_password(conductor, &visit, refused),
            Some(Pause::Trouble(problem)) => all(vec![
                try_again(conductor, problem),
                p(
                    "What is done stays done, and your old messages are as they were. We go on where it stopped.",
                ),
            ]),
            None => working("Turning on backup"),
        }),
        quiet(
            "This cannot be cancelled here. If you close the tab, your app keeps all its keys. Come back then and look again.",
        ),
    ])
}

/// The tasks as lines that tick.
fn tasks(conductor: Conductor) -> AnyView {
    let progress = move || {
        conductor.ask((SET_UP.to_vec(), false), |step| {
            let Step::Writing { done, pause, .. } = step else { return None };
            Some((done.clone(), pause.is_some()))
        })
    };
    let spoken = move || {
        [progress().0.len().to_string().as_str(), " of ", &SET_UP.len().to_string(), " done"].concat()
    };
    let draw = move || {
        let (done, held) = progress();
        let open = SET_UP.into_iter().find(|task| !done.contains(task));
        let state = |task| match (done.contains(&task), open == Some(task), held) {
            (true, ..) => State::Done,
            (false, true, true) => State::Held,
            (false, true, false) => State::Now,
            (false, false, _) => State::Next,
        };
        lines(SET_UP.into_iter().map(|task| line(state(task), task_words(task))).collect())
    };
    let key = move || {
        let (done, held) = progress();
        [done.len().to_string().as_str(), if held { " held" } else { "" }].concat()
    };
    all(vec![keyed(key, draw), el("p").class("spoken").attr("role", "status").live(spoken).view()])
}

/// The server wants to be sure that it is the person.
fn ask_password(conductor: Conductor, visit: &Visit, refused: bool) -> AnyView {
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
    let user = user.attr("value", visit.account.user_id.as_str()).attr("readonly", "").attr("hidden", "");
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
                .child(say("bdi", "host", visit.server.base_url.host()))
                .text(" wants to be sure that it is you before it publishes the identity. The password goes there and nowhere else.")
                .view(),
        )
        .child(form(send, vec![user.view(), field.view(), actions(vec![submit("Go on")])]))
        .view()
}
