//! The lock: once the homeserver is known, the browser lets the page reach only its own host, the homeserver and
//! the hosts of its sign-in.
//!
//! A content security policy that is added later can only tighten. A worker that is then created from a
//! blob inherits it, so the engine is as confined as the page.

use gloo::utils::{document, head, window};
use wasm_bindgen::JsValue;

use crate::domain::{discovery::Server, policy};

/// The element of `index.html` that has the page's policy.
const POLICY: &str = "meta[http-equiv='Content-Security-Policy']";

/// Narrows where this page may connect to: its own origin, this homeserver, and the hosts of its sign-in.
///
/// The rest of the page's policy is repeated: Chromium lets `<link rel=prefetch>` go wherever some directive of a
/// policy, or no `default-src`, lets it.
///
/// # Errors
/// The exception by which the browser refused the policy, or `undefined` if the page has none: without the lock the
/// engine must not start.
pub fn narrow_to(server: &Server) -> Result<(), JsValue> {
    let own = window().location().origin()?;
    let whole = document().query_selector(POLICY)?.and_then(|meta| meta.get_attribute("content"));
    let whole = whole.ok_or(JsValue::UNDEFINED)?;
    let meta = document().create_element("meta")?;
    meta.set_attribute("http-equiv", "Content-Security-Policy")?;
    meta.set_attribute("content", &policy::connecting_to(&whole, &hosts(&own, server)))?;
    head().append_child(&meta)?;
    Ok(())
}

/// Lists what the page may still reach, as sources of a policy.
fn hosts(own: &str, server: &Server) -> Vec<String> {
    let others =
        [server.base_url.origin()].into_iter().chain(server.ways.origins()).filter(|origin| origin != own);
    ["'self'".to_owned()].into_iter().chain(others).collect()
}
