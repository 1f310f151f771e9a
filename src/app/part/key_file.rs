//! The saved key, brought back as a file: dropped or chosen.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Event, File, HtmlInputElement};

use super::element::el;
use crate::{app::keep, domain::secret::Secret};

/// A place to drop the saved file on, and a button to choose it. Calls back with what is in the
/// file, or with nothing when it cannot be a key.
pub fn key_file(taken: Callback<Option<Secret>>) -> AnyView {
    let over = RwSignal::new(false);
    let take = move |file: Option<File>| {
        let Some(file) = file else { return };
        keep::read(&file, move |text| taken.run(text));
    };
    let dragged = move |event: Event| {
        event.prevent_default();
        over.set(true);
    };
    let dropped = move |event: Event| {
        event.prevent_default();
        over.set(false);
        let files =
            event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer).and_then(|data| data.files());
        take(files.and_then(|files| files.get(0)));
    };
    let chosen = move |event: Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
            return;
        };
        take(input.files().and_then(|files| files.get(0)));
        // The same file may be chosen again.
        input.set_value("");
    };
    let class = move || Some(if over.get() { "drop over" } else { "drop" });
    let chooser = el("input").attr("id", "key-file").attr("type", "file").attr("accept", ".txt,text/plain");
    el("div")
        .live_attr("class", class)
        .on("dragover", dragged)
        .on("dragleave", move |_| over.set(false))
        .on("drop", dropped)
        .child(el("label").attr("for", "key-file").text("Or drop the saved file here, or choose it").view())
        .child(chooser.on("change", chosen).view())
        .view()
}
