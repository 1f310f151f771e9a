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
    guide::{Input, Job, Step, step, verdict::after_a_new_identity},
    words,
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
            words::consent_repair_your_backup(),
            words::consent_we_add_only_what_is(),
            &[words::consent_your_recovery_key_your_digital(), words::consent_your_apps_and_their_keys()][..],
            if visit.account.backup_switched_off {
                words::consent_switch_backup_on_now()
            } else {
                words::consent_repair_now()
            },
        ),
        Action::Rotate => (
            words::consent_make_a_fresh_backup(),
            words::consent_we_take_every_key_that(),
            &[
                words::consent_the_older_backups_we_do(),
                words::consent_your_recovery_key_and_your(),
                words::consent_your_messages_and_rooms_nobody(),
            ][..],
            words::consent_make_the_fresh_backup(),
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
        h2(words::consent_what_will_be_written()),
        points(&written),
        h2(words::consent_what_stays_as_it_is()),
        points(stays),
    ];
    if *action == Action::Rotate {
        views.push(p(words::consent_afterwards_reload_your_apps_or()));
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
            differed().then(|| {
                words(
                    words::consent_these_are_not_the_words(),
                    words::consent_type_or_go_back(words::consent_new_identity()),
                )
            })
        }),
        ..Field::new(Kind::Consent, words::consent_to_agree_type(words::consent_new_identity()))
    };
    let [see, again] = after_a_new_identity();
    let backup = if keeps_backup {
        words::consent_your_backup_stays_because_the()
    } else {
        words::consent_the_old_backup_stays_locked()
    };
    let namesake = has_namesake.then(|| p(words::consent_one_of_your_devices_has()));
    all(vec![
        heading(words::consent_start_over_with_a_new()),
        el("p")
            .class("warning")
            .child(say("strong", "", words::consent_this_cannot_be_undone()))
            .text([" ", words::consent_look_everywhere_first()].concat())
            .view(),
        points(&[see, again, backup]),
        all(namesake.into_iter().collect()),
        p(words::consent_your_messages_your_rooms_and()),
        form(
            move || conductor.input(Input::AgreedWith(text_in(Kind::Consent))),
            vec![field.view(), actions(vec![submit(words::consent_go_on())])],
        ),
    ])
}
