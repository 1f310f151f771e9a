//! The footer: one line on the servers that this page can reach, and what comes with the second part (`about.rs`).

use leptos::prelude::*;

use super::{
    element::el,
    illustration::{PADLOCK, picture},
};
use crate::{
    app::conductor::Conductor,
    guide::{Guide, Step},
    words,
};

/// Stands between hosts, whose names have none.
pub(super) const BETWEEN: char = ' ';

/// Draws the footer of every screen. It keeps showing a lock that was set: the browser cannot undo it. `locked_to` is
/// [`everyone`], or what stands in for it on the first screen; `about` draws what this page is, given these hosts.
pub fn footer(
    conductor: Conductor,
    locked_to: fn(&Guide) -> Option<String>,
    about: impl FnOnce(Memo<String>) -> AnyView,
) -> AnyView {
    let locked = Memo::new(move |old: Option<&String>| {
        conductor.read(locked_to).or_else(|| old.cloned()).unwrap_or_default()
    });
    let is_locked = move || locked.with(|hosts| !hosts.is_empty());
    let whom = move || {
        let hosts = locked.get();
        let is_looking = || conductor.read(|guide| matches!(guide.step(), Step::Discovering(_)));
        match (hosts.is_empty(), hosts.contains(BETWEEN)) {
            (false, false) => words::footer_reaches_your_homeserver(),
            (false, true) => words::footer_reaches_your_homeserver_and_its_sign_in(),
            (true, _) if is_looking() => words::footer_reaches_the_server_you_named(),
            (true, _) => words::footer_reaches_its_own_site(),
        }
        .to_owned()
    };
    let class = move || Some(if is_locked() { "talks-to locked" } else { "talks-to" });
    el("footer")
        .child(
            el("p")
                .live_attr("class", class)
                .attr("aria-live", "polite")
                .child(picture(&PADLOCK))
                .child(el("span").live(whom).view())
                .view(),
        )
        .child(about(locked))
        .view()
}

/// Names the homeserver and then the other hosts of its sign-in, once the browser is locked to them.
pub fn everyone(guide: &Guide) -> Option<String> {
    let server = guide.locked_to()?;
    let mut all = server.base_url.host().to_owned();
    let own = server.base_url.origin();
    for origin in server.ways.origins().into_iter().filter(|origin| *origin != own) {
        all.push(BETWEEN);
        all.push_str(origin.split_once("://").map_or(&*origin, |(_, host)| host));
    }
    Some(all)
}
