//! Seven emoji on two devices of one person, compared.

pub mod names;
mod scene;
mod sentences;

use leptos::prelude::*;

use self::{
    names::{one_of, who_can_answer},
    scene::Scene,
    sentences::{in_a_row, other_way, partner_name},
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
        emoji::word,
        handed_over::HandedBackupKey,
        verification::{CancelReason, Emoji, Move, Partner, Shown, Verification},
    },
    guide::{Goal, Input, Step, step},
    words,
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
        heading(if receives {
            words::verify_confirm_its_you_with_your()
        } else {
            words::verify_compare_seven_emoji()
        }),
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
    let open = |parts| el("span").sentence(parts, vec![("app", one_of(names))]).view();
    match scene.talk {
        Verification::Idle if scene.receives => return open(words::verify_open_and_receive()),
        Verification::Idle => return open(words::verify_open_and_give()),
        Verification::Asked if !scene.late => return open(words::verify_open_now()),
        _ => {}
    }
    let of = |partner: &Partner, parts| {
        let name = say("bdi", "host", partner_name(partner));
        el("span").sentence(parts, vec![("app", name)]).view()
    };
    match scene.talk {
        Verification::Idle | Verification::Asked => say("span", "", words::verify_nobody_has_answered_yet()),
        Verification::AskedBy(partner) => of(partner, words::verify_app_asks()),
        Verification::Agreed(partner) => of(partner, words::verify_app_has_answered()),
        Verification::Comparing { partner, shown } if shown.emoji().is_empty() => {
            of(partner, words::verify_look_for_numbers())
        }
        Verification::Comparing { partner, .. } => of(partner, words::verify_look_for_emoji()),
        Verification::Confirmed(partner) => of(partner, words::verify_say_there()),
        Verification::Done(_) if scene.late => say("span", "", words::verify_something_is_still_missing()),
        Verification::Done(partner) => of(partner, words::verify_app_hands_over()),
        Verification::Cancelled { by_us, reason } => say("span", "", scene.cancelled(*by_us, *reason).0),
    }
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
        actions(vec![moves(conductor, Look::Plain, words::verify_stop(), Move::Cancel)]),
    ])
}

fn begin_there(apps: &[App]) -> AnyView {
    folded(words::verify_or_begin_in_the_app(), "begin", &BEGIN_THERE, apps)
}

/// Draws what the person can do now.
fn below(conductor: Conductor, scene: Scene, apps: &[App]) -> AnyView {
    let moves = move |look, text, to| moves(conductor, look, text, to);
    all(match scene.talk {
        Verification::Idle => vec![
            comparing(scene.receives),
            on_one_phone(),
            actions(vec![moves(Look::Primary, words::verify_show_the_emoji(), Move::Ask)]),
            begin_there(apps),
            never(),
        ],
        Verification::Asked => asked(conductor, scene, apps),
        Verification::AskedBy(_) => vec![
            p(words::verify_was_that_you_if_not()),
            actions(vec![
                moves(Look::Primary, words::verify_compare(), Move::Accept),
                moves(Look::Plain, words::verify_not_now(), Move::Cancel),
            ]),
        ],
        Verification::Agreed(_) => vec![wait(conductor, words::verify_waiting_for_the_emoji())],
        Verification::Comparing { shown, .. } => emoji_or_numbers(conductor, shown),
        Verification::Confirmed(_) => vec![wait(conductor, words::verify_waiting_for_your_other_device())],
        Verification::Done(_) => {
            received(conductor, scene, moves(Look::Plain, words::verify_ask_another_app(), Move::Ask))
        }
        // Nobody is asked to repeat what somebody may be using against them.
        Verification::Cancelled { by_us, reason } if scene.warns(*reason) => {
            vec![p(scene.cancelled(*by_us, *reason).1), p(other_way(scene.receives))]
        }
        Verification::Cancelled { by_us, reason } => vec![
            p(scene.cancelled(*by_us, *reason).1),
            actions(vec![moves(Look::Primary, words::verify_try_again(), Move::Ask)]),
            p(other_way(scene.receives)),
            begin_there(apps),
        ],
    })
}

/// Draws the wait until an app answers, and help if none does.
fn asked(conductor: Conductor, scene: Scene, apps: &[App]) -> Vec<AnyView> {
    let mut views = vec![wait(conductor, words::verify_waiting_for_an_answer())];
    if scene.late {
        let help = [
            words::verify_is_the_app_open_in(),
            words::verify_does_it_show_verify_this(),
            words::verify_nothing_there_reload_the_app(),
        ];
        let item = |text| el("li").child(with_labels(text)).view();
        views.push(el("ul").class("plain").all(help.map(item).into()).view());
        views.push(p(other_way(scene.receives)));
    }
    let mut where_to_look =
        el("details").class("fold").child(say("summary", "", words::verify_where_to_look_in_your()));
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
        moves(conductor, Look::Primary, words::verify_they_match(), Move::Match(shown.clone())),
        moves(conductor, Look::Plain, words::verify_they_dont_match(), Move::Differ),
    ]);
    if shown.emoji().is_empty() {
        let digits = say("p", "numbers asked", in_a_row(shown));
        return vec![digits, answers, quiet(words::verify_take_your_time_all_three())];
    }
    vec![seven(shown.emoji()), answers, unlike(shown)]
}

fn waited(conductor: Conductor) -> impl Fn() -> String + Send {
    move || {
        let seconds = conductor.ask(0, |step| match step {
            Step::Verify(step::Verify { waited, .. }) => Some(*waited),
            _ => None,
        });
        if seconds == 0 { String::new() } else { words::verify_waited(&as_clock(seconds)) }
    }
}

/// Draws the emoji, each with its word: people who cannot see the emoji compare the words.
fn seven(emoji: &[Emoji]) -> AnyView {
    let each = |emoji: &Emoji| {
        let symbol = el("span").class("symbol").attr("aria-hidden", "true").text(emoji.symbol.as_str());
        el("li").child(symbol.view()).child(say("span", "", word(&emoji.name))).view()
    };
    el("ol")
        .class("emoji")
        .attr("aria-label", words::verify_seven_emoji())
        .all(emoji.iter().map(each).collect())
        .view()
}

/// Says what to make of another device that shows the same in another way.
fn unlike(shown: &Shown) -> AnyView {
    el("details")
        .child(say("summary", "", words::verify_it_looks_different_there()))
        .child(p(words::verify_the_words_may_be_in()))
        .child(p(words::verify_if_there_are_numbers_instead()))
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
        Some(HandedBackupKey::NoBackup) => words::verify_there_is_no_backup_yet(),
        Some(HandedBackupKey::Differs) => words::verify_the_key_to_your_backup(),
        _ => words::verify_the_key_to_your_backup_2(),
    };
    let has_backup = matches!(backup, Some(HandedBackupKey::Fits | HandedBackupKey::NoBackup));
    let mut views = vec![lines(vec![
        line(state(identity), words::verify_your_digital_identitys_keys()),
        line(state(has_backup), backup_words),
    ])];
    if !scene.late {
        views.push(working(words::verify_waiting_for_the_keys()));
        return views;
    }
    views.push(points(&[words::verify_keep_the_app_open_or(), words::verify_perhaps_it_does_not_hold()]));
    if identity {
        views.extend([
            p(words::verify_you_can_go_on_then()),
            actions(vec![
                button(Look::Primary, words::verify_go_on_with_what_came(), conductor.on(|| Input::WentOn)),
                again,
            ]),
        ]);
    } else {
        views.push(actions(vec![again]));
    }
    views
}
