//! The part of the footer that comes with the second part of the program: what this page is, the languages, whom to ask.

use gloo::utils::document;
use leptos::prelude::*;

use super::{
    element::{all, at_times, el, p, say},
    footer::BETWEEN,
    language_list::language_list,
    link::{links, whom_to_ask},
};
use crate::{app::conductor::Conductor, guide::Guide, words};

/// Draws, folded, what few people ask for: the hosts by name, what one has to trust, and the version. Below it, until
/// somebody has signed in, the list of languages; then the host's links, and whom to ask.
pub fn about(conductor: Conductor, hosts: Memo<String>) -> AnyView {
    let is_locked = move || hosts.with(|hosts| !hosts.is_empty());
    let reach = move || {
        // Another sentence follows.
        if is_locked() { [&*hosts.with(|hosts| reach_words(hosts)), " "].concat() } else { String::new() }
    };
    let version = env!("CARGO_PKG_VERSION");
    let version = match engine_hash() {
        Some(hash) => words::footer_version(version, &hash),
        None => words::footer_version_of_unknown_engine(version),
    };
    let about = el("details")
        .child(say("summary", "", words::footer_about()))
        .child(el("p").live(reach).text(words::footer_what_you_type_is_used()).view())
        .child(p(words::footer_you_must_trust_the_people()))
        .child(say("p", "", version))
        .view();
    let has_links = move || conductor.read(|guide| !guide.config().links.is_empty());
    let links = at_times(has_links, move || conductor.peek(|guide| links(&guide.config().links)));
    // Drawing the page anew would lose what only a later screen knows: what is being compared, judged or counted down.
    let languages = at_times(move || conductor.read(Guide::is_before_sign_in), language_list);
    all(vec![about, languages, links, whom_to_ask(conductor)])
}

/// Says of the hosts that the browser is locked to what they are: the homeserver, and others of its sign-in.
fn reach_words(hosts: &str) -> String {
    let Some((host, others)) = hosts.split_once(BETWEEN) else { return words::footer_talks_to(hosts) };
    let others = others.split(BETWEEN).map(str::to_owned);
    let others = others.reduce(|one, other| words::footer_hosts(&one, &other)).unwrap_or_default();
    words::footer_talks_to_sign_in(host, &others)
}

/// Returns the first digits of the engine module's SHA-256, which are part of its file name: `SHA256SUMS` has the
/// same. The browser has compared the module with its digest (`worker_files.rs`).
fn engine_hash() -> Option<String> {
    let file = document().get_element_by_id("engine").and_then(|engine| engine.get_attribute("data-wasm"));
    Some(file?.strip_prefix("./engine-")?.strip_suffix("_bg.wasm")?.to_owned())
}
