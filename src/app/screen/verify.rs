//! Seven emoji on two devices of one person, compared.

mod scene;
mod words;

use leptos::prelude::*;

use self::{
    scene::Scene,
    words::{in_a_row, other_way, partner_name},
};
use super::findings::device_name;
use crate::{
    app::{
        conductor::Conductor,
        part::{
            app_help::{given, never},
            app_steps::{app_steps, folded, with_labels},
            button::{Look, actions, button},
            comparing::comparing,
            countdown::in_words,
            element::{all, el, h2, keyed, p, points, quiet, say, working},
            heading::heading,
            lines::{State, line, lines},
            link::open_app,
            notice::{notice, words_of},
        },
    },
    domain::{
        account::Device,
        apps::{
            App,
            walks::{ANSWER, BEGIN_THERE},
        },
        handed_over::HandedBackupKey,
        verification::{CancelReason, Emoji, Move, Shown, Verification},
    },
    guide::{Goal, Input, Step, step},
};

/// Draws each stage of comparing.
pub fn screen(conductor: Conductor, goal: &Goal) -> AnyView {
    let receives = matches!(goal, Goal::Receive(_));
    let devices = StoredValue::new(who_can_answer(goal));
    let apps = StoredValue::new(App::among(goal.visit().account.apps()));
    // The number of times that the emoji did not match, and whether they do not match now.
    let differed = Memo::new(move |before: Option<&(u32, bool)>| {
        let (often, did) = before.copied().unwrap_or_default();
        let does = conductor.ask(false, |step| Some(has_differed(step)));
        (often + u32::from(does && !did), does)
    });
    let again = move || differed.get().0 > 1;
    let key = move || {
        let again = again();
        conductor.read(|guide| Scene::of(guide.step(), again).map(Scene::key).unwrap_or_default())
    };
    let draw = move |draw: &dyn Fn(Scene) -> AnyView| {
        let again = untrack(again);
        conductor.peek(|guide| Scene::of(guide.step(), again).map_or_else(|| all(Vec::new()), draw))
    };
    let lead = move || draw(&lead);
    let below = move || {
        draw(&|scene| {
            devices.with_value(|devices| apps.with_value(|apps| below(conductor, scene, devices, apps)))
        })
    };
    all(vec![
        heading(if receives { "Confirm it's you, with your open app" } else { "Let your app take the key" }),
        el("p").class("lead").attr("role", "status").child(keyed(key, lead)).view(),
        open_app(conductor),
        keyed(key, below),
        notice("problem", Box::new(move || words_of(conductor.trouble()))),
    ])
}

fn has_differed(step: &Step) -> bool {
    let differed = CancelReason::Differed;
    matches!(step, Step::Verify(step::Verify { talk: Verification::Cancelled { reason, .. }, .. }) if *reason == differed)
}

/// Returns the names of the apps that can answer.
fn who_can_answer(goal: &Goal) -> Vec<String> {
    let account = &goal.visit().account;
    let named = |verified: bool| -> Vec<String> {
        let these = account.apps().filter(|device| device.verified == verified);
        these.map(|device: &Device| device_name(device).to_owned()).collect()
    };
    let first = named(matches!(goal, Goal::Receive(_)));
    // An app that is verified already may want the key, too.
    if first.is_empty() && matches!(goal, Goal::Give(_)) { named(true) } else { first }
}

