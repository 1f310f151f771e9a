//! The host's `config.json`, fetched from beside the page each time the page is opened.

use wasm_bindgen::JsValue;
use web_sys::{RequestMode, console};

use super::request::{answer_of, start};
use crate::domain::config::{Config, FILE};

/// Fetches it. Each setting that the page ignores becomes a warning in the browser's console, for the host.
pub async fn fetch() -> Config {
    // No other origin may answer, not even by a redirect.
    let answer = answer_of(start(FILE, RequestMode::SameOrigin)).await;
    let (config, warnings) = Config::read_answer(&answer);
    for warning in warnings {
        console::warn_1(&JsValue::from(warning.to_string()));
    }
    config
}
