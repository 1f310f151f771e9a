//! The old messages' keys: how many are in the backup, the ways by which more come, and what was proved.

use leptos::prelude::*;

use super::choose::card;
use crate::{
    app::{
        conductor::Conductor,
        part::{
            app_help::{export_walk, never},
            app_steps::folded,
            button::{Look, actions, button},
            comparing::comparing,
            countdown::in_words,
            element::{all, at_times, el, h2, keyed, p, quiet, say, status},
            heading::live_heading,
            illustration::{KEY_AND_BOX, picture},
            keys_elsewhere::keys_elsewhere,
            link::open_app,
            number::thousands,
            proved_lines::proved_lines,
        },
    },
    domain::{
        apps::{App, walks::ENTER_KEY},
        plan::Task,
        verification::{Move, Verification},
    },
    guide::{Harvest, Input, Part, Step, done::needs_apps, remedy::Remedy, step},
};

/// Place of the keys that are not in the backup yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// In apps that are signed in.
    Apps,
    /// In an app that was just given the key.
    AppTold,
    /// In an app that handed over the key to the backup it uses.
    AppWithKey,
    /// In an app that handed over its identity, and has to find the backup that was made then.
    AppThatFindsIt,
    /// In apps that have sent everything once, to the backup that was there before.
    AppsOfOlderBackup,
    /// In no app that is signed in.
    Nowhere,
}

/// Shows what was proved, the live count, and the ways in which keys can come.
pub fn screen(conductor: Conductor, harvest: &Harvest) -> AnyView {
    let visit = &harvest.visit;
    let wrote = |task| visit.written.contains(&task);
    let source = if !visit.has_app() {
        Source::Nowhere
    } else if harvest.told.is_some() {
        Source::AppTold
    } else if wrote(Task::Upload) {
        Source::AppsOfOlderBackup
    } else if wrote(Task::StoreSecrets) && !wrote(Task::PublishIdentity) && !wrote(Task::RetireOldKey) {
        // The identity is the app's own; so is the backup, unless it had to be made.
        if wrote(Task::CreateBackup) { Source::AppThatFindsIt } else { Source::AppWithKey }
    } else {
        Source::Apps
    };
    let [title, lead] = words(source, !visit.written.is_empty());
    let waits = matches!(source, Source::AppTold | Source::AppThatFindsIt);
    let remedy = move || {
        conductor.ask(None, |step| match step {
            Step::OldKeys(step::OldKeys { harvest, .. }) if waits => {
                Some(Some((Remedy::of(harvest), harvest.told)))
            }
            _ => None,
        })
    };
    let said = move || match remedy() {
        // Until something is known, each way of giving the key has words of its own.
        None | Some((Remedy::Wait, _)) => [title, lead],
        Some((remedy, app)) => remedy.words(app),
    };
    let mut views = vec![
        live_heading(move || said()[0]),
        el("p").class("lead").attr("role", "status").live(move || said()[1].to_owned()).view(),
    ];
    views.push(asked(conductor));
    views.push(count(conductor, source));
    views.push(export_walk(conductor));
    if source != Source::Nowhere {
        views.push(stay(conductor, source, harvest.told_app_never_sends()));
    }
    views.push(h2(match source {
        Source::Apps => "Give your app the key",
        Source::AppThatFindsIt => "If no keys come",
        Source::AppTold | Source::AppWithKey => "If another app has keys, too",
        Source::AppsOfOlderBackup => "If an app asks for the key",
        Source::Nowhere => "If keys are elsewhere",
    }));
    if source != Source::Nowhere {
        views.push(open_app(conductor));
    }
    views.push(ways(conductor, source, harvest.offers_import()));
    if source == Source::Nowhere {
        views.extend(keys_elsewhere());
    } else {
        let apps = App::among(visit.account.apps());
        views.push(folded("Or enter the recovery key in the app yourself", "element", &ENTER_KEY, &apps));
        views.push(never());
    }
    // As long as an app waits for an answer, the answer has the primary button.
    let is_asked = move || !who_asks(conductor).is_empty();
    let go_on = move || {
        let look = if is_asked() { Look::Plain } else { Look::Primary };
        go(conductor, look, "Go on: which messages are safe?", Part::Coverage)
    };
    views.extend([
        actions(vec![
            keyed(move || is_asked().to_string(), go_on),
            button(Look::Plain, "Sign out here and finish", conductor.on(|| Input::WantedSignOut)),
        ]),
        quiet(if source == Source::Nowhere {
            "You can finish at any time, and come back when you have found one of these."
        } else if harvest.told_app_never_sends() {
            "You can finish at any time, and import the file on a later visit."
        } else {
            "You can finish at any time. Once it has the key, your app sends the rest without this page."
        }),
        h2("What we checked"),
        proved_lines(&harvest.proved),
    ]);
    all(views)
}

