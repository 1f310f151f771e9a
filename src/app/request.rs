//! The page's own requests, before anybody signs in: with a time limit and a size limit, and without
//! anything that would tell who asks.

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

/// How long a server may take to answer, in milliseconds.
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

/// What an address answers.
pub async fn get(url: &str) -> Answer {
    answer_of(start(url, RequestMode::Cors)).await
}

/// What came back from a request.
pub async fn answer_of(fetched: JsFuture) -> Answer {
    let Some(response) = fetched.await.ok().and_then(|response| response.dyn_into::<Response>().ok()) else {
        return Answer::Nothing;
    };
    let text = capped_text(&response).await;
    Answer::Status(response.status(), text.as_deref().and_then(json::parse))
}

/// The body as text; nothing if it is larger than any honest answer, or breaks off.
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
            // Nobody waits for the end of it.
            let _ = reader.cancel();
            return None;
        }
        bytes.extend(chunk.to_vec());
    }
}

/// A member of what a stream gave.
fn member(part: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(part, &JsString::from(name)).ok()
}
