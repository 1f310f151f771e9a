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
        verdict::{AFTER_A_NEW_IDENTITY, identity_words},
    },
};

/// Says what will happen and what will not, and asks.
pub fn screen(conductor: Conductor, job: &Job, made: &MadeKey) -> AnyView {
    let Meaning { written, untouched, button_text } = Meaning::of(job, made);
    all(vec![
        el("p").class("good").child(picture(&TICK)).text("The key you entered matches.").view(),
        heading("This is what will happen"),
        points(&written),
        all(if job.action == Action::Reset { others_see() } else { Vec::new() }),
        h2("What we do not touch"),
        points(&untouched),
        actions(vec![button(Look::Primary, button_text, conductor.on(|| Input::Agreed))]),
    ])
}

/// Said of a backup that takes in what the person could open only to read.
const NEW_AND_OLD: &str =
    "A new encrypted backup. We copy into it every key of the old one that you could open here.";

/// The meaning of an action for the account.
struct Meaning {
    written: [&'static str; 3],
    untouched: Vec<&'static str>,
    button_text: &'static str,
}

impl Meaning {
    fn of(Job { visit, action }: &Job, made: &MadeKey) -> Self {
        let opened_by = if made.with_phrase {
            "Your recovery key opens both, and so does your phrase."
        } else {
            "Your recovery key opens both."
        };
        let keeps_backup = keeps_backup(&visit.account, &visit.known);
        let takes_along = takes_along(*action, &visit.account, &visit.known);
        let mut untouched = vec!["your messages, rooms and account password", "your apps and their keys"];
        let (written, button_text) = match action {
            Action::ChangeKey => {
                untouched.push("your digital identity, your backup, and every key in it");
                let written = [
                    "The new key opens everything that the old one opened.",
                    "Your apps will ask for the new key from now on.",
                    "Once the new key has been checked, the old one, and its phrase if it has one, are switched off.",
                ];
                (written, "Change the key")
            }
            Action::AddKey => {
                untouched.push("your digital identity");
                let backup = if keeps_backup {
                    untouched.push("your backup, and every key in it");
                    "Your recovery key opens your backup, too."
                } else if takes_along {
                    untouched.push("the old backup");
                    NEW_AND_OLD
                } else {
                    untouched.extend(visit.account.backup.as_ref().map(|_| "the old backup"));
                    "You get a new backup: your app did not hand over the key to the old one, or there was none."
                };
                let identity = if made.with_phrase {
                    "Your recovery key and your phrase open your digital identity."
                } else {
                    "Your recovery key opens your digital identity."
                };
                let written = [identity, backup, "Your apps will ask for the new key from now on."];
                (written, "Store the new key")
            }
            _ => {
                let backup = if keeps_backup {
                    "Your backup stays, and is signed, so that your apps trust it."
                } else if takes_along {
                    NEW_AND_OLD
                } else {
                    "An encrypted backup for the keys to your messages."
                };
                let button_text = if *action == Action::Reset {
                    untouched.push("the old backup");
                    "Start over now"
                } else {
                    untouched.extend(takes_along.then_some("the old backup"));
                    "Turn on backup"
                };
                ([identity_words(*action), backup, opened_by], button_text)
            }
        };
        Self { written, untouched, button_text }
    }
}

/// Says what a new identity means for others and for the person's apps.
fn others_see() -> Vec<AnyView> {
    let warning = el("p").class("warning").child(say("strong", "", "This cannot be undone.")).view();
    vec![warning, h2("What others will see"), points(&AFTER_A_NEW_IDENTITY)]
}
