//! What the host has set: `config.json` beside the page, asked for each time the page is opened.

use wasm_bindgen::JsValue;
use web_sys::{RequestMode, console};

use super::request::{answer_of, start};
use crate::domain::config::{Config, FILE};

/// Asks for it. What is ignored is said in the browser's console, for whoever wrote it.
pub async fn fetch() -> Config {
    // No other origin may answer, not even by a redirect of this one.
    let answer = answer_of(start(FILE, RequestMode::SameOrigin)).await;
    let (config, warnings) = Config::read_answer(&answer);
    for warning in warnings {
        console::warn_1(&JsValue::from(warning.to_string()));
    }
    config
}
