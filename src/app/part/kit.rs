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
    words,
};

/// Width of the empty edge around a QR code, in modules (ISO/IEC 18004).
const QUIET_ZONE: u16 = 4;

/// Draws the sheet: on the screen only if `on_screen` is set, and on paper as the only thing (`print.css`).
///
/// `copied`: the person took home a copy of the backup that has keys in it.
pub fn sheet(visit: &Visit, kit: &Kit, with_phrase: bool, copied: bool, on_screen: bool) -> AnyView {
    let steps = after_the_move(copied).into_iter().map(|step| say("li", "", step)).collect();
    let mut sheet = vec![
        say("p", "kit-title", words::kit_recovery_key_for_your_private()),
        el("div")
            .class("kit-top")
            .child(el("div").all(facts(visit, kit, copied)).view())
            .child(qr(kit))
            .view(),
        key_text(&kit.recovery_key).view(),
        el("ol").class("plain").all(steps).view(),
    ];
    if with_phrase {
        sheet.push(blank(words::kit_security_phrase_if_you_want()));
    }
    sheet.extend([blank(words::kit_where_i_put_the_file()), p(words::kit_keep_this_sheet_like_a())]);
    let section = el("section").all(sheet);
    if on_screen {
        section.class("kit shown").attr("aria-label", words::kit_your_kit()).view()
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
        fact(words::kit_matrix_id(), &visit.account.user_id),
        fact(words::kit_homeserver(), visit.server.base_url.host()),
        fact(words::kit_this_sheet(), &words::kit_name_and_day(&kit.mark(), &day(now_ms()))),
        fact(words::kit_file_with_this_key(), &[&*recovery_key_file_name(kit), "-…"].concat()),
    ];
    if copied {
        facts.push(fact(words::kit_copy_of_the_backup(), "matrix-keys-…"));
    }
    facts.push(fact(words::kit_page_to_come_back_to(), &own_address()));
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
    let mut all = vec![
        words::kit_after_the_move_or_on(),
        words::kit_when_it_asks_you_to(),
        words::kit_enter_the_key_the_messages(),
    ];
    if copied {
        all.push(words::kit_if_the_backup_is_gone());
    }
    all
}

/// Names a sheet by its mark, which the file with the same key has, too.
pub fn name(kit: &Kit) -> String {
    words::kit_name(&kit.mark())
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
        <svg class="qr" viewBox=view_box role="img" aria-label=words::kit_the_recovery_key_as_a()>
            <path fill="#fff" d=white />
            <path fill="#000" d=black />
        </svg>
    }
    .into_any()
}
