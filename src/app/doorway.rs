//! The window in which a person signs in on their server's page, and the way back from it.
//!
//! The click itself opens it, on `callback.html`: browsers block a window that is opened later. Once it shows the
//! server's page, `Cross-Origin-Opener-Policy` has cut the two apart for good: neither can reach the other.
//! The server's page sends the person back to `callback.html`, which posts the answer to a channel that only pages of
//! this origin hear. On another such channel it asks for the page's language: its address must not say it, since servers
//! compare that with the one they know.

use gloo::{
    events::EventListener,
    utils::{document, window},
};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent, Url, Window};

use super::language;
use crate::domain::{secret::Secret, web_address::WebAddress};

/// Name of the channel; `src/callback.js` has the same.
const CHANNEL: &str = "matrixbackup-sign-in";
/// Tells `callback.html` that its answer has arrived.
const RECEIVED: &str = "received";
/// Name of the channel on which `callback.html` asks for the page's language; `src/callback.js` has the same.
const LANGUAGE: &str = "matrixbackup-language";
/// The question on it.
const WHICH: &str = "which";
/// Asks for a window beside the page; phones open a tab.
const FEATURES: &str = "popup,width=520,height=720";

/// The window that was opened last, and the channel while an answer is awaited.
#[derive(Default)]
pub struct Doorway {
    window: Option<Window>,
    listening: Option<Listening>,
    /// Tells each window the page's language, from the first one on: also the one that comes back.
    speaking: Option<Listening>,
}

struct Listening {
    channel: BroadcastChannel,
    _listener: EventListener,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.channel.close();
    }
}

/// Returns the address to which the server's page sends people back: `callback.html` beside this page.
pub fn callback() -> String {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    Url::new_with_base("callback.html", &base).map(|url| url.href()).unwrap_or_default()
}

/// Opens a window. Returns `None` if the browser blocked it, which it does unless the click itself calls this. Meanwhile
/// Firefox may run other tasks of the page, so nothing may be borrowed that these need.
pub fn open() -> Option<Window> {
    let opened = window().open_with_url_and_target_and_features(&callback(), "_blank", FEATURES);
    let opened = opened.ok().flatten()?;
    // Without the host's `Cross-Origin-Opener-Policy` the server's page could reach this one by `opener`.
    let _ = opened.set_opener(&JsValue::NULL);
    Some(opened)
}

impl Doorway {
    /// Keeps a window that was opened, in place of any earlier one.
    pub fn keep(&mut self, opened: Option<Window>) {
        self.close();
        self.window = opened;
        if self.speaking.is_none() {
            self.speaking = speak().ok();
        }
    }

    /// Shows the server's page in the window. Does nothing if the person has closed it: they can open it again.
    pub fn show(&self, address: &WebAddress) {
        if let Some(window) = &self.window {
            let _ = window.location().replace(address.as_str());
        }
    }

    /// Closes the window. One that has shown the server's page is out of reach, and stays open.
    pub fn close(&mut self) {
        if let Some(window) = self.window.take() {
            let _ = window.close();
        }
    }

    /// Begins or ends listening. `report` gets the query and fragment with which the server sends people back.
    pub fn listen(&mut self, wanted: bool, report: impl Fn(Secret) + Copy + 'static) {
        if wanted && self.listening.is_none() {
            self.listening = listen(report).ok();
        } else if !wanted {
            self.listening = None;
        }
    }
}

fn speak() -> Result<Listening, JsValue> {
    let channel = BroadcastChannel::new(LANGUAGE)?;
    let back = channel.clone();
    let listener = EventListener::new(&channel, "message", move |event| {
        let said = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
        if said.as_deref() == Some(WHICH) {
            let _ = back.post_message(&language::tag().into());
        }
    });
    Ok(Listening { channel, _listener: listener })
}

fn listen(report: impl Fn(Secret) + Copy + 'static) -> Result<Listening, JsValue> {
    let channel = BroadcastChannel::new(CHANNEL)?;
    let back = channel.clone();
    let listener = EventListener::new(&channel, "message", move |event| {
        let said = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
        let Some(answer) = said.filter(|said| said.starts_with(['?', '#'])).map(Secret::new) else { return };
        let _ = back.post_message(&RECEIVED.into());
        // Reported later: the input drops this listener, which must not happen inside its own call.
        spawn_local(async move { report(answer) });
    });
    Ok(Listening { channel, _listener: listener })
}