/// Warns not to sign out of the app, until its reason has gone.
fn stay(conductor: Conductor, source: Source, never_sends: bool) -> AnyView {
    let why = match source {
        Source::AppTold if never_sends => {
            " Its old keys are in no other place. Export them first, and import the file here."
        }
        Source::AppTold => {
            " It may be the only place where the missing keys are. Wait until keys have come, and their number has been stable for 30 seconds."
        }
        Source::AppsOfOlderBackup => {
            " Until it has found the fresh backup, the keys of new messages are in the app alone."
        }
        Source::AppWithKey => {
            " First see that all its keys are here: wait until the number has been stable for 30 seconds."
        }
        _ => {
            " It may be the only place where the missing keys are. Wait until the number has been stable for 30 seconds."
        }
    };
    let has_reason = move || {
        let needs_apps = |step: &Step| match step {
            Step::OldKeys(step) => Some(needs_apps(&step.harvest)),
            _ => None,
        };
        // Whatever the backup has, the page cannot see which one an app uses.
        source == Source::AppsOfOlderBackup || conductor.ask(true, needs_apps)
    };
    at_times(has_reason, move || {
        el("p")
            .class("warning")
            .child(say(
                "strong",
                "",
                "Do not sign out of your app yet. Newer ones call that “Remove this device”.",
            ))
            .text(why)
            .view()
    })
}

/// Says at first where keys are and how they come. `is_new`: backup was turned on in this visit.
fn words(source: Source, is_new: bool) -> [&'static str; 2] {
    let title = match source {
        Source::Apps if is_new => "Backup is on. Now bring your old messages in",
        Source::Apps => "Bring in the keys of your other apps",
        Source::AppTold => "Your app was given the key",
        Source::AppWithKey => "Your recovery key is stored",
        Source::AppThatFindsIt => "Backup is on. Let your app find it",
        Source::AppsOfOlderBackup => "Let your apps find the fresh backup",
        Source::Nowhere if is_new => "Backup is on",
        Source::Nowhere => "Bring in keys from a file",
    };
    let lead = match source {
        Source::Apps => {
            "Your app still holds the keys to your old messages. Give it the key to the backup, and it sends them."
        }
        Source::AppTold => "Keep it open. It should send its keys by itself, and here you see them arrive.",
        Source::AppWithKey => {
            "Your app sends its keys to this backup already. Below you see how many are there."
        }
        Source::AppThatFindsIt => {
            "Your app still holds the keys to your old messages. It should send them by itself now."
        }
        Source::AppsOfOlderBackup => {
            "Every key that could be opened is in it already. Reload your apps, or start them again: then they use it."
        }
        Source::Nowhere => {
            "You're not signed in to any app, so nothing more comes by itself. New messages are safe once your next app has the recovery key."
        }
    };
    [title, lead]
}

/// Draws a button that leads to another part of the harvest.
pub fn go(conductor: Conductor, look: Look, text: &'static str, part: Part) -> AnyView {
    button(look, text, Callback::new(move |()| conductor.input(Input::WentTo(part))))
}

