//! Reads the recovery key from a photo of the printed kit, in a worker that is fetched for it and ended with its answer.
//!
//! The photo goes to that worker and nowhere else; it is stored nowhere.

use js_sys::{Array, Promise, Uint8Array};
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, MessageEvent};
use zeroize::Zeroizing;

use super::{
    part::notice::words,
    worker_files::{Coming, Missing},
};
use crate::domain::{file_text::text_of, problem::Words, secret::Secret};

/// Reads a photo. `done` gets the key in it, or the sentences that say why there is none (`src/photo`).
pub fn read(file: File, done: impl FnOnce(Result<Secret, Words>) + 'static) {
    spawn_local(async move {
        let answer = ask(&file).await;
        done(
            answer
                .unwrap_or_else(|_| Err(words("We can't read photos here.", "Try again, or type the key."))),
        );
    });
}

async fn ask(file: &File) -> Result<Result<Secret, Words>, Missing> {
    let worker = Coming::begin("photo")?.arrive().await?.start()?;
    // Its one answer, or the error by which it stopped.
    let heard = Promise::new(&mut |hear, _| {
        worker.set_onmessage(Some(&hear));
        worker.set_onerror(Some(&hear));
    });
    worker.post_message(file)?;
    let event = JsFuture::from(heard).await;
    worker.terminate();
    let data = event?.dyn_into::<MessageEvent>().map_err(|_| Missing)?.data();
    if let Some(key) = data.dyn_ref::<Uint8Array>() {
        let bytes = Zeroizing::new(key.to_vec());
        key.fill(0, 0, key.length());
        return Ok(Ok(text_of(&bytes)));
    }
    let sentences: Array = data.dyn_into()?;
    let sentence = |at| sentences.get(at).as_string().unwrap_or_default();
    Ok(Err(words(sentence(0), sentence(1))))
}
