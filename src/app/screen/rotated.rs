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
            proved_lines::proved_lines,
        },
    },
    domain::{proved::Proved, rotation::Rotated},
    guide::{Deletion, Input, Step, step},
    words,
};

/// Shows what was compared, names what could not be opened, and keeps the older versions unless asked.
pub fn screen(conductor: Conductor, proved: &Proved, rotated: &Rotated) -> AnyView {
    let unreadable = rotated.unreadable();
    let mut views = vec![
        // A backup that lacks keys, or has none, is not called complete.
        heading(if unreadable == 0 && rotated.room_keys > 0 {
            words::rotated_your_fresh_backup_is_complete()
        } else {
            words::rotated_your_fresh_backup_is_made()
        }),
        say(
            "p",
            "lead",
            if rotated.room_keys == 0 {
                words::rotated_it_has_no_key_there().to_owned()
            } else {
                words::rotated_it_has_keys(rotated.room_keys, rotated.rooms)
            },
        ),
        proved_lines(proved),
    ];
    if unreadable > 0 {
        views.push(
            el("p")
                .class("warning")
                .child(say("strong", "", words::rotated_keys_not_opened(unreadable)))
                .text([" ", words::rotated_the_older_version_keeps_them()].concat())
                .view(),
        );
    }
    if rotated.maybe_more {
        views.push(p(words::rotated_there_may_be_older_versions()));
    }
    views.push(actions(vec![button(Look::Primary, words::rotated_go_on(), conductor.on(|| Input::WentOn))]));
    if !rotated.older.is_empty() {
        views.extend(older(conductor, rotated));
    }
    all(views)
}

fn older(conductor: Conductor, rotated: &Rotated) -> Vec<AnyView> {
    let row = |version: &str, room_keys: u64, opened: u64| {
        let keys = if opened >= room_keys {
            words::rotated_all_in_the_fresh_backup(room_keys)
        } else {
            words::rotated_opened(room_keys, opened)
        };
        let goes = rotated.superseded().any(|superseded| superseded.version == version);
        let now = move || {
            if goes && deletion(conductor) == Deletion::Done {
                words::rotated_deleted().to_owned()
            } else {
                keys.clone()
            }
        };
        el("tr")
            .child(el("th").attr("scope", "row").text(words::rotated_version(version)).view())
            .child(el("td").live(now).view())
            .view()
    };
    let rows = rotated.older.iter().map(|it| row(&it.version, it.room_keys, it.opened)).collect();
    let mut views = vec![
        h2(words::rotated_older_versions()),
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
        Deletion::Kept => words::rotated_they_are_all_still_on(),
        Deletion::Running => words::rotated_deleting(),
        Deletion::Done => words::rotated_deleted_those_whose_every_key(),
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
        let label = words::rotated_delete_the_older_versions_whose();
        let label = el("label").attr("for", "delete-older").text(label).view();
        let delete = || words::rotated_delete_them_for_good().to_owned();
        all(vec![
            el("div").class("check").child(tick).child(label).view(),
            actions(vec![live_button(Look::Plain, delete, off, conductor.on(|| Input::AgreedToDelete))]),
        ])
    };
    el("details")
        .child(say("summary", "", words::rotated_delete_older_versions()))
        .child(at_times(asks, ask))
        .child(notice("problem", Box::new(move || words_of(conductor.trouble()))))
        .view()
}
