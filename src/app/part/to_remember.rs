//! The three lines that a person takes away: the key, the copy, and what to do with them.

use leptos::prelude::*;

use super::element::{el, say};
use crate::{
    app::conductor::Conductor,
    domain::{kit::mark_of, plan::Task},
    guide::{Harvest, done::Copy},
    words,
};

/// Draws the lines, and what the host says to everybody.
pub fn to_remember(conductor: Conductor, harvest: &Harvest) -> AnyView {
    let copied = if Copy::of(harvest).has_keys() {
        words::to_remember_your_copy_the_file_matrix()
    } else {
        words::to_remember_you_made_no_copy_the()
    };
    let enter = if harvest.proved().phrase_opens {
        words::to_remember_on_a_new_device_sign_in_choose()
    } else {
        words::to_remember_on_a_new_device_sign()
    };
    let mut lines = vec![
        el("li").text(key_words(harvest)).view(),
        el("li").text(copied).view(),
        el("li").text(enter).view(),
    ];
    let notice = conductor.peek(|guide| guide.config().notice.clone());
    lines.extend(notice.map(|notice| el("li").child(say("bdi", "", notice)).view()));
    el("ol").class("remember").all(lines).view()
}

/// Says what the kept key looks like: its beginning, and the name of its file.
fn key_words(harvest: &Harvest) -> String {
    let visit = &harvest.visit;
    let begins = visit.begins.map(|begins| begins.to_string());
    // Only a key that was made in this visit has a file of ours.
    let has_file = visit.written.contains(&Task::Commit);
    let file = has_file.then(|| ["matrix-recovery-key-", &*mark_of(&harvest.proved().key_id)].concat());
    match (begins, file) {
        (Some(begins), Some(file)) => words::to_remember_key_begins_file(&begins, &file),
        (Some(begins), None) => words::to_remember_key_begins(&begins),
        (None, Some(file)) => words::to_remember_key_file(&file),
        (None, None) => words::to_remember_key_opens().to_owned(),
    }
}
