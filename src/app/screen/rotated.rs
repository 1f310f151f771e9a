//! A fresh backup, compared with everything that could be opened, and the older versions beside it.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, button, live_button},
            element::{all, at_times, el, h2, p, say},
            heading::heading,
            notice::{notice, words_of},
            number::{count, thousands},
            proved_lines::proved_lines,
        },
    },
    domain::{proved::Proved, rotation::Rotated},
    guide::{Deletion, Input, Step, step},
};

/// Shows what was compared, names what could not be opened, and keeps the older versions unless asked.
pub fn screen(conductor: Conductor, proved: &Proved, rotated: &Rotated) -> AnyView {
    let compared = [
        "It has ",
        &count(rotated.room_keys, "key"),
        " from ",
        &count(rotated.rooms, "room"),
        ". We read each one back and compared it.",
    ];
    let unreadable = rotated.unreadable();
    let mut views = vec![
        // A backup that lacks keys, or has none, is not called complete.
        heading(if unreadable == 0 && rotated.room_keys > 0 {
            "Your fresh backup is complete"
        } else {
            "Your fresh backup is made"
        }),
        say(
            "p",
            "lead",
            if rotated.room_keys == 0 {
                "It has no key: there was none that opens.".to_owned()
            } else {
                compared.concat()
            },
        ),
        proved_lines(proved),
    ];
    if unreadable > 0 {
        views.push(
            el("p")
                .class("warning")
                .child(say("strong", "", [&*count(unreadable, "key"), " could not be opened."].concat()))
                .text(" The older version keeps what didn't open. An app that still has it can bring it in.")
                .view(),
        );
    }
    if rotated.maybe_more {
        views.push(p("There may be older versions that we could not find. They stay as they are."));
    }
    views.push(actions(vec![button(Look::Primary, "Go on", conductor.on(|| Input::WentOn))]));
    if !rotated.older.is_empty() {
        views.extend(older(conductor, rotated));
    }
    all(views)
}

fn older(conductor: Conductor, rotated: &Rotated) -> Vec<AnyView> {
    let row = |version: &str, room_keys: u64, opened: u64| {
        let keys = if opened >= room_keys {
            [&*thousands(room_keys), " keys, all in the fresh backup"].concat()
        } else {
            [&*thousands(room_keys), " keys, opened: ", &thousands(opened)].concat()
        };
        let goes = rotated.superseded().any(|superseded| superseded.version == version);
        let now = move || {
            if goes && deletion(conductor) == Deletion::Done { "deleted".to_owned() } else { keys.clone() }
        };
        el("tr")
            .child(el("th").attr("scope", "row").text(["Version ", version].concat()).view())
            .child(el("td").live(now).view())
            .view()
    };
    let rows = rotated.older.iter().map(|it| row(&it.version, it.room_keys, it.opened)).collect();
    let mut views = vec![
        h2("Older versions"),
        el("p").attr("role", "status").live(move || where_they_are(conductor).to_owned()).view(),
        el("table").child(el("tbody").all(rows).view()).view(),
    ];
    if rotated.superseded().next().is_some() {
        views.push(delete(conductor));
    }
    views
}

fn deletion(conductor: Conductor) -> Deletion {
    conductor.ask(Deletion::Kept, |step| {
        let Step::Rotated(step::Rotated { deletion, .. }) = step else { return None };
        Some(*deletion)
    })
}

fn where_they_are(conductor: Conductor) -> &'static str {
    match deletion(conductor) {
        Deletion::Kept => "They are all still on your server. Keeping them does no harm.",
        Deletion::Running => "Deleting…",
        Deletion::Done => "Deleted: those whose every key is in the fresh backup.",
    }
}

/// Draws the deletion of older versions, for those who want it: a box to tick, then a button.
fn delete(conductor: Conductor) -> AnyView {
    let agreed = RwSignal::new(false);
    let state = move || deletion(conductor);
    let off = move || !agreed.get() || state() != Deletion::Kept;
    let asks = move || state() != Deletion::Done;
    let ask = move || {
        let tick = el("input").attr("id", "delete-older").attr("type", "checkbox");
        let tick = tick.on("change", move |_| agreed.update(|agreed| *agreed = !*agreed)).view();
        let label =
            "Delete the older versions whose every key is in the fresh backup. This cannot be undone.";
        let label = el("label").attr("for", "delete-older").text(label).view();
        let delete = || "Delete them for good".to_owned();
        all(vec![
            el("div").class("check").child(tick).child(label).view(),
            actions(vec![live_button(Look::Plain, delete, off, conductor.on(|| Input::AgreedToDelete))]),
        ])
    };
    el("details")
        .child(say("summary", "", "Delete older versions"))
        .child(at_times(asks, ask))
        .child(notice("problem", Box::new(move || words_of(conductor.trouble()))))
        .view()
}
