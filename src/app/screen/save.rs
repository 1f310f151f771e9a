//! The recovery key, shown once, to be kept.

use gloo::timers::callback::Timeout;
use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        keep,
        part::{
            button::{Look, actions, live_button},
            element::{all, at_times, el, keyed, live, p, points, say, status},
            heading::heading,
            illustration::{TICK, picture},
            kit::{self, key_text, sheet},
            login::{Filed, filed_name},
            unused_keys::unused_keys,
        },
    },
    domain::{recovery_key::in_fours, secret::Secret},
    guide::{Input, Keeping, MadeKey, Step, Visit, step},
    words::{self, Word},
};

const WAYS: [(Keeping, Word); 5] = [
    (Keeping::Downloaded, words::save_download),
    (Keeping::Copied, words::save_copy),
    (Keeping::Printed, words::save_print),
    (Keeping::InManager, words::save_save_in_password_manager),
    (Keeping::WrittenDown, words::save_i_wrote_it_down),
];

/// Shows the key and the ways to keep it.
pub fn screen(conductor: Conductor, visit: &Visit, made: &MadeKey) -> AnyView {
    let kept = move || kept(conductor);
    let none = move || kept().is_empty();
    let trouble = RwSignal::new("");
    let act = keeping(conductor, visit, made, trouble);
    let next = move || {
        let kept = kept();
        let text = if kept.is_empty() {
            words::save_first_keep_it_in_one()
        } else if kept == [Keeping::InManager] {
            words::save_say_yes_when_your_browser()
        } else {
            words::save_next_youll_enter_it_once()
        };
        text.to_owned()
    };
    let ways = WAYS.into_iter().filter(|(way, _)| *way != Keeping::InManager || keep::has_manager());
    let ways = ways.map(|(way, text)| way_button(text(), move || kept().contains(&way), act, way)).collect();
    let trouble = move || trouble.get().to_owned();
    all(vec![
        heading(words::save_save_your_recovery_key()),
        say("p", "lead", words::save_it_opens_your_backup_keep()),
        unused_keys(conductor),
        key_text(&made.kit.recovery_key).view(),
        el("div")
            .class("ways")
            .attr("role", "group")
            .attr("aria-label", words::save_ways_to_keep_the_key())
            .all(ways)
            .view(),
        el("p").class("trouble").attr("role", "alert").live(trouble).view(),
        actions(vec![
            live_button(
                Look::Primary,
                || words::save_continue().to_owned(),
                none,
                conductor.on(|| Input::WentToEnterKey),
            ),
            status(next),
        ]),
        good_to_know(made),
        on_paper(conductor),
    ])
}

/// Draws what is printed, in a task of its own: the screen should not wait for it.
fn on_paper(conductor: Conductor) -> AnyView {
    let is_time = RwSignal::new(false);
    // The screen may be gone by then, and the signal with it.
    Timeout::new(0, move || {
        let _ = is_time.try_set(true);
    })
    .forget();
    let draw = move || {
        conductor.peek(|guide| match guide.step() {
            Step::Save(step::Save { job, made, .. }) if is_time.get_untracked() => {
                sheet(&job.visit, &made.kit, made.with_phrase, false, false)
            }
            _ => all(Vec::new()),
        })
    };
    keyed(move || is_time.get().to_string(), draw)
}

/// Returns the ways in which the person has kept the key.
fn kept(conductor: Conductor) -> Vec<Keeping> {
    conductor.ask(Vec::new(), |step| {
        let Step::Save(step::Save { kept, .. }) = step else { return None };
        Some(kept.clone())
    })
}

/// Makes what each button does. If it does not work, `trouble` says so.
fn keeping(
    conductor: Conductor,
    visit: &Visit,
    made: &MadeKey,
    trouble: RwSignal<&'static str>,
) -> Callback<Keeping> {
    let key = StoredValue::new(spaced(&made.kit.recovery_key));
    let file = keep::file_name(&kit::recovery_key_file_name(&made.kit), &visit.account.user_id);
    let name = StoredValue::new(filed_name(&visit.account.user_id, Filed::Key));
    let did = move |way: Keeping, worked: bool, else_say: &'static str| {
        trouble.set(if worked { "" } else { else_say });
        if worked {
            conductor.input(Input::KeptKey(way));
        }
    };
    Callback::new(move |way: Keeping| match way {
        Keeping::Downloaded => {
            let worked = key.with_value(|key| keep::download(&file, key.expose()));
            did(way, worked, words::save_your_browser_did_not_allow());
        }
        Keeping::Copied => key.with_value(|key| {
            keep::copy(key.expose(), move |worked| {
                did(way, worked, words::save_your_browser_did_not_allow_copying_select());
            });
        }),
        Keeping::Printed => did(way, keep::print(), words::save_your_browser_cannot_print_here()),
        Keeping::InManager => key.with_value(|key| {
            name.with_value(|name| {
                keep::ask_manager(name, key.expose(), move |worked| {
                    did(way, worked, words::save_your_browser_did_not_take());
                });
            });
        }),
        Keeping::WrittenDown => did(way, true, ""),
    })
}

/// Draws where to keep the key and where not, folded.
fn good_to_know(made: &MadeKey) -> AnyView {
    let mut good = vec![
        words::save_good_places_a_password_manager(),
        words::save_bad_places_an_e_mail(),
        words::save_whoever_has_this_key_and(),
        words::save_older_element_apps_call_it(),
    ];
    if made.with_phrase {
        good.push(words::save_your_phrase_opens_the_backup());
    }
    let name = words::save_this_key_is_on(&kit::name(&made.kit));
    el("details")
        .child(say("summary", "", words::save_good_to_know()))
        .child(p(name))
        .child(points(&good))
        .view()
}

/// Draws one way to keep the key, with a tick once it was used. The button is never drawn anew, so that it keeps the
/// focus.
fn way_button(
    text: &'static str,
    done: impl Fn() -> bool + Copy + Send + Sync + 'static,
    act: Callback<Keeping>,
    way: Keeping,
) -> AnyView {
    let spoken = move || if done() { words::save_done() } else { "" }.to_owned();
    el("button")
        .attr("type", "button")
        .live_attr("class", move || done().then_some("done"))
        .on("click", move |_| act.run(way))
        .child(at_times(done, || picture(&TICK)))
        .child(say("span", "", text))
        .child(el("span").class("spoken").child(live(spoken)).view())
        .view()
}

/// Returns the key with one space between its groups, as other clients write it.
fn spaced(key: &Secret) -> Secret {
    let groups = in_fours(key);
    let mut text = String::with_capacity(64);
    for group in &groups {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(group.expose());
    }
    Secret::new(text)
}
