//! Finds the homeserver: the page's own requests, before anybody signs in and before the lock.
//!
//! What the answers mean is decided in [`crate::domain::discovery`]; here they are fetched, with a
//! time limit and a size limit, and nothing in them is believed further than its form.

use gloo::utils::window;
use js_sys::{Array, JSON, JsString, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials, RequestInit,
    RequestMode, Response,
};

use crate::domain::{
    address::{Address, BaseUrl},
    discovery::{LARGEST_ANSWER, Server, WellKnown, can_sign_in, homeserver_of, well_known_url},
    problem::{Problem, wait_ms},
};

/// How long a server may take to answer, in milliseconds.
const PATIENCE_MS: u32 = 15_000;
/// How long to wait when a server says "too many requests" without saying how long, in milliseconds.
const DEFAULT_WAIT_MS: u64 = 10_000;

/// What came back from one address.
enum Answer {
    /// Nothing that this page may read: no connection, no CORS headers, or too late.
    Nothing,
    /// A status, and the body where it is JSON.
    Status(u16, Option<JsValue>),
}

/// Looks up the homeserver, and asks it what it is and how to sign in.
///
/// # Errors
/// The problem that the person, or the server's administrator, has to mend.
pub async fn find(address: &Address) -> Result<Server, Problem> {
    let well_known = match well_known_url(address) {
        Some(url) => read_well_known(get(&url).await),
        None => WellKnown::Absent,
    };
    let base_url = homeserver_of(address, &well_known)?;

    // The second request starts before the first is awaited.
    let ways_url = format!("{base_url}/_matrix/client/v3/login");
    let ways = start(&ways_url, RequestMode::Cors);
    let versions = get(&format!("{base_url}/_matrix/client/versions")).await;
    check_versions(address, &base_url, &well_known, versions).await?;
    check_ways(&base_url, answer_of(ways).await)?;
    Ok(Server { base_url, user_id: address.user_id().map(str::to_owned) })
}

fn read_well_known(answer: Answer) -> WellKnown {
    match answer {
        Answer::Nothing | Answer::Status(404, _) => WellKnown::Absent,
        Answer::Status(200, Some(json)) => {
            let base_url = member(&json, "m.homeserver").and_then(|server| member(&server, "base_url"));
            base_url.and_then(|url| url.as_string()).map_or(WellKnown::Broken, WellKnown::Names)
        }
        Answer::Status(..) => WellKnown::Broken,
    }
}

async fn check_versions(
    address: &Address,
    base_url: &BaseUrl,
    well_known: &WellKnown,
    answer: Answer,
) -> Result<(), Problem> {
    let host = || base_url.host().to_owned();
    match answer {
        Answer::Status(200, Some(json))
            if member(&json, "versions").is_some_and(|list| Array::is_array(&list)) =>
        {
            Ok(())
        }
        Answer::Status(429, json) => Err(Problem::RateLimited { wait_ms: wait_in(json.as_ref()) }),
        Answer::Status(status @ 500.., _) => Err(Problem::Passing { status: Some(status) }),
        Answer::Status(..) => Err(Problem::NotAHomeserver { host: host() }),
        Answer::Nothing => Err(if answers_at_all(base_url).await {
            Problem::NoCors { host: host() }
        } else {
            match (address, well_known) {
                (Address::UserId { server, .. } | Address::Server(server), WellKnown::Absent) => {
                    Problem::UnknownServer { server: server.as_str().to_owned() }
                }
                _ => Problem::ServerUnreachable { host: host() },
            }
        }),
    }
}

fn check_ways(base_url: &BaseUrl, answer: Answer) -> Result<(), Problem> {
    match answer {
        Answer::Status(200, Some(json)) => {
            let flows = member(&json, "flows").filter(Array::is_array).map(|flows| Array::from(&flows));
            let types: Vec<String> = flows
                .map(|flows| flows.iter().filter_map(|flow| member(&flow, "type")?.as_string()).collect())
                .unwrap_or_default();
            can_sign_in(&types)
        }
        Answer::Status(429, json) => Err(Problem::RateLimited { wait_ms: wait_in(json.as_ref()) }),
        Answer::Status(status @ 500.., _) => Err(Problem::Passing { status: Some(status) }),
        Answer::Status(..) => can_sign_in(&[]),
        Answer::Nothing => Err(Problem::ServerUnreachable { host: base_url.host().to_owned() }),
    }
}

/// Whether something answers that merely does not allow web pages to read it.
async fn answers_at_all(base_url: &BaseUrl) -> bool {
    start(&format!("{base_url}/_matrix/client/versions"), RequestMode::NoCors).await.is_ok()
}

fn start(url: &str, mode: RequestMode) -> JsFuture {
    let init = RequestInit::new();
    init.set_mode(mode);
    init.set_credentials(RequestCredentials::Omit);
    init.set_cache(RequestCache::NoStore);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MS)));
    window().fetch_with_str_and_init(url, &init).into()
}

async fn get(url: &str) -> Answer {
    answer_of(start(url, RequestMode::Cors)).await
}

async fn answer_of(fetched: JsFuture) -> Answer {
    let Some(response) = fetched.await.ok().and_then(|response| response.dyn_into::<Response>().ok()) else {
        return Answer::Nothing;
    };
    let json = match capped_text(&response).await {
        Some(text) => JSON::parse(&text).ok(),
        None => None,
    };
    Answer::Status(response.status(), json)
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
        if bytes.len() + chunk.length() as usize > LARGEST_ANSWER {
            // Nobody waits for the end of it.
            let _ = reader.cancel();
            return None;
        }
        bytes.extend(chunk.to_vec());
    }
}

fn wait_in(json: Option<&JsValue>) -> u64 {
    let ms = json.and_then(|json| member(json, "retry_after_ms")).and_then(|ms| ms.as_f64());
    ms.and_then(wait_ms).unwrap_or(DEFAULT_WAIT_MS)
}

/// An object's own or inherited member; nothing where there is none.
fn member(value: &JsValue, name: &str) -> Option<JsValue> {
    if !value.is_object() {
        return None;
    }
    Reflect::get(value, &JsString::from(name)).ok().filter(|found| !found.is_undefined())
}
