//! The sheet on which a recovery key is kept.

use gloo::utils::window;
use leptos::prelude::*;

use super::{
    element::{Element, el, p, say},
    number::{day, now_ms},
};
use crate::{
    domain::{kit::Kit, recovery_key::in_fours, secret::Secret},
    guide::Visit,
};

/// Width of the empty edge around a QR code, in modules (ISO/IEC 18004).
const QUIET_ZONE: u16 = 4;

/// Draws the sheet: on the screen only if `on_screen` is set, and on paper as the only thing (`print.css`).
///
/// `copied`: the person took home a copy of the backup that has keys in it.
pub fn sheet(visit: &Visit, kit: &Kit, with_phrase: bool, copied: bool, on_screen: bool) -> AnyView {
    let steps = after_the_move(copied).into_iter().map(|step| say("li", "", step)).collect();
    let mut sheet = vec![
        say("p", "kit-title", "Recovery key for your private chats"),
        el("div")
            .class("kit-top")
            .child(el("div").all(facts(visit, kit, copied)).view())
            .child(qr(kit))
            .view(),
        key_text(&kit.recovery_key).view(),
        el("ol").class("plain").all(steps).view(),
    ];
    if with_phrase {
        sheet.push(blank("Security phrase, if you want it here:"));
    }
    sheet.extend([
        blank("Where I put the file, or a second sheet:"),
        p("Keep this sheet like a passport. It is not your account password. Nobody should ever ask you for it."),
    ]);
    let section = el("section").all(sheet);
    if on_screen {
        section.class("kit shown").attr("aria-label", "Your kit").view()
    } else {
        section.class("kit").attr("aria-hidden", "true").view()
    }
}

/// Draws what the sheet belongs to: account, server, files and this page.
fn facts(visit: &Visit, kit: &Kit, copied: bool) -> Vec<AnyView> {
    let fact = |name: &'static str, value: &str| {
        el("p").class("fact").child(say("span", "", name)).text(" ").child(say("bdi", "", value)).view()
    };
    let mut facts = vec![
        fact("Matrix ID", &visit.account.user_id),
        fact("Homeserver", visit.server.base_url.host()),
        fact("This sheet", &[&*name(kit), ", ", &day(now_ms())].concat()),
        fact("File with this key", &[&*recovery_key_file_name(kit), "-…"].concat()),
    ];
    if copied {
        facts.push(fact("Copy of the backup", "matrix-keys-…"));
    }
    facts.push(fact("Page to come back to", &own_address()));
    facts
}

/// Draws a line to write on, below its label.
fn blank(label: &'static str) -> AnyView {
    say("p", "blank", label)
}

/// Returns this page's address, without what belongs to one visit.
fn own_address() -> String {
    let url = window().location().href().unwrap_or_default();
    url.split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// Returns the beginning of the name of a file with the kit's key.
pub fn recovery_key_file_name(kit: &Kit) -> String {
    ["matrix-recovery-key-", &kit.mark()].concat()
}

/// Returns the instructions for using the key after the move. The copy of the backup is named only to those who have one.
pub fn after_the_move(copied: bool) -> Vec<&'static str> {
    let mut all = AFTER_THE_MOVE.to_vec();
    if copied {
        all.push(WITH_THE_COPY);
    }
    all
}

/// Says what to do if the backup on the server is gone.
const WITH_THE_COPY: &str = "If the backup is gone: choose “Import keys” in your app, pick your file “matrix-keys…”, and enter its passphrase.";

const AFTER_THE_MOVE: [&str; 3] = [
    "After the move, or on a new device: sign in to your app as you always do.",
    "When it asks you to verify, choose “Use recovery key”. Older apps call it the Security Key.",
    "Enter the key. The messages whose keys are in the backup become readable, room by room.",
];

/// Names a sheet by its mark, which the file with the same key has, too.
pub fn name(kit: &Kit) -> String {
    ["Kit ", &kit.mark()].concat()
}

/// Draws the key in groups of four.
pub fn key_text(key: &Secret) -> Element {
    let groups = in_fours(key).iter().map(|group| el("span").text(group.expose()).text(" ").view()).collect();
    el("p").class("key").attr("translate", "no").all(groups)
}

/// Draws the key as a QR code: black on white in the dark theme, too, since cameras need it.
fn qr(kit: &Kit) -> AnyView {
    let wide = (u16::from(kit.qr_modules) + 2 * QUIET_ZONE).to_string();
    let edge = ["-", &QUIET_ZONE.to_string()].concat();
    let view_box = [&*edge, &edge, &wide, &wide].join(" ");
    let white = ["M", &edge, " ", &edge, "h", &wide, "v", &wide, "h-", &wide, "z"].concat();
    let black = kit.qr.expose().to_owned();
    view! {
        <svg class="qr" viewBox=view_box role="img" aria-label="The recovery key as a QR code">
            <path fill="#fff" d=white />
            <path fill="#000" d=black />
        </svg>
    }
    .into_any()
}
