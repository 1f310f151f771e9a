//! A file that the person brings: dropped or chosen.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Event, File, HtmlInputElement};

use super::element::el;
use crate::{app::keep, domain::secret::Secret};

/// Draws a place to drop the saved key's file on, and a button to choose it. `taken` gets the file's key or
/// text, or `None` when it cannot be a key.
pub fn key_file(taken: Callback<Option<Secret>>) -> AnyView {
    let take = move |file: File| keep::read_key(&file, move |text| taken.run(text));
    file_drop("Or choose the file you saved, or drop it here", Box::new(take))
}

/// Draws a place to drop a file on, and a button to choose one among all files: apps and phones give such a file different
/// names and types.
pub fn file_drop(label: &'static str, take: Box<dyn Fn(File)>) -> AnyView {
    let over = RwSignal::new(false);
    let take = StoredValue::new_local(take);
    let take = move |file: Option<File>| {
        if let Some(file) = file {
            take.with_value(|take| take(file));
        }
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
        let file = input.files().and_then(|files| files.get(0));
        // Emptied so that the same file can be chosen again; and before `take`, which may remove this input.
        input.set_value("");
        take(file);
    };
    let class = move || Some(if over.get() { "drop over" } else { "drop" });
    let chooser = el("input").attr("id", "file").attr("type", "file");
    el("div")
        .live_attr("class", class)
        .on("dragover", dragged)
        .on("dragleave", move |_| over.set(false))
        .on("drop", dropped)
        .child(el("label").attr("for", "file").text(label).view())
        .child(chooser.on("change", chosen).view())
        .view()
}
