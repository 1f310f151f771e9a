//! The last question before writing.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, button},
            element::{all, el, h2, points, say},
            heading::heading,
            illustration::{TICK, picture},
        },
    },
    domain::plan::{Action, keeps_backup, takes_along},
    guide::{
        Input, Job, MadeKey,
        verdict::{after_a_new_identity, identity_words},
    },
    words,
};

/// Says what will happen and what will not, and asks.
pub fn screen(conductor: Conductor, job: &Job, made: &MadeKey) -> AnyView {
    let Meaning { written, untouched, button_text } = Meaning::of(job, made);
    all(vec![
        el("p").class("good").child(picture(&TICK)).text(words::confirm_the_key_you_entered_matches()).view(),
        heading(words::confirm_this_is_what_will_happen()),
        points(&written),
        all(if job.action == Action::Reset { others_see() } else { Vec::new() }),
        h2(words::confirm_what_we_do_not_touch()),
        points(&untouched),
        actions(vec![button(Look::Primary, button_text, conductor.on(|| Input::Agreed))]),
    ])
}

/// The meaning of an action for the account.
struct Meaning {
    written: [&'static str; 3],
    untouched: Vec<&'static str>,
    button_text: &'static str,
}

impl Meaning {
    fn of(Job { visit, action }: &Job, made: &MadeKey) -> Self {
        let opened_by = if made.with_phrase {
            words::confirm_your_recovery_key_opens_both()
        } else {
            words::confirm_your_recovery_key_opens_both_2()
        };
        let keeps_backup = keeps_backup(&visit.account, &visit.known);
        // What the person could open only to read is taken in.
        let new_and_old = words::confirm_a_new_encrypted_backup_we();
        let takes_along = takes_along(*action, &visit.account, &visit.known);
        let mut untouched =
            vec![words::confirm_your_messages_rooms_and_account(), words::confirm_your_apps_and_their_keys()];
        let (written, button_text) = match action {
            Action::ChangeKey => {
                untouched.push(words::confirm_your_digital_identity_your_backup());
                let written = [
                    words::confirm_the_new_key_opens_everything(),
                    words::confirm_your_apps_will_ask_for(),
                    words::confirm_once_the_new_key_has(),
                ];
                (written, words::confirm_change_the_key())
            }
            Action::AddKey => {
                untouched.push(words::confirm_your_digital_identity());
                let backup = if keeps_backup {
                    untouched.push(words::confirm_your_backup_and_every_key());
                    words::confirm_your_recovery_key_opens_your()
                } else if takes_along {
                    untouched.push(words::confirm_the_old_backup());
                    new_and_old
                } else {
                    untouched.extend(visit.account.backup.as_ref().map(|_| words::confirm_the_old_backup()));
                    words::confirm_you_get_a_new_backup()
                };
                let identity = if made.with_phrase {
                    words::confirm_your_recovery_key_and_your()
                } else {
                    words::confirm_your_recovery_key_opens_your_digital_identity()
                };
                let written = [identity, backup, words::confirm_your_apps_will_ask_for()];
                (written, words::confirm_store_the_new_key())
            }
            _ => {
                let backup = if keeps_backup {
                    words::confirm_your_backup_stays_and_is()
                } else if takes_along {
                    new_and_old
                } else {
                    words::confirm_an_encrypted_backup_for_the()
                };
                let button_text = if *action == Action::Reset {
                    untouched.push(words::confirm_the_old_backup());
                    words::confirm_start_over_now()
                } else {
                    untouched.extend(takes_along.then_some(words::confirm_the_old_backup()));
                    words::confirm_turn_on_backup()
                };
                ([identity_words(*action), backup, opened_by], button_text)
            }
        };
        Self { written, untouched, button_text }
    }
}

/// Says what a new identity means for others and for the person's apps.
fn others_see() -> Vec<AnyView> {
    let warning =
        el("p").class("warning").child(say("strong", "", words::confirm_this_cannot_be_undone())).view();
    vec![warning, h2(words::confirm_what_others_will_see()), points(&after_a_new_identity())]
}
