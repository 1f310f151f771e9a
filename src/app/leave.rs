//! Leaving the page: a warning while something would be lost, and signing the device out when the tab is closed.

use std::cell::{Cell, RefCell};

use gloo::{
    events::{EventListener, EventListenerOptions},
    utils::window,
};
use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    AddEventListenerOptions, Headers, PageTransitionEvent, ReferrerPolicy, RequestCredentials, RequestInit,
    RequestRedirect,
};

use super::conductor::Conductor;
use crate::{domain::farewell::Farewell, guide::Guide};

thread_local! {
    /// Set when the page reloads itself, which needs no warning.
    static RELOADING: Cell<bool> = const { Cell::new(false) };
    /// The listener that sends the farewell when the page is left.
    static FAREWELL: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Reloads the page without a warning.
pub fn reload() {
    RELOADING.set(true);
    // Throws only for a document of another origin.
    let _ = window().location().reload();
}

/// Has the browser send this request when the page is left, in place of the one before; `None` has it send nothing.
///
/// The browser calls its own `fetch`, with the arguments bound to it. A handler in WebAssembly sends nothing in Firefox,
/// which aborts it at its first call out when a tab is closed. If the request does not arrive, the next visit offers
/// to remove the device.
pub fn sign_out_when_left(farewell: Option<&Farewell>) {
    let next = farewell.and_then(|farewell| request(farewell).ok());
    let before = FAREWELL.replace(next.clone());
    let window = window();
    // Both fail only for a listener that is no function.
    if let Some(before) = before {
        let _ = window.remove_event_listener_with_callback("pagehide", &before);
    }
    if let Some(next) = next {
        let once = AddEventListenerOptions::new();
        once.set_once(true);
        let _ =
            window.add_event_listener_with_callback_and_add_event_listener_options("pagehide", &next, &once);
    }
}

/// Makes the function that signs this page's device out. It is a `keepalive` request: the browser finishes it without
/// the page.
///
/// Source: specification, `POST /_matrix/client/v3/logout`, and RFC 7009 for OAuth 2.0.
fn request(farewell: &Farewell) -> Result<Function, JsValue> {
    let headers = Headers::new()?;
    let request = RequestInit::new();
    let url = match farewell {
        Farewell::Logout { url, token } => {
            headers.set("Authorization", &["Bearer ", token.expose()].concat())?;
            url
        }
        Farewell::Revocation { url, form } => {
            headers.set("Content-Type", "application/x-www-form-urlencoded")?;
            request.set_body(&form.expose().into());
            url
        }
    };
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_credentials(RequestCredentials::Omit);
    // A redirect must not carry the token to another address.
    request.set_redirect(RequestRedirect::Error);
    request.set_referrer_policy(ReferrerPolicy::NoReferrer);
    Reflect::set(&request, &"keepalive".into(), &true.into())?;
    let window = window();
    let fetch: Function<fn(JsValue, JsValue) -> JsValue> =
        Reflect::get(&window, &"fetch".into())?.dyn_into()?;
    Ok(fetch.bind2(&window, &url.into(), &request.into()).unchecked_into())
}

/// Warns before the page is closed, calls `leave` when it is left, and reloads it when the browser brings it back.
pub fn watch(conductor: Conductor, leave: fn(Conductor)) {
    let window = window();
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&window, "beforeunload", options, move |event| {
        if !RELOADING.get() && conductor.peek(Guide::has_something_to_lose) {
            event.prevent_default();
        }
    })
    .forget();
    EventListener::new(&window, "pagehide", move |_| {
        // The browser still calls the listener; the page keeps no token.
        FAREWELL.take();
        leave(conductor);
    })
    .forget();
    // A page brought back from the back/forward cache has lost its engine: begin anew.
    EventListener::new(&window, "pageshow", |event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            reload();
        }
    })
    .forget();
}
