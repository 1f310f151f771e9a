//! Seven emoji on two devices of one person, compared.

pub mod names;
mod scene;
mod words;

use leptos::prelude::*;

use self::{
    names::{one_of, who_can_answer},
    scene::Scene,
    words::{in_a_row, other_way, partner_name},
};
use crate::{
    app::{
        conductor::Conductor,
        part::{
            app_help::{never, on_one_phone},
            app_steps::{app_steps, folded, with_labels},
            button::{Look, actions, button},
            comparing::comparing,
            countdown::as_clock,
            element::{all, el, keyed, p, points, quiet, say, working},
            heading::heading,
            lines::{State, line, lines},
            link::open_app,
            notice::{notice, words_of},
        },
    },
    domain::{
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
    let receives = matches!(goal, Goal::Receive { .. });
    let names = StoredValue::new(who_can_answer(goal.visit(), receives));
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
    let lead = move || draw(&|scene| names.with_value(|names| lead(scene, names)));
    let below = move || draw(&|scene| apps.with_value(|apps| below(conductor, scene, apps)));
    all(vec![
        heading(if receives { "Confirm it's you, with your open app" } else { "Compare seven emoji" }),
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

/// Says in a sentence how far comparing is.
fn lead(scene: Scene, names: &[String]) -> AnyView {
    let open = |then: &'static str| el("span").text("Open ").child(one_of(names)).text(then).view();
    match scene.talk {
        Verification::Idle if scene.receives => {
            return open(
                ". It shows the same seven emoji as this page. If they match, it hands over its keys.",
            );
        }
        Verification::Idle => {
            return open(
                ". It shows the same seven emoji as this page. If they match, it gets the key by itself.",
            );
        }
        Verification::Asked if !scene.late => {
            return open(" now. It asks to verify: accept there, then come back.");
        }
        _ => {}
    }
    let (before, partner, after) = match scene.talk {
        Verification::Idle | Verification::Asked => ("Nobody has answered yet.", None, ""),
        Verification::AskedBy(partner) => ("", Some(partner), " asks to compare emoji with this page."),
        Verification::Agreed(partner) => ("", Some(partner), " has answered. The emoji are on their way."),
        Verification::Comparing { partner, shown } if shown.emoji().is_empty() => {
            ("Look at ", Some(partner), ". Does it show the same three numbers, in the same order?")
        }
        Verification::Comparing { partner, .. } => {
            ("Look at ", Some(partner), ". Does it show the same emoji, in the same order?")
        }
        Verification::Confirmed(partner) => ("Now say on ", Some(partner), " that they match."),
        Verification::Done(_) if scene.late => ("Something is still missing.", None, ""),
        Verification::Done(partner) => ("They match. Now ", Some(partner), " hands over its keys."),
        Verification::Cancelled { by_us, reason } => (scene.cancelled(*by_us, *reason).0, None, ""),
    };
    let mut line = vec![el("span").text(before).view()];
    line.extend(partner.map(|partner| say("bdi", "host", partner_name(partner))));
    line.push(el("span").text(after).view());
    all(line)
}

/// Draws a button that makes a move.
fn moves(conductor: Conductor, look: Look, text: &'static str, to: Move) -> AnyView {
    button(look, text, Callback::new(move |()| conductor.input(Input::Moved(to.clone()))))
}

/// Draws how long the other device has taken so far, and the way to end it.
fn wait(conductor: Conductor, for_what: &'static str) -> AnyView {
    all(vec![
        working(for_what),
        el("p").class("quiet").attr("aria-hidden", "true").live(waited(conductor)).view(),
        actions(vec![moves(conductor, Look::Plain, "Stop", Move::Cancel)]),
    ])
}

fn begin_there(apps: &[App]) -> AnyView {
    folded("Or begin in the app instead", "begin", &BEGIN_THERE, apps)
}

/// Draws what the person can do now.
fn below(conductor: Conductor, scene: Scene, apps: &[App]) -> AnyView {
    let moves = move |look, text, to| moves(conductor, look, text, to);
    all(match scene.talk {
        Verification::Idle => vec![
            comparing(scene.receives),
            on_one_phone(),
            actions(vec![moves(Look::Primary, "Show the emoji", Move::Ask)]),
            begin_there(apps),
            never(),
        ],
        Verification::Asked => asked(conductor, scene, apps),
        Verification::AskedBy(_) => vec![
            p("Was that you? If not, choose “Not now”: nothing is shared."),
            actions(vec![
                moves(Look::Primary, "Compare", Move::Accept),
                moves(Look::Plain, "Not now", Move::Cancel),
            ]),
        ],
        Verification::Agreed(_) => vec![wait(conductor, "Waiting for the emoji")],
        Verification::Comparing { shown, .. } => emoji_or_numbers(conductor, shown),
        Verification::Confirmed(_) => vec![wait(conductor, "Waiting for your other device")],
        Verification::Done(_) => received(conductor, scene, moves(Look::Plain, "Ask another app", Move::Ask)),
        // Nobody is asked to repeat what somebody may be using against them.
        Verification::Cancelled { by_us, reason } if scene.warns(*reason) => {
            vec![p(scene.cancelled(*by_us, *reason).1), p(other_way(scene.receives))]
        }
        Verification::Cancelled { by_us, reason } => vec![
            p(scene.cancelled(*by_us, *reason).1),
            actions(vec![moves(Look::Primary, "Try again", Move::Ask)]),
            p(other_way(scene.receives)),
            begin_there(apps),
        ],
    })
}

/// Draws the wait until an app answers, and help if none does.
fn asked(conductor: Conductor, scene: Scene, apps: &[App]) -> Vec<AnyView> {
    let mut views = vec![wait(conductor, "Waiting for an answer")];
    if scene.late {
        let help = [
            "Is the app open, in front, and connected to the internet?",
            "Does it show “Verify this device” or “Verify this session”? That box hides our question. Choose “Stop” here, then “Verify” and “Use another device” there.",
            "Nothing there? Reload the app, or close it and start it again.",
        ];
        let item = |text| el("li").child(with_labels(text)).view();
        views.push(el("ul").class("plain").all(help.map(item).into()).view());
        views.push(p(other_way(scene.receives)));
    }
    let mut where_to_look =
        el("details").class("fold").child(say("summary", "", "Where to look in your app"));
    if scene.late {
        where_to_look = where_to_look.attr("open", "");
    }
    let where_to_look = where_to_look.all(app_steps("answer", &ANSWER, apps)).child(begin_there(apps));
    views.extend([where_to_look.view(), never()]);
    views
}

/// Draws what both devices show, and the two answers.
fn emoji_or_numbers(conductor: Conductor, shown: &Shown) -> Vec<AnyView> {
    let answers = actions(vec![
        moves(conductor, Look::Primary, "They match", Move::Match(shown.clone())),
        moves(conductor, Look::Plain, "They don't match", Move::Differ),
    ]);
    if shown.emoji().is_empty() {
        let digits = say("p", "numbers asked", in_a_row(shown));
        return vec![digits, answers, quiet("Take your time. All three have to be the same.")];
    }
    vec![seven(shown.emoji()), answers, unlike(shown)]
}

fn waited(conductor: Conductor) -> impl Fn() -> String + Send {
    move || {
        let seconds = conductor.ask(0, |step| match step {
            Step::Verify(step::Verify { waited, .. }) => Some(*waited),
            _ => None,
        });
        if seconds == 0 { String::new() } else { ["Waiting, ", &as_clock(seconds)].concat() }
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

/// Says what to make of another device that shows the same in another way.
fn unlike(shown: &Shown) -> AnyView {
    el("details")
        .child(say("summary", "", "It looks different there"))
        .child(p("The words may be in another language: compare the pictures."))
        .child(p("If there are numbers instead, compare these three:"))
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
