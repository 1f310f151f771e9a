//! The lock: once the homeserver is known, the browser lets the page reach only its own host, the homeserver and
//! the hosts of its sign-in.
//!
//! A content security policy that is added later can only tighten. A worker that is then created from a
//! blob inherits it, so the engine is as confined as the page.

use gloo::utils::{document, head, window};
use wasm_bindgen::JsValue;

use crate::domain::discovery::Server;

/// Narrows where this page may connect to: its own origin, this homeserver, and the hosts of its sign-in.
///
/// # Errors
/// The exception by which the browser refused the policy: without the lock the engine must not start.
pub fn narrow_to(server: &Server) -> Result<(), JsValue> {
    let own = window().location().origin()?;
    let meta = document().create_element("meta")?;
    meta.set_attribute("http-equiv", "Content-Security-Policy")?;
    meta.set_attribute("content", &policy(&own, server))?;
    head().append_child(&meta)?;
    Ok(())
}

fn policy(own: &str, server: &Server) -> String {
    let mut policy = "connect-src 'self'".to_owned();
    for origin in [server.base_url.origin()].into_iter().chain(server.ways.origins()) {
        if origin != own {
            policy.push(' ');
            policy.push_str(&origin);
        }
    }
    policy
}
