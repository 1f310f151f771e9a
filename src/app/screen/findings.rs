//! The findings: the diagnosis of the account, the recommended action, and the other choices.

mod details;
mod sentences;
mod unverified;

use leptos::prelude::*;

use self::{
    details::details,
    sentences::{coverage_words, handed_over_words, label, reason, sentences},
    unverified::unverified,
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
    words,
};

/// Shows the conclusion and what follows from it.
pub fn screen(conductor: Conductor, visit: &Visit, diagnosis: Diagnosis, news: Option<&News>) -> AnyView {
    let (title, meaning) = concluded(visit, diagnosis);
    let mut views = news.map(|news| told(news, visit)).unwrap_or_default();
    views.extend([heading(title), say("p", "lead", meaning), unused_keys(conductor)]);
    views.extend(seen(visit));
    views.extend(choices(conductor, visit));
    views.extend(unverified(&visit.account, visit.proved().is_some()));
    let malformed = conductor.peek(|guide| guide.malformed());
    views.push(details(visit, diagnosis, malformed));
    all(views)
}

/// Returns the heading, and the sentence below it.
fn concluded(visit: &Visit, diagnosis: Diagnosis) -> (&'static str, &'static str) {
    match &visit.known.key {
        KeyKnown::Tried(Opening::OlderSecretStorage { found }) if found.is_all_right() => {
            (words::findings_your_key_opens_everything_but(), words::findings_perhaps_it_was_replaced_or())
        }
        KeyKnown::Tried(_) | KeyKnown::NotAsked | KeyKnown::Lost => Sentence::at_findings(visit, diagnosis)
            .map_or_else(|| sentences(diagnosis), |Sentence { title, lead }| (title, lead)),
    }
}

/// Says what the entered key showed, and what an app handed over.
fn seen(visit: &Visit) -> Vec<AnyView> {
    let mut views = Vec::new();
    if let Some(proved) = visit.proved() {
        let mut counted = words::findings_message_keys(proved.room_keys);
        if let Some(coverage) = visit.coverage() {
            counted = [&*counted, " ", &coverage_words(coverage)].concat();
        }
        views.extend([p(counted), proved_lines(proved)]);
    } else if matches!(&visit.known.key, KeyKnown::Tried(Opening::SecretStorage { .. })) {
        // Without this the same screen would come back, as if nothing had been entered.
        views.push(p(words::findings_you_entered_the_right_recovery()));
    }
    views.extend(visit.known.handed_over.map(|came| p(handed_over_words(came))));
    views
}

/// Draws the recommended action, and the others.
fn choices(conductor: Conductor, visit: &Visit) -> Vec<AnyView> {
    let recommended = visit.plan().recommended;
    let choice = |look: Look, action: Action| button(look, label(action, visit), conductor.chose(action));
    let mut views = Vec::new();
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
        others.push(button(Look::Plain, words::findings_sign_out(), conductor.on(|| Input::WantedSignOut)));
    }
    if !others.is_empty() {
        views.extend([h2(words::findings_other_choices()), actions(others)]);
    }
    views
}

/// Says what was just done.
fn told(news: &News, visit: &Visit) -> Vec<AnyView> {
    let text = match news.action {
        Action::Rotate => words::findings_stopped_nothing_is_lost_and(),
        Action::ChangeKey if visit.proved().is_some() => words::findings_your_recovery_key_was_changed(),
        _ => words::findings_this_was_done(),
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
        views.push(p(words::findings_backup_was_switched_off_in()));
    }
    if !account.has_apps() {
        views.push(p(words::findings_youre_not_signed_in_to()));
    }
    views
}

/// Returns the name that the app has given its device.
pub fn device_name(device: &Device) -> &str {
    device.name.as_deref().unwrap_or(words::findings_without_a_name())
}
