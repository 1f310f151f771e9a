//! The footer: the servers that this page can reach, its version, and whom to ask.

use gloo::utils::document;
use leptos::prelude::*;

use super::{
    element::{at_times, el, say},
    illustration::{PADLOCK, picture},
    link::{links, whom_to_ask},
};
use crate::{app::conductor::Conductor, domain::discovery::Server, guide::Step};

/// Draws the footer of every screen. It keeps showing a lock that was set: the browser cannot undo it.
pub fn footer(conductor: Conductor) -> AnyView {
    let locked = Memo::new(move |old: Option<&String>| {
        conductor.read(|guide| guide.locked_to().map(everyone)).or_else(|| old.cloned()).unwrap_or_default()
    });
    let whom = move || match locked.get() {
        host if !host.is_empty() => [&*host, "; your browser now blocks everyone else"].concat(),
        _ if conductor.read(|guide| matches!(guide.step(), Step::Discovering(_))) => {
            "the server you named, to find your homeserver".to_owned()
        }
        _ if conductor.read(|guide| matches!(guide.step(), Step::Finished(_))) => {
            "nobody any more".to_owned()
        }
        _ => "nobody yet".to_owned(),
    };
    let class =
        move || Some(if locked.with(|host| !host.is_empty()) { "talks-to locked" } else { "talks-to" });
    let version =
        ["Key backup for Matrix ", env!("CARGO_PKG_VERSION"), ", engine ", &engine_hash(), ". "].concat();
    let has_links = move || conductor.read(|guide| !guide.config().links.is_empty());
    el("footer")
        .child(
            el("p")
                .live_attr("class", class)
                .attr("aria-live", "polite")
                .child(picture(&PADLOCK))
                .child(el("span").text("This page can talk to: ").live(whom).view())
                .view(),
        )
        .child(at_times(has_links, move || conductor.peek(|guide| links(&guide.config().links))))
        .child(whom_to_ask(conductor))
        .child(say("p", "", [version.as_str(), "Stores nothing in this browser."].concat()))
        .view()
}

/// Names the homeserver, and the other hosts of its sign-in.
fn everyone(server: &Server) -> String {
    let mut all = ["your homeserver, ", server.base_url.host()].concat();
    let own = server.base_url.origin();
    let others: Vec<_> = server.ways.origins().into_iter().filter(|origin| *origin != own).collect();
    let hosts: Vec<_> =
        others.iter().map(|origin| origin.split_once("://").map_or(&**origin, |(_, host)| host)).collect();
    if !hosts.is_empty() {
        all.push_str(", and its sign-in, ");
        all.push_str(&hosts.join(" and "));
    }
    all
}

/// Returns the first digits of the engine module's SHA-256, which are part of its file name: `SHA256SUMS` has the
/// same. The browser has compared the module with its digest (`engine_files.rs`).
fn engine_hash() -> String {
    let file = document().get_element_by_id("engine").and_then(|engine| engine.get_attribute("data-wasm"));
    let hash = file.as_deref().and_then(|file| file.strip_prefix("./engine-")?.strip_suffix("_bg.wasm"));
    hash.unwrap_or("of an unknown build").to_owned()
}
