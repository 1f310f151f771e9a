//! The footer: one line on the servers that this page can reach, and folded what it is; below them, whom to ask.

use gloo::utils::document;
use leptos::prelude::*;

use super::{
    element::{at_times, el, p, say},
    illustration::{PADLOCK, picture},
    link::{links, whom_to_ask},
};
use crate::{
    app::conductor::Conductor,
    guide::{Guide, Step},
};

/// Draws the footer of every screen. It keeps showing a lock that was set: the browser cannot undo it. `locked_to` is
/// [`everyone`], or what stands in for it on the first screen.
pub fn footer(conductor: Conductor, locked_to: fn(&Guide) -> Option<String>) -> AnyView {
    let locked = Memo::new(move |old: Option<&String>| {
        conductor.read(locked_to).or_else(|| old.cloned()).unwrap_or_default()
    });
    let is_locked = move || locked.with(|hosts| !hosts.is_empty());
    let whom = move || {
        let hosts = locked.get();
        let is_looking = || conductor.read(|guide| matches!(guide.step(), Step::Discovering(_)));
        match (hosts.is_empty(), hosts.contains(SIGN_IN)) {
            (false, false) => "only your homeserver",
            (false, true) => "only your homeserver and its sign-in",
            (true, _) if is_looking() => "the server you named",
            (true, _) => "only its own site",
        }
        .to_owned()
    };
    let class = move || Some(if is_locked() { "talks-to locked" } else { "talks-to" });
    let has_links = move || conductor.read(|guide| !guide.config().links.is_empty());
    el("footer")
        .child(
            el("p")
                .live_attr("class", class)
                .attr("aria-live", "polite")
                .child(picture(&PADLOCK))
                .child(el("span").text("Reaches ").live(whom).view())
                .view(),
        )
        .child(about(is_locked, locked))
        .child(at_times(has_links, move || conductor.peek(|guide| links(&guide.config().links))))
        .child(whom_to_ask(conductor))
        .view()
}

/// Draws what few people ask for, folded: the hosts by name, what one has to trust, and the version.
fn about(is_locked: impl Fn() -> bool + Send + 'static, hosts: Memo<String>) -> AnyView {
    let reach = move || {
        if is_locked() {
            ["This page can talk to ", &*hosts.get(), "; your browser now blocks everyone else. "].concat()
        } else {
            String::new()
        }
    };
    let version =
        ["Key backup for Matrix ", env!("CARGO_PKG_VERSION"), ", engine ", &engine_hash(), "."].concat();
    el("details")
        .child(say("summary", "", "About"))
        .child(
            el("p")
                .live(reach)
                .text("What you type is used inside this page. An account password goes to your homeserver. Everything else leaves encrypted. The page stores nothing in this browser, and signs itself out.")
                .view(),
        )
        .child(p("You must trust the people who serve this page, your browser and its extensions."))
        .child(say("p", "", version))
        .view()
}

/// Joins the homeserver and the other hosts of its sign-in.
const SIGN_IN: &str = ", and its sign-in, ";

/// Names the homeserver and the other hosts of its sign-in, once the browser is locked to them.
pub fn everyone(guide: &Guide) -> Option<String> {
    let server = guide.locked_to()?;
    let mut all = ["your homeserver, ", server.base_url.host()].concat();
    let own = server.base_url.origin();
    let others: Vec<_> = server.ways.origins().into_iter().filter(|origin| *origin != own).collect();
    let hosts: Vec<_> =
        others.iter().map(|origin| origin.split_once("://").map_or(&**origin, |(_, host)| host)).collect();
    if !hosts.is_empty() {
        all.push_str(SIGN_IN);
        all.push_str(&hosts.join(" and "));
    }
    Some(all)
}

/// Returns the first digits of the engine module's SHA-256, which are part of its file name: `SHA256SUMS` has the
/// same. The browser has compared the module with its digest (`worker_files.rs`).
fn engine_hash() -> String {
    let file = document().get_element_by_id("engine").and_then(|engine| engine.get_attribute("data-wasm"));
    let hash = file.as_deref().and_then(|file| file.strip_prefix("./engine-")?.strip_suffix("_bg.wasm"));
    hash.unwrap_or("of an unknown build").to_owned()
}
