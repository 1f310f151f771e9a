//! The meaning of an action, before it is begun.

use leptos::prelude::*;

use super::writing::task_words;
use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, button, form, submit},
            element::{all, el, h2, p, points, say},
            field::{Field, Kind, text_in},
            heading::heading,
            notice::words,
        },
    },
    domain::plan::{Action, keeps_backup, tasks},
    guide::{Input, Job, Step, step, verdict::AFTER_A_NEW_IDENTITY},
};

/// Says what will happen, what stays and what others see, and asks.
pub fn screen(conductor: Conductor, job: &Job) -> AnyView {
    let Job { visit, action } = job;
    let written: Vec<_> = tasks(*action, &visit.account, &visit.known)
        .into_iter()
        .filter(|task| task.writes())
        .map(task_words)
        .collect();
    let (title, lead, stays, button_text) = match action {
        Action::Repair => (
            "Repair your backup",
            "We add only what is missing.",
            &[
                "your recovery key, your digital identity and every key in the backup",
                "your apps and their keys",
            ][..],
            if visit.account.backup_switched_off { "Switch backup on now" } else { "Repair now" },
        ),
        Action::Rotate => (
            "Make a fresh backup",
            "We take every key that yours opens, put all of them into a new backup, and compare each one.",
            &[
                "the older backups: we do not delete them, and you can decide later",
                "your recovery key and your digital identity",
                "your messages and rooms; nobody else will notice",
            ][..],
            "Make the fresh backup",
        ),
        // Only a reset comes here, too. The other actions ask once their key is made (`confirm.rs`).
        _ => {
            let keeps_backup = keeps_backup(&visit.account, &visit.known);
            return new_identity(conductor, keeps_backup, visit.account.has_namesake());
        }
    };
    let mut views = vec![
        heading(title),
        say("p", "lead", lead),
        h2("What will be written"),
        points(&written),
        h2("What stays as it is"),
        points(stays),
    ];
    if *action == Action::Rotate {
        views.push(p("Afterwards reload your apps, or start them again: they then find the fresh backup. If one asks, enter your recovery key there."));
    }
    views.push(actions(vec![button(Look::Primary, button_text, conductor.on(|| Input::Agreed))]));
    all(views)
}

/// Asks for typed words, since a new identity cannot be undone. `has_namesake`: a device has this page's name, and so was
/// not counted among the apps, which could help without a new identity.
fn new_identity(conductor: Conductor, keeps_backup: bool, has_namesake: bool) -> AnyView {
    let differed = move || {
        conductor.ask(false, |step| Some(matches!(step, Step::Consent(step::Consent { differed: true, .. }))))
    };
    let field = Field {
        error: Box::new(move || {
            differed().then(|| words("These are not the words.", "Type: new identity. Or go back."))
        }),
        ..Field::new(Kind::Consent, "To agree, type: new identity")
    };
    let [see, again] = AFTER_A_NEW_IDENTITY;
    let backup = if keeps_backup {
        "Your backup stays, because the key you entered opens it."
    } else {
        "The old backup stays, locked. If you find its recovery key one day, come back to this page: apps don't look into old backups."
    };
    let namesake = has_namesake.then(|| {
        p("One of your devices has this page's name, so we took it for a leftover of ours. If it is an app you use, go back, rename it in that app's settings, and sign in here again.")
    });
    all(vec![
        heading("Start over with a new identity"),
        el("p")
            .class("warning")
            .child(say("strong", "", "This cannot be undone."))
            .text(" Look everywhere for your recovery key first.")
            .view(),
        points(&[see, again, backup]),
        all(namesake.into_iter().collect()),
        p("Your messages, your rooms and the keys in your apps are not touched."),
        form(
            move || conductor.input(Input::AgreedWith(text_in(Kind::Consent))),
            vec![field.view(), actions(vec![submit("Go on")])],
        ),
    ])
}
