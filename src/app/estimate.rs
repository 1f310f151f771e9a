//! Asks how many guesses a phrase withstands, in a worker that is fetched with the first phrase that somebody types.
//!
//! The phrase goes to that worker and nowhere else; it is stored nowhere.

use std::cell::RefCell;

use gloo::utils::window;
use js_sys::{Array, Promise};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{MessageChannel, MessageEvent, Worker};

use super::worker_files::{Coming, Missing};
use crate::domain::{passphrase::Estimate, secret::Secret};

/// The longest time for an answer, in milliseconds.
const LONGEST_MS: i32 = 20_000;

/// What happens with an estimate.
pub type Done = Box<dyn FnOnce(Option<Estimate>)>;

thread_local! {
    /// Leads to the worker. One for all questions, so that none of them begins to fetch it once more.
    static ESTIMATOR: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// Ends the worker, and with it what it has of phrases; one that is still being fetched, as soon as it is there.
pub fn stop() {
    if let Some(coming) = ESTIMATOR.take() {
        spawn_local(async move {
            if let Ok(worker) = JsFuture::from(coming).await {
                worker.unchecked_into::<Worker>().terminate();
            }
        });
    }
}

/// Estimates a phrase. `user_id` is guessed early, and so is its server. `done` gets the estimate, or `None` if the program
/// did not come, stopped, or took longer than 20 seconds.
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
        let _ = worker.add_event_listener_with_callback("error", &hear);
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
    let begin = || future_to_promise(async { start().await.map(JsValue::from).map_err(|_| JsValue::NULL) });
    let coming = ESTIMATOR.with_borrow_mut(|coming| coming.get_or_insert_with(begin).clone());
    Ok(JsFuture::from(coming).await?.unchecked_into())
}

async fn start() -> Result<Worker, Missing> {
    Ok(Coming::begin("estimate")?.arrive().await?.start()?)
}
