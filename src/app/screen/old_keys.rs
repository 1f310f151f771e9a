//! What was proved, and how the old messages' keys come into the backup.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        element_labels::ENTER_KEY,
        part::{
            button::{Look, actions, button},
            countdown::in_words,
            element::{all, el, h2, p, quiet, say, status},
            element_steps::element_steps,
            heading::heading,
            illustration::{PHONE_AND_LAPTOP, picture},
            lines::{State, line, lines},
        },
    },
    domain::{
        guide::{Input, Step, Visit},
        proved::Proved,
    },
};

/// Shows what was proved, the live count, and how to give the app the key.
pub fn screen(conductor: Conductor, visit: &Visit, proved: &Proved) -> AnyView {
    let mut views = vec![
        heading(if visit.written.is_empty() {
            "Bring in the keys of your other apps"
        } else {
            "Backup is on. Now bring your old messages in"
        }),
        proved_lines(proved),
        picture(&PHONE_AND_LAPTOP),
        h2("Give your app the key"),
        p(
            "Your app still holds the keys to your old messages. Enter your recovery key there, and it sends them to the backup.",
        ),
    ];
    if visit.account.devices.is_empty() {
        views.push(p(
            "We saw no other app that is signed in. If you have one, open it and follow these steps.",
        ));
    }
    views.extend(element_steps(&ENTER_KEY));
    views.extend([
        p("In another app, look for “verify” and choose the recovery key. Never choose “Reset” or “Forgot recovery key?”: these delete the backup."),
        count(conductor),
        el("p")
            .class("warning")
            .child(say("strong", "", "Do not sign out of your app yet."))
            .text(" Wait until keys have arrived and the number has rested for a minute.")
            .view(),
        actions(vec![button(Look::Primary, "Sign out here and finish", conductor.on(|| Input::WantedSignOut))]),
        quiet("You may finish here at any time. Once it has the key, your app sends the rest without this page."),
    ]);
    all(views)
}

/// What the engine has seen to be true, and nothing else.
pub fn proved_lines(proved: &Proved) -> AnyView {
    let mut seen =
        vec![line(State::Done, "Your recovery key opens the stored keys, tried as a new device would")];
    if proved.phrase_opens {
        seen.push(line(State::Done, "Your security phrase opens them, too"));
    }
    seen.push(line(State::Done, "The stored identity and backup keys match what your server publishes"));
    let signed = ["Backup version ", &proved.backup_version, " is signed by your identity"].concat();
    seen.push(line(State::Done, signed));
    lines(seen)
}

/// How many keys the backup holds, as it grows.
fn count(conductor: Conductor) -> AnyView {
    // The number, for how long it has been the same, and whether the last count failed.
    let arrival = move || {
        conductor.ask((0, 0, false), |step| {
            let Step::OldKeys { arrival, .. } = step else { return None };
            Some((arrival.room_keys, arrival.still_for_seconds(), arrival.trouble.is_some()))
        })
    };
    let number = move || thousands(arrival().0);
    let state = move || {
        let text = match arrival() {
            (_, _, true) => "We cannot count just now. Trying again.",
            (0, _, _) => "No keys have arrived yet.",
            (_, 0, _) => "Still growing.",
            (..) => "Not growing now.",
        };
        text.to_owned()
    };
    let since = move || match arrival() {
        (0, ..) | (_, 0, _) => String::new(),
        (_, seconds, _) => ["No change for ", &in_words(seconds), "."].concat(),
    };
    el("section")
        .class("count")
        .attr("aria-label", "Keys in the backup")
        .child(el("p").class("count-number").live(number).view())
        .child(p("keys saved"))
        .child(status(state))
        .child(el("p").class("quiet").live(since).view())
        .view()
}

/// A number with commas between its thousands.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