/// Draws the ways that are steps of their own.
fn ways(conductor: Conductor, source: Source, imports: bool) -> AnyView {
    let to = |part: Part| Callback::new(move |()| conductor.input(Input::WentTo(part)));
    let mut cards = Vec::new();
    if source != Source::Nowhere {
        cards.push(card(
            [
                "Match emoji",
                if source == Source::Apps { "Recommended" } else { "" },
                "Your app and this page show seven emoji. If they match, the app gets the key by itself.",
            ],
            comparing(false),
            to(Part::Verify),
        ));
    }
    if imports {
        cards.push(card(
            ["Import a file", "", "For keys that an app once exported, or that you saved before."],
            picture(&KEY_AND_BOX),
            to(Part::Import),
        ));
    }
    el("div").class("cards").attr("role", "group").attr("aria-label", "Ways").all(cards).view()
}

/// Returns the name or device ID of an app that asks to compare emoji; empty if none does.
fn who_asks(conductor: Conductor) -> String {
    conductor.ask(String::new(), |step| match step {
        Step::OldKeys(step::OldKeys { talk: Verification::AskedBy(partner), .. }) => {
            Some(partner.name.clone().unwrap_or_else(|| partner.device_id.clone()))
        }
        _ => None,
    })
}

/// Draws the question of an app that asks to compare emoji.
fn asked(conductor: Conductor) -> AnyView {
    let who = move || who_asks(conductor);
    let moves = move |look: Look, text: &'static str, to: Move| {
        button(look, text, Callback::new(move |()| conductor.input(Input::Moved(to.clone()))))
    };
    let draw = move || {
        let who = who();
        if who.is_empty() {
            return all(Vec::new());
        }
        let line =
            el("p").child(say("bdi", "host", who)).text(" asks to compare emoji. Then it gets the key.");
        el("div")
            .class("panel")
            .child(line.view())
            .child(actions(vec![
                moves(Look::Primary, "Compare", Move::Accept),
                moves(Look::Plain, "Not now", Move::Cancel),
            ]))
            .view()
    };
    el("div").attr("role", "status").child(keyed(who, draw)).view()
}

/// Draws how many keys the backup holds, as the number grows.
fn count(conductor: Conductor, source: Source) -> AnyView {
    // The number, how many keys have come, the seconds since the last one, and whether the last count failed.
    let arrival = move || {
        conductor.ask((0, 0, 0, false), |step| {
            let Step::OldKeys(step::OldKeys { harvest, .. }) = step else { return None };
            let arrival = &harvest.arrival;
            // Keys of a file, and those before an app was given the key, did not come from it.
            let came = arrival.room_keys.saturating_sub(harvest.keys_before);
            Some((arrival.room_keys, came, arrival.still_for_seconds(), arrival.trouble.is_some()))
        })
    };
    let number = move || thousands(arrival().0);
    let state = move || {
        let text = match arrival() {
            (.., true) => "We cannot count just now. Trying again.",
            (0, ..) if source == Source::Nowhere => "No keys are in it yet.",
            (0, ..) => "No keys have arrived yet.",
            (_, 0, 0..30, _) => "Watching for new keys.",
            (_, _, 0, _) => "Still growing.",
            (_, _, 0..30, _) => "Not growing now.",
            (_, 0, ..) => "No new keys have come while you were here.",
            _ if source == Source::Nowhere => "Stable. You can go on.",
            _ => "Stable: most likely your app has sent all it has. You can go on.",
        };
        text.to_owned()
    };
    let since = move || match arrival() {
        (0, ..) | (_, _, 0, _) => String::new(),
        (_, 0, seconds, _) => ["No change for ", &in_words(seconds), "."].concat(),
        (_, came, seconds, _) => {
            [&*thousands(came), " new ones. No change for ", &in_words(seconds), "."].concat()
        }
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
