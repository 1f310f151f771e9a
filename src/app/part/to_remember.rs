//! The three lines that a person takes away: the key, the copy, and what to do with them.

use leptos::prelude::*;

use super::element::{el, say};
use crate::{
    app::conductor::Conductor,
    domain::{kit::mark_of, plan::Task},
    guide::{Harvest, done::Copy},
};

/// Draws the lines, and what the host says to everybody.
pub fn to_remember(conductor: Conductor, harvest: &Harvest) -> AnyView {
    let copied = if Copy::of(harvest).has_keys() {
        "Your copy: the file “matrix-keys…” in your downloads, and its passphrase."
    } else {
        "You made no copy: the backup on your server is the only one."
    };
    let mut lines = vec![
        el("li").text(key_words(harvest)).view(),
        el("li").text(copied).view(),
        el("li").text(if harvest.proved().phrase_opens { OR_PHRASE } else { ENTER }).view(),
    ];
    let notice = conductor.peek(|guide| guide.config().notice.clone());
    lines.extend(notice.map(|notice| el("li").child(say("bdi", "", notice)).view()));
    el("ol").class("remember").all(lines).view()
}

const ENTER: &str = "On a new device: sign in, choose “Use recovery key”, and enter it.";
const OR_PHRASE: &str =
    "On a new device: sign in, choose “Use recovery key”, and enter it, or your security phrase.";

/// Says what the kept key looks like: its beginning, and the name of its file.
fn key_words(harvest: &Harvest) -> String {
    let visit = &harvest.visit;
    let mut text = "Your recovery key".to_owned();
    if let Some(begins) = visit.begins {
        text.extend([" begins with “", &*begins.to_string(), "”"]);
    }
    // Only a key that was made in this visit has a file of ours.
    if visit.written.contains(&Task::Commit) {
        let mark = mark_of(&harvest.proved().key_id);
        text.extend([". Saved as a file, it is called “matrix-recovery-key-", &*mark, "…”"]);
    } else if visit.begins.is_none() {
        text.push_str(" opens your backup");
    }
    text.push('.');
    text
}
