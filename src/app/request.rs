//! Requests of the page itself, which need no account: each has a time limit and a size limit, and carries
//! no cookies and no referrer.

use gloo::utils::window;
use js_sys::{JsString, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials, RequestInit,
    RequestMode, Response,
};

use super::json;
use crate::domain::{answer::Answer, json::LARGEST_TEXT};

/// Time that a server has for its whole answer, in milliseconds.
const PATIENCE_MS: u32 = 15_000;

/// Sends a request that carries nothing but its address.
pub fn start(url: &str, mode: RequestMode) -> JsFuture {
    let init = RequestInit::new();
    init.set_mode(mode);
    init.set_credentials(RequestCredentials::Omit);
    init.set_cache(RequestCache::NoStore);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MS)));
    window().fetch_with_str_and_init(url, &init).into()
}

/// Asks an address, and reads the answer.
pub async fn get(url: &str) -> Answer {
    answer_of(start(url, RequestMode::Cors)).await
}

/// Reads the answer to a request.
pub async fn answer_of(fetched: JsFuture) -> Answer {
    let Some(response) = fetched.await.ok().and_then(|response| response.dyn_into::<Response>().ok()) else {
        return Answer::Nothing;
    };
    let text = capped_text(&response).await;
    Answer::Status(response.status(), text.as_deref().and_then(json::parse))
}

/// Reads the body as text. Returns `None` if it breaks off, is no UTF-8, or is larger than any honest answer.
async fn capped_text(response: &Response) -> Option<String> {
    let reader: ReadableStreamDefaultReader = response.body()?.get_reader().dyn_into().ok()?;
    let mut bytes = Vec::new();
    loop {
        let part = JsFuture::from(reader.read()).await.ok()?;
        if member(&part, "done")?.is_truthy() {
            return String::from_utf8(bytes).ok();
        }
        let chunk: Uint8Array = member(&part, "value")?.dyn_into().ok()?;
        if bytes.len() + chunk.length() as usize > LARGEST_TEXT {
            // The page need not wait until it is cancelled.
            let _ = reader.cancel();
            return None;
        }
        bytes.extend(chunk.to_vec());
    }
}

/// Returns a member of what a stream's reader gave.
fn member(part: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(part, &JsString::from(name)).ok()
}
