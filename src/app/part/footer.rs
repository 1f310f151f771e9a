//! Whom this page can talk to, and what it is.

use gloo::utils::document;
use leptos::prelude::*;

use super::{
    element::{el, say},
    illustration::{PADLOCK, picture},
};
use crate::{app::conductor::Conductor, domain::guide::Step};

/// How much of the engine's build id is shown.
const BUILD_SHOWN: usize = 8;

/// The footer of every screen. Once the browser is locked to a server it stays so.
pub fn footer(conductor: Conductor) -> AnyView {
    let locked = Memo::new(move |old: Option<&String>| {
        conductor
            .read(|guide| guide.locked_to().map(|server| server.base_url.host().to_owned()))
            .or_else(|| old.cloned())
            .unwrap_or_default()
    });
    let whom = move || match locked.get() {
        host if !host.is_empty() => {
            ["your homeserver, ", &host, "; your browser now blocks everyone else"].concat()
        }
        _ if conductor.read(|guide| matches!(guide.step(), Step::Discovering { .. })) => {
            "the server you named, to find your homeserver".to_owned()
        }
        _ if conductor.read(|guide| matches!(guide.step(), Step::Finished { .. })) => {
            "nobody any more".to_owned()
        }
        _ => "nobody yet".to_owned(),
    };
    let class =
        move || Some(if locked.with(|host| !host.is_empty()) { "talks-to locked" } else { "talks-to" });
    let build = document().get_element_by_id("engine").and_then(|engine| engine.get_attribute("data-build"));
    let build = build.as_deref().and_then(|build| build.get(..BUILD_SHOWN)).unwrap_or("of an unknown build");
    let version = ["Key backup for Matrix ", env!("CARGO_PKG_VERSION"), ", engine ", build, ". "].concat();
    el("footer")
        .child(
            el("p")
                .live_attr("class", class)
                .attr("aria-live", "polite")
                .child(picture(&PADLOCK))
                .child(el("span").text("This page can talk to: ").live(whom).view())
                .view(),
        )
        .child(say("p", "", [version.as_str(), "Stores nothing in this browser."].concat()))
        .view()
}
