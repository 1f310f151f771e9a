//! The two files of a worker: its script and its program. The engine's are fetched when the person presses "Start", the
//! photo reader's with the first photo, the estimate's with the first phrase that somebody types.
//!
//! Their names and digests are in `index.html`; the browser refuses any other content. The module is
//! compiled here, off the main thread, and the worker gets it ready to run.

use gloo::{timers::callback::Timeout, utils::document};
use js_sys::{Array, ArrayBuffer, JsString, Object, Reflect, WebAssembly};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, RequestInit, Response, Url, Worker};

/// Time after which the blob address of a worker's script is revoked, in milliseconds.
const REVOKE_AFTER_MS: u32 = 60_000;

/// A file did not arrive, or is not the one this page was built with.
#[derive(Clone, Copy, Debug)]
pub struct Missing;

impl From<JsValue> for Missing {
    fn from(_: JsValue) -> Self {
        Self
    }
}

/// Files that are being fetched.
pub struct Coming {
    script: JsFuture,
    program: JsFuture,
}

/// Files from which a worker can be started.
#[derive(Clone)]
pub struct WorkerFiles {
    script: JsString,
    /// The compiled program.
    module: WebAssembly::Module,
}

impl Coming {
    /// Begins to fetch both files that the element with this id names.
    ///
    /// # Errors
    /// [`Missing`] if it names none.
    pub fn begin(id: &str) -> Result<Self, Missing> {
        let element = document().get_element_by_id(id).ok_or(Missing)?;
        let attribute =
            |name: &str| element.get_attribute(name).filter(|value| !value.is_empty()).ok_or(Missing);
        let script = start_fetch(&attribute("data-js")?, &attribute("data-js-integrity")?)?;
        let program = start_fetch(&attribute("data-wasm")?, &attribute("data-wasm-integrity")?)?;
        Ok(Self { script, program })
    }

    /// Waits for both.
    ///
    /// # Errors
    /// [`Missing`], whatever the reason: the person can only try again.
    pub async fn arrive(self) -> Result<WorkerFiles, Missing> {
        let bytes = body(self.program).await?.array_buffer()?;
        let bytes: ArrayBuffer = JsFuture::from(bytes).await?.dyn_into()?;
        let module = JsFuture::from(WebAssembly::compile(&bytes)).await?.dyn_into()?;
        let script = JsFuture::from(body(self.script).await?.text()?).await?.dyn_into()?;
        Ok(WorkerFiles { script, module })
    }
}

impl WorkerFiles {
    /// Starts a worker, and sends it its program. It starts from a blob: only such a worker inherits the content security
    /// policy that `lock.rs` added.
    ///
    /// # Errors
    /// The exception by which the browser refused it.
    pub fn start(&self) -> Result<Worker, JsValue> {
        let kind = BlobPropertyBag::new();
        kind.set_type("text/javascript");
        let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&self.script), &kind)?;
        let url = Url::create_object_url_with_blob(&blob)?;
        let worker = Worker::new(&url)?;
        Timeout::new(REVOKE_AFTER_MS, move || {
            let _ = Url::revoke_object_url(&url);
        })
        .forget();
        let first = Object::new();
        Reflect::set(&first, &"module".into(), &self.module)?;
        worker.post_message(&first)?;
        Ok(worker)
    }
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