/// Says in a sentence how far comparing is.
fn lead(scene: Scene) -> AnyView {
    let (before, partner, after) = match scene.talk {
        Verification::Idle if scene.receives => (
            "Your app and this page show the same seven emoji. If they match, the app hands over its keys.",
            None,
            "",
        ),
        Verification::Idle => (
            "Your app and this page show the same seven emoji. If they match, the app gets the key by itself.",
            None,
            "",
        ),
        Verification::Asked if scene.late => ("Nobody has answered yet.", None, ""),
        Verification::Asked => ("We have asked your other apps. Open one of them now.", None, ""),
        Verification::AskedBy(partner) => ("", Some(partner), " asks to compare emoji with this page."),
        Verification::Agreed(partner) => ("", Some(partner), " has answered. The emoji are on their way."),
        Verification::Comparing { partner, shown } if shown.emoji().is_empty() => {
            ("Look at ", Some(partner), ". Does it show the same three numbers, in the same order?")
        }
        Verification::Comparing { partner, .. } => {
            ("Look at ", Some(partner), ". Does it show the same emoji, in the same order?")
        }
        Verification::Confirmed(partner) => {
            ("You said that they match. Now say so on ", Some(partner), ", too.")
        }
        Verification::Done(partner) if !scene.receives => {
            ("They match. ", Some(partner), " is confirmed as yours.")
        }
        Verification::Done(_) if scene.late => ("Something is still missing.", None, ""),
        Verification::Done(partner) => ("They match. Now ", Some(partner), " hands over its keys."),
        Verification::Cancelled { by_us, reason } => (scene.cancelled(*by_us, *reason).0, None, ""),
    };
    let mut line = vec![el("span").text(before).view()];
    line.extend(partner.map(|partner| say("bdi", "host", partner_name(partner))));
    line.push(el("span").text(after).view());
    all(line)
}

const BOX_HIDES: &str = "Does it say “Verify this device” or “Verify this session”? That box hides our question. Choose “Stop” here, then “Verify” and “Use another device” there. This page says so when it asks.";

/// Help for an app that is not verified: its own question lies above ours, and answering that one leads to the same.
const BOX_ABOVE: &str = "Does your app show “Verify this device” or “Verify this session”? Then don't ask it from here. Choose “Verify” there, then “Use another device”. This page says so when it asks.";

/// Draws what the person can do now.
fn below(conductor: Conductor, scene: Scene, devices: &[String], apps: &[App]) -> AnyView {
    let moves = move |look: Look, text: &'static str, to: Move| {
        button(look, text, Callback::new(move |()| conductor.input(Input::Moved(to.clone()))))
    };
    let begin_there = || folded("Or begin in the app instead", "begin", &BEGIN_THERE, apps);
    let wait = |for_what: &'static str| {
        vec![
            working(for_what),
            el("p").class("quiet").attr("aria-hidden", "true").live(waited(conductor)).view(),
            actions(vec![moves(Look::Plain, "Stop", Move::Cancel)]),
        ]
    };
    all(match scene.talk {
        Verification::Idle => {
            let mut views = vec![comparing(scene.receives)];
            if !devices.is_empty() {
                let names =
                    devices.iter().map(|name| el("li").child(say("bdi", "host", name.as_str())).view());
                views.push(p(if devices.len() == 1 {
                    "This app can answer:"
                } else {
                    "One of these can answer:"
                }));
                views.push(el("ul").class("plain").all(names.collect()).view());
            }
            views.extend([
                actions(vec![moves(Look::Primary, "Ask my app", Move::Ask)]),
                quiet("Have the app open and at hand. Stay signed in to it."),
            ]);
            if !scene.receives {
                let box_above = el("p").child(with_labels(BOX_ABOVE)).view();
                views.extend([box_above, never()]);
            }
            views.push(begin_there());
            views
        }
        Verification::Asked => {
            let mut views = wait("Waiting for an answer");
            if scene.late {
                views.extend([
                    points(&[
                        "Is the app open, and has it internet? It has to be in front.",
                        "No box there? Reload the app, or close it and start it again.",
                        "Still nothing? Begin in the app: the last line below says where.",
                    ]),
                    p(other_way(scene.receives)),
                ]);
                if !scene.receives {
                    views.push(el("p").child(with_labels(BOX_HIDES)).view());
                }
            }
            views.push(h2("Where to look"));
            views.extend(app_steps("answer", &ANSWER, apps));
            views.extend([begin_there(), never()]);
            views
        }
        Verification::AskedBy(_) => vec![
            p("Was that you? If not, choose “Not now”: nothing is shared."),
            actions(vec![
                moves(Look::Primary, "Compare", Move::Accept),
                moves(Look::Plain, "Not now", Move::Cancel),
            ]),
        ],
        Verification::Agreed(_) => wait("Waiting for the emoji"),
        Verification::Comparing { shown, .. } => {
            let answers = actions(vec![
                moves(Look::Primary, "They match", Move::Match(shown.clone())),
                moves(Look::Plain, "They don't match", Move::Differ),
            ]);
            if shown.emoji().is_empty() {
                let numbers = say("p", "numbers asked", in_a_row(shown));
                return all(vec![numbers, answers, quiet("Take your time. All three have to be the same.")]);
            }
            vec![
                seven(shown.emoji()),
                answers,
                numbers(shown),
                quiet("Take your time. The words may be in another language on your app."),
            ]
        }
        Verification::Confirmed(_) => wait("Waiting for your other device"),
        Verification::Done(_) if scene.receives => {
            received(conductor, scene, moves(Look::Plain, "Ask another app", Move::Ask))
        }
        Verification::Done(partner) => {
            let mut views = given(App::of(partner.name.as_deref()));
            views.push(actions(vec![button(Look::Primary, "Go on", conductor.on(|| Input::WentOn))]));
            views
        }
        Verification::Cancelled { by_us, reason } => vec![
            p(scene.cancelled(*by_us, *reason).1),
            actions(vec![moves(
                if scene.warns(*reason) { Look::Plain } else { Look::Primary },
                "Try again",
                Move::Ask,
            )]),
            p(other_way(scene.receives)),
            begin_there(),
        ],
    })
}

