//! Leaving the page: a warning while something would be lost, and nothing left behind.

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
    /// Whether the page itself wants to be loaded anew.
    static RELOADING: Cell<bool> = const { Cell::new(false) };
}

/// Loads the page anew without asking.
pub fn reload() {
    RELOADING.set(true);
    // Fails only in documents that are not shown.
    let _ = window().location().reload();
}

/// Removes this page's device while the page goes: a request that the browser sends to its end without us.
/// It does its best; where it does not arrive, the next visit offers to remove what is left.
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
        // The token goes nowhere else.
        request.set_redirect(RequestRedirect::Error);
        request.set_referrer_policy(ReferrerPolicy::NoReferrer);
        Reflect::set(&request, &"keepalive".into(), &true.into())?;
        let answer = JsFuture::from(window().fetch_with_str_and_init(url, &request));
        // Nobody is left to read it; but a refusal must not end as an error of nobody's.
        spawn_local(async move {
            let _ = answer.await;
        });
        Ok::<_, JsValue>(())
    };
    let _ = send();
}

/// Watches for the page being closed, left (then `leave` is called) or brought back.
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
    // A page brought back from the browser's memory has lost its engine: begin anew.
    EventListener::new(&window, "pageshow", |event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            reload();
        }
    })
    .forget();
}
