//! A file that the person brings: dropped or chosen.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Event, File, HtmlInputElement};

use super::element::{el, quiet, say, status};
use crate::{
    app::{keep, photo},
    domain::{problem::Words, secret::Secret},
    words,
};

/// Draws a place to drop the saved key's file or a photo of the kit on, and a button to choose each. `enter` gets the file's key or
/// text, or the photo's key; `wrong` gets the sentences about what holds none: `no_key` about a file.
pub fn recovery_key_file(
    enter: Callback<Secret>,
    wrong: RwSignal<Option<Words>>,
    no_key: fn() -> Words,
) -> AnyView {
    let reading = RwSignal::new(false);
    // The person may have left the screen meanwhile, and `enter` is gone with it.
    let taken = move |read: Result<Secret, Words>| {
        reading.set(false);
        match read {
            Ok(text) => drop(enter.try_run(text)),
            Err(words) => wrong.set(Some(words)),
        }
    };
    let take = move |file: File| {
        if file.type_().starts_with("image/") {
            reading.set(true);
            photo::read(file, taken);
        } else {
            keep::read_key(&file, move |text| taken(text.ok_or_else(no_key)));
        }
    };
    let label = words::file_drop_or_choose_your_file_or();
    let now = move || if reading.get() { words::file_drop_reading_your_photo() } else { "" }.to_owned();
    el("div")
        .child(file_drop(label, Some(words::file_drop_take_a_photo_of_your()), Box::new(take)))
        .child(status(now))
        .view()
}

/// Draws a place to drop a file on, and a button to choose one among all files: apps and phones give such a file different
/// names and types. With a label for a photo there is a button for that as well, folded: phones open the camera, which
/// needs no permission of this page's.
pub fn file_drop(label: &'static str, photo: Option<&'static str>, take: Box<dyn Fn(File)>) -> AnyView {
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
    let named = |id: &'static str, label: &'static str| el("label").attr("for", id).text(label).view();
    let chooser = |id: &'static str| el("input").attr("id", id).attr("type", "file").on("change", chosen);
    let mut inside = vec![named("file", label), chooser("file").view()];
    if let Some(label) = photo {
        let camera = chooser("kit-photo").attr("accept", "image/*").attr("capture", "environment");
        let summary = say("summary", "", words::file_drop_or_use_your_printed_kit());
        let folded = el("details").child(summary).child(named("kit-photo", label));
        // A camera's app may keep the photo, and send it to a cloud.
        let delete = quiet(words::file_drop_if_your_phone_keeps_the());
        inside.push(folded.child(camera.view()).child(delete).view());
    }
    el("div")
        .live_attr("class", class)
        .on("dragover", dragged)
        .on("dragleave", move |_| over.set(false))
        .on("drop", dropped)
        .all(inside)
        .view()
}
