//! Leaving the page: a warning while something would be lost, and signing the device out when the tab is closed.

use std::cell::Cell;

use gloo::{
    events::{EventListener, EventListenerOptions},
    utils::window,
};
use js_sys::Reflect;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Headers, PageTransitionEvent, ReferrerPolicy, RequestCredentials, RequestInit, RequestRedirect,
};

use super::conductor::Conductor;
use crate::{domain::farewell::Farewell, guide::Guide};

thread_local! {
    /// Set when the page reloads itself, which needs no warning.
    static RELOADING: Cell<bool> = const { Cell::new(false) };
}

/// Reloads the page without a warning.
pub fn reload() {
    RELOADING.set(true);
    // Throws only for a document of another origin.
    let _ = window().location().reload();
}

/// Signs this page's device out while the page is left, by a `keepalive` request: the browser finishes it without the
/// page. If it does not arrive, the next visit offers to remove the device.
///
/// Source: specification, `POST /_matrix/client/v3/logout`, and RFC 7009 for OAuth 2.0.
pub fn sign_out(farewell: &Farewell) {
    let send = || {
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
        let answer = JsFuture::from(window().fetch_with_str_and_init(url, &request));
        // Awaited only so that a failure is no unhandled rejection.
        spawn_local(async move {
            let _ = answer.await;
        });
        Ok::<_, JsValue>(())
    };
    let _ = send();
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
    EventListener::new(&window, "pagehide", move |_| leave(conductor)).forget();
    // A page brought back from the back/forward cache has lost its engine: begin anew.
    EventListener::new(&window, "pageshow", |event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            reload();
        }
    })
    .forget();
}
