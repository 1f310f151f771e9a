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
};

const WAYS: [(Keeping, &str); 5] = [
    (Keeping::Downloaded, "Download"),
    (Keeping::Copied, "Copy"),
    (Keeping::Printed, "Print"),
    (Keeping::InManager, "Save in password manager"),
    (Keeping::WrittenDown, "I wrote it down"),
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
            "First keep it in one of these ways."
        } else if kept == [Keeping::InManager] {
            "Say yes when your browser asks. If it doesn't ask, choose another way. Next, you'll enter it once to check."
        } else {
            "Next, you'll enter it once to check."
        };
        text.to_owned()
    };
    let ways = WAYS.into_iter().filter(|(way, _)| *way != Keeping::InManager || keep::has_manager());
    let ways = ways.map(|(way, text)| way_button(text, move || kept().contains(&way), act, way)).collect();
    let trouble = move || trouble.get().to_owned();
    all(vec![
        heading("Save your recovery key"),
        say("p", "lead", "It opens your backup. Keep it where only you can reach it."),
        unused_keys(conductor),
        key_text(&made.kit.recovery_key).view(),
        el("div")
            .class("ways")
            .attr("role", "group")
            .attr("aria-label", "Ways to keep the key")
            .all(ways)
            .view(),
        el("p").class("trouble").attr("role", "alert").live(trouble).view(),
        actions(vec![
            live_button(
                Look::Primary,
                || "Continue".to_owned(),
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
            did(way, worked, "Your browser did not allow the download.");
        }
        Keeping::Copied => key.with_value(|key| {
            keep::copy(key.expose(), move |worked| {
                did(way, worked, "Your browser did not allow copying. Select the key and copy it yourself.");
            });
        }),
        Keeping::Printed => did(way, keep::print(), "Your browser cannot print here."),
        Keeping::InManager => key.with_value(|key| {
            name.with_value(|name| {
                keep::ask_manager(name, key.expose(), move |worked| {
                    did(way, worked, "Your browser did not take the key. Keep it in another way.");
                });
            });
        }),
        Keeping::WrittenDown => did(way, true, ""),
    })
}

/// Draws where to keep the key and where not, folded.
fn good_to_know(made: &MadeKey) -> AnyView {
    let mut good = vec![
        "Good places: a password manager, a printed sheet with your papers, a USB stick.",
        "Bad places: an e-mail, a chat, a photo. Others can read those.",
        "Whoever has this key and your account password can read your private chats.",
        "Older Element apps call it the Security Key. It is not your account password.",
    ];
    if made.with_phrase {
        good.push("Your phrase opens the backup, too. The key is the spare.");
    }
    let name =
        ["This key is on ", &*kit::name(&made.kit), ". Its file has the same letters in its name."].concat();
    el("details").child(say("summary", "", "Good to know")).child(p(name)).child(points(&good)).view()
}

/// Draws one way to keep the key, with a tick once it was used. The button is never drawn anew, so that it keeps the
/// focus.
fn way_button(
    text: &'static str,
    done: impl Fn() -> bool + Copy + Send + Sync + 'static,
    act: Callback<Keeping>,
    way: Keeping,
) -> AnyView {
    let spoken = move || if done() { ", done" } else { "" }.to_owned();
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
