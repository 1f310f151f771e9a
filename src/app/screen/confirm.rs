//! The last question before writing.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, button},
            element::{all, el, h2, points, quiet, say},
            heading::heading,
            illustration::{TICK, picture},
        },
    },
    domain::plan::{Action, keeps_backup},
    guide::{
        Input, Job, MadeKey,
        verdict::{AFTER_A_NEW_IDENTITY, identity_words},
    },
};

/// Says what will happen and what will not, and asks.
pub fn screen(conductor: Conductor, job: &Job, made: &MadeKey) -> AnyView {
    let Job { visit, action } = job;
    let opened_by = if made.with_phrase {
        "the keys to your digital identity and your backup, locked with your recovery key and your phrase"
    } else {
        "the keys to your digital identity and your backup, locked with your recovery key"
    };
    let mut untouched = vec!["your messages and rooms", "your account password"];
    untouched.push("your apps, and the keys they hold");
    let (written, button_text) = match action {
        Action::ChangeKey => {
            untouched.push("your digital identity, your backup, and every key in it");
            let written = [
                "access for the new key to everything that the old one opened",
                "that the new key is the one your apps ask for",
                "after we have tried the new key: that the old one and its phrase open nothing any more",
            ];
            (written, "Change the key")
        }
        Action::AddKey => {
            untouched.push("your digital identity");
            let backup = if keeps_backup(&visit.account, &visit.known) {
                untouched.push("your backup, and every key in it");
                "that your recovery key opens your backup, too"
            } else {
                untouched.extend(visit.account.backup.as_ref().map(|_| "the old backup"));
                "a fresh backup: your app did not hand over the key to the old one, or there was none"
            };
            let written = [opened_by, backup, "that the new key is the one your apps ask for"];
            (written, "Store the new key")
        }
        _ => {
            let backup = if keeps_backup(&visit.account, &visit.known) {
                "its signature on your backup, which stays, so that your apps trust it"
            } else {
                "an encrypted backup, into which your apps put the keys to your messages"
            };
            let button_text = if *action == Action::Reset {
                untouched.push("the old backup");
                "Start over now"
            } else {
                "Turn on backup"
            };
            ([identity_words(*action), backup, opened_by], button_text)
        }
    };
    all(vec![
        el("p").class("good").child(picture(&TICK)).text("The key you entered matches.").view(),
        heading("This is what will happen"),
        el("p")
            .text("We write to your account ")
            .child(say("bdi", "host", visit.account.user_id.as_str()))
            .text(":")
            .view(),
        points(&written),
        all(if *action == Action::Reset { others_see() } else { Vec::new() }),
        h2("What we do not touch"),
        points(&untouched),
        actions(vec![button(Look::Primary, button_text, conductor.on(|| Input::Agreed))]),
        quiet(
            "Some servers ask once more whether it is you: for your account password, or on a page of their own. Then we say so.",
        ),
    ])
}

/// Says what a new identity means for others and for the person's apps.
fn others_see() -> Vec<AnyView> {
    let warning = el("p").class("warning").child(say("strong", "", "This cannot be undone.")).view();
    vec![warning, h2("What others will see"), points(&AFTER_A_NEW_IDENTITY)]
}
