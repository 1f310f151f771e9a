//! Asks how many guesses a phrase withstands, in a worker that is fetched with the first phrase that somebody types.
//!
//! The phrase goes to that worker and nowhere else; it is stored nowhere.

use std::cell::RefCell;

use gloo::utils::window;
use js_sys::{Array, Promise};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageChannel, MessageEvent, Worker};

use super::worker_files::{Coming, Missing};
use crate::domain::{passphrase::Estimate, secret::Secret};

/// The longest time for an answer, in milliseconds.
const LONGEST_MS: i32 = 20_000;

/// What happens with an estimate.
pub type Done = Box<dyn FnOnce(Option<Estimate>)>;

thread_local! {
    static ESTIMATOR: RefCell<Option<Worker>> = const { RefCell::new(None) };
}

/// Ends the worker, and with it what it has of phrases.
pub fn stop() {
    if let Some(worker) = ESTIMATOR.take() {
        worker.terminate();
    }
}

/// Estimates a phrase. `user_id` is guessed early, and so is its server. `done` gets the estimate, or `None` if the program
/// did not come, or stopped.
pub fn of(phrase: Secret, user_id: String, done: Done) {
    spawn_local(async move {
        let answer = ask(&phrase, &user_id).await;
        if answer.is_err() {
            // The next question starts another.
            stop();
        }
        done(answer.ok());
    });
}

async fn ask(phrase: &Secret, user_id: &str) -> Result<Estimate, Missing> {
    let worker = estimator().await?;
    let channel = MessageChannel::new()?;
    let heard = Promise::new(&mut |hear, _| {
        channel.port1().set_onmessage(Some(&hear));
        worker.set_onerror(Some(&hear));
        // What this brings is no message.
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&hear, LONGEST_MS);
    });
    let server = user_id.split_once(':').map_or("", |(_, server)| server);
    let question: Array =
        [phrase.expose(), user_id, server, "matrix", "element"].map(JsValue::from).into_iter().collect();
    worker.post_message_with_transfer(&question, &Array::of1(&channel.port2()))?;
    let answer: Array =
        JsFuture::from(heard).await?.dyn_into::<MessageEvent>().map_err(|_| Missing)?.data().dyn_into()?;
    let power = answer.get(0).as_f64().ok_or(Missing)?;
    let reason = answer.get(1).as_string().unwrap_or_default();
    Ok(Estimate::of(power / 100.0, || reason))
}

async fn estimator() -> Result<Worker, Missing> {
    if let Some(worker) = ESTIMATOR.with_borrow(Clone::clone) {
        return Ok(worker);
    }
    let worker = Coming::begin("estimate")?.arrive().await?.start()?;
    // Another may have come meanwhile: then that one stays.
    Ok(ESTIMATOR.with_borrow_mut(|here| here.get_or_insert(worker).clone()))
}
