//! The engine's two files, fetched while the person still reads the first screen.
//!
//! Their names and digests are in `index.html`; the browser refuses any other content. The module is
//! compiled here, off the main thread, and the worker gets it ready to run.

use gloo::utils::document;
use js_sys::{ArrayBuffer, JsString, Reflect, WebAssembly};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};

use super::later::{self, Missing};

/// The engine's files, from which a worker can be started.
#[derive(Clone)]
pub struct EngineFiles {
    /// The worker's script.
    pub script: JsString,
    /// The compiled program.
    pub module: WebAssembly::Module,
}

impl From<JsValue> for Missing {
    fn from(_: JsValue) -> Self {
        Self
    }
}

/// Fetches both files and the second part of the page's program, side by side.
///
/// # Errors
/// [`Missing`], whatever the reason: the person can only try again.
pub async fn fetch() -> Result<EngineFiles, Missing> {
    let element = document().get_element_by_id("engine").ok_or(Missing)?;
    let attribute = |name: &str| element.get_attribute(name).filter(|value| !value.is_empty()).ok_or(Missing);
    let script = start_fetch(&attribute("data-js")?, &attribute("data-js-integrity")?)?;
    let program = start_fetch(&attribute("data-wasm")?, &attribute("data-wasm-integrity")?)?;
    later::fetch().await?;

    let bytes = body(program).await?.array_buffer()?;
    let bytes: ArrayBuffer = JsFuture::from(bytes).await?.dyn_into()?;
    let module = JsFuture::from(WebAssembly::compile(&bytes)).await?.dyn_into()?;
    let script = JsFuture::from(body(script).await?.text()?).await?.dyn_into()?;
    Ok(EngineFiles { script, module })
}

fn start_fetch(url: &str, integrity: &str) -> Result<JsFuture, Missing> {
    let init = RequestInit::new();
    Reflect::set(&init, &"integrity".into(), &integrity.into())?;
    Ok(gloo::utils::window().fetch_with_str_and_init(url, &init).into())
}

async fn body(fetched: JsFuture) -> Result<Response, Missing> {
    let response: Response = fetched.await?.dyn_into()?;
    if response.ok() { Ok(response) } else { Err(Missing) }
}
