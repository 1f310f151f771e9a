//! The gallery: every screen from its fixture, chosen by the fragment of the address, for tests and for looking.

use gloo::{events::EventListener, utils::window};
use leptos::{mount::mount_to, prelude::*};
use matrixbackup::{
    app::{
        conductor::Conductor,
        fixture::fixtures,
        frame::Frame,
        language,
        part::element::{el, say},
        place,
    },
    guide::Guide,
    words,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

fn main() {
    console_error_panic_hook::set_once();
    // Reloaded, so that nothing of the last fixture is left.
    EventListener::new(&window(), "hashchange", |_| {
        let _ = window().location().reload();
    })
    .forget();
    let Some(place) = place() else { return };
    let wanted = window().location().hash().unwrap_or_default();
    let wanted = wanted.trim_start_matches('#').to_owned();
    language::begin();
    language::begin_writing();
    let rest = language::fetch_rest();
    spawn_local(async move {
        // Without texts beside it, the gallery has the English ones in itself.
        if let Ok(rest) = rest.await {
            words::add(rest);
        }
        draw(place, wanted);
    });
}

fn draw(place: HtmlElement, wanted: String) {
    mount_to(place, move || match fixtures().into_iter().find(|(name, _)| *name == wanted) {
        Some((_, guide)) => {
            let conductor = Conductor::new(guide, Guide::handle, None);
            view! { <Frame conductor /> }.into_any()
        }
        None => list(),
    })
    .forget();
}

/// Draws the names of all fixtures, made by `el` like every screen: Trusted Types let no text become markup.
fn list() -> AnyView {
    let link = |name: &str| el("a").attr("href", ["#", name].concat()).text(name).view();
    let names = fixtures().into_iter().map(|(name, _)| el("li").child(link(name)).view()).collect();
    el("main")
        .attr("data-step", "gallery")
        .child(say("h1", "", "All screens"))
        .child(el("ul").all(names).view())
        .view()
}
