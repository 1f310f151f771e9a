//! The findings: the diagnosis of the account, the recommended action, and the other choices.

mod details;
mod unverified;
mod words;

use leptos::prelude::*;

use self::{
    details::details,
    unverified::unverified,
    words::{coverage_words, handed_over_words, label, reason, sentences},
};
use super::{choose::cards, writing::task_words};
use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, button},
            element::{all, el, h2, p, say},
            heading::heading,
            illustration::{TICK, picture},
            lines::{State, line, lines},
            number::thousands,
            proved_lines::proved_lines,
            unused_keys::unused_keys,
        },
    },
    domain::{
        account::{Account, Device},
        diagnosis::{Diagnosis, KeyKnown},
        opening::Opening,
        plan::Action,
    },
    guide::{Input, News, Visit, verdict::Sentence},
};

/// Shows the conclusion and what follows from it.
pub fn screen(conductor: Conductor, visit: &Visit, diagnosis: Diagnosis, news: Option<&News>) -> AnyView {
    let concluded = Sentence::at_findings(visit, diagnosis);
    let (title, meaning) = match &visit.known.key {
        KeyKnown::Tried(Opening::OlderSecretStorage { found }) if found.is_all_right() => (
            "Your key opens everything, but your apps ask for another one",
            "Perhaps it was replaced, or a change of key was begun and not finished.",
        ),
        KeyKnown::Tried(_) | KeyKnown::NotAsked | KeyKnown::Lost => match concluded {
            Some(Sentence { title, lead }) => (title, lead),
            None if is_account_password(visit) && diagnosis == Diagnosis::StoredForFewClients => {
                SAME_AS_PASSWORD
            }
            None if is_beside_unusable(visit, diagnosis) => UNUSABLE,
            None => sentences(diagnosis),
        },
    };
    let recommended = visit.plan().recommended;
    let mut views = news.map(|news| told(news, visit)).unwrap_or_default();
    views.extend([heading(title), say("p", "lead", meaning), unused_keys(conductor)]);
    if let Some(proved) = visit.proved() {
        views.push(proved_lines(proved));
        let mut counted = [&*thousands(proved.room_keys), " keys are in the backup."].concat();
        if let Some(coverage) = visit.coverage() {
            counted = [&*counted, " ", &coverage_words(coverage)].concat();
        }
        views.push(p(counted));
    } else if matches!(&visit.known.key, KeyKnown::Tried(Opening::SecretStorage { .. })) {
        // Without this the same screen would come back, as if nothing had been entered.
        views.push(p("Your key is right: it opens what is stored."));
    }
    views.extend(visit.known.handed_over.map(|came| p(handed_over_words(came))));
    let choice = |look: Look, action: Action| button(look, label(action, visit), conductor.chose(action));
    if recommended == Action::SetUp {
        views.extend(before_cards(&visit.account));
        views.extend(cards(conductor));
    } else {
        views.push(p(reason(recommended, visit)));
        views.push(actions(vec![choice(Look::Primary, recommended)]));
    }
    let mut others: Vec<_> = visit.others().into_iter().map(|action| choice(Look::Plain, action)).collect();
    // The frame offers to sign out while nothing was changed (`frame.rs`).
    if !visit.written.is_empty() && recommended != Action::End {
        others.push(button(Look::Plain, "Sign out", conductor.on(|| Input::WantedSignOut)));
    }
    if !others.is_empty() {
        views.extend([h2("Other choices"), actions(others)]);
    }
    views.extend(unverified(&visit.account, visit.proved().is_some()));
    let malformed = conductor.peek(|guide| guide.malformed());
    views.push(details(visit, diagnosis, title, malformed));
    all(views)
}

/// The sentences where the newest backup is one that no app can use, and nothing else that was found needs other words.
const UNUSABLE: (&str, &str) = (
    "No app can use your newest backup",
    "It is not valid, or your server cannot tell of it. Older ones may be there; nothing here deletes them.",
);

fn is_beside_unusable(visit: &Visit, diagnosis: Diagnosis) -> bool {
    visit.account.has_unusable_backup()
        && matches!(diagnosis, Diagnosis::IdentityOnly | Diagnosis::NothingSetUp)
}

/// The sentences where the phrase is one that the homeserver is given at each sign-in.
const SAME_AS_PASSWORD: (&str, &str) = (
    "Your security phrase is also your account password",
    "Your server is given that at each sign-in, so that whoever runs it could open your backup. Get a new recovery key.",
);

fn is_account_password(visit: &Visit) -> bool {
    match &visit.known.key {
        KeyKnown::Tried(opening) => opening.is_account_password(),
        KeyKnown::NotAsked | KeyKnown::Lost => false,
    }
}

/// Says what was just done.
fn told(news: &News, visit: &Visit) -> Vec<AnyView> {
    let text = match news.action {
        Action::Rotate => "Stopped. Nothing is lost, and it can be finished later with the same key.",
        Action::ChangeKey if visit.proved().is_some() => {
            "Your recovery key was changed. The old one, and any phrase of it, no longer opens anything."
        }
        _ => "This was done:",
    };
    let mut views =
        vec![el("p").class("good").attr("role", "status").child(picture(&TICK)).text(text).view()];
    if news.action == Action::Repair {
        views.push(lines(news.written.iter().map(|task| line(State::Done, task_words(*task))).collect()));
    }
    views
}

/// Says what is worth knowing before the first set-up.
fn before_cards(account: &Account) -> Vec<AnyView> {
    let mut views = Vec::new();
    if account.backup_switched_off {
        views.push(p("Backup was switched off in one of your apps. Going on turns it on again."));
    }
    if !account.has_apps() {
        views.push(p("We see no other app that is signed in. Messages from before may already be closed to you. New ones will be safe."));
    }
    views
}

/// Returns the name that the app has given its device.
pub fn device_name(device: &Device) -> &str {
    device.name.as_deref().unwrap_or("Without a name")
}
