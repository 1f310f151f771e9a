//! Reads the recovery key from a photo of the printed kit, in a worker that is fetched for it and ended with its answer.
//!
//! The photo goes to that worker and nowhere else; it is stored nowhere.

use std::cell::RefCell;

use gloo::utils::window;
use js_sys::{Promise, Uint8Array};
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, MessageEvent, Worker};
use zeroize::Zeroizing;

use super::{
    part::notice::words,
    worker_files::{Coming, Missing},
};
use crate::{
    domain::{file_text::text_of, no_key::NoKey, problem::Words, secret::Secret},
    words,
};

/// The largest photo that is read, in bytes: a camera's picture of some 50 million pixels.
const LARGEST: f64 = 30_000_000.0;
/// The longest time that reading may take, in milliseconds. A picture can be made that keeps a reader busy for minutes.
const LONGEST_MS: i32 = 20_000;

thread_local! {
    static READER: RefCell<Option<Worker>> = const { RefCell::new(None) };
}

/// Ends a reader that is at work, and with it what it has of the photo.
pub fn stop() {
    if let Some(worker) = READER.take() {
        worker.terminate();
    }
}

/// Reads a photo. `done` gets the key in it, or the sentences that say why there is none (`src/photo`).
pub fn read(file: File, done: impl FnOnce(Result<Secret, Words>) + 'static) {
    if file.size() > LARGEST {
        return done(Err(words(
            words::photo_this_picture_is_too_large(),
            words::photo_take_a_smaller_one_or(),
        )));
    }
    spawn_local(async move {
        let answer = ask(&file).await;
        done(answer.unwrap_or_else(|_| {
            Err(words(words::photo_we_could_not_read_your(), words::photo_try_again_or_type_the()))
        }));
    });
}

async fn ask(file: &File) -> Result<Result<Secret, Words>, Missing> {
    let worker = Coming::begin("photo")?.arrive().await?.start()?;
    // Its one answer, or the error by which it stopped.
    let heard = Promise::new(&mut |hear, _| {
        worker.set_onmessage(Some(&hear));
        worker.set_onerror(Some(&hear));
        // What this brings is no message.
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&hear, LONGEST_MS);
    });
    worker.post_message(file)?;
    READER.set(Some(worker));
    let event = JsFuture::from(heard).await;
    stop();
    let data = event?.dyn_into::<MessageEvent>().map_err(|_| Missing)?.data();
    if let Some(key) = data.dyn_ref::<Uint8Array>() {
        let bytes = Zeroizing::new(key.to_vec());
        key.fill(0, 0, key.length());
        return Ok(Ok(text_of(&bytes)));
    }
    let reason = data.as_f64().and_then(|number| NoKey::of_number(number as u8)).ok_or(Missing)?;
    let [title, action] = reason.words();
    Ok(Err(words(title, action)))
}