fn waited(conductor: Conductor) -> impl Fn() -> String + Send {
    move || {
        let seconds = conductor.ask(0, |step| match step {
            Step::Verify(step::Verify { waited, .. }) => Some(*waited),
            _ => None,
        });
        if seconds == 0 { String::new() } else { ["For ", &in_words(seconds), " so far"].concat() }
    }
}

/// Draws the emoji, each with its word: people who cannot see the emoji compare the words.
fn seven(emoji: &[Emoji]) -> AnyView {
    let each = |emoji: &Emoji| {
        let symbol = el("span").class("symbol").attr("aria-hidden", "true").text(emoji.symbol.as_str());
        el("li").child(symbol.view()).child(say("span", "", emoji.name.as_str())).view()
    };
    el("ol").class("emoji").attr("aria-label", "Seven emoji").all(emoji.iter().map(each).collect()).view()
}

fn numbers(shown: &Shown) -> AnyView {
    el("details")
        .child(say("summary", "", "My other device shows numbers"))
        .child(p("Then compare these three, instead of the emoji:"))
        .child(say("p", "numbers", in_a_row(shown)))
        .view()
}

/// Draws what the app has handed over, and what is missing.
fn received(conductor: Conductor, scene: Scene, again: AnyView) -> Vec<AnyView> {
    let identity = scene.came.is_some_and(|came| came.identity);
    let backup = scene.came.map(|came| came.backup);
    let state = |is_here: bool| match (is_here, scene.late) {
        (true, _) => State::Done,
        (false, true) => State::Held,
        (false, false) => State::Now,
    };
    let backup_words = match backup {
        Some(HandedBackupKey::NoBackup) => "There is no backup yet that would need a key",
        Some(HandedBackupKey::Differs) => "The key to your backup: the one that came opens another backup",
        _ => "The key to your backup",
    };
    let has_backup = matches!(backup, Some(HandedBackupKey::Fits | HandedBackupKey::NoBackup));
    let mut views = vec![lines(vec![
        line(state(identity), "Your digital identity's keys"),
        line(state(has_backup), backup_words),
    ])];
    if !scene.late {
        views.push(working("Waiting for the keys"));
        return views;
    }
    views.push(points(&[
        "Keep the app open, or reload it: it may be slow.",
        "Perhaps it does not hold everything itself. Another app of yours may.",
    ]));
    if identity {
        views.extend([
            p("You can go on. Then a fresh backup is made, and your apps fill it. The old one is not deleted."),
            actions(vec![
                button(Look::Primary, "Go on with what came", conductor.on(|| Input::WentOn)),
                again,
            ]),
        ]);
    } else {
        views.push(actions(vec![again]));
    }
    views
}
