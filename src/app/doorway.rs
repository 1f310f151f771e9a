//! The window in which a person signs in on their server's page, and the way back from it.
//!
//! The click itself opens it, on our `callback.html`: a window that is opened later is one that browsers block. Once it
//! shows the server's page, `Cross-Origin-Opener-Policy` has parted the two for good, and neither can reach the other.
//! What that page sends people back with, `callback.html` says on a channel that only pages of this origin hear.

use gloo::{
    events::EventListener,
    utils::{document, window},
};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent, Url, Window};

use crate::domain::{secret::Secret, web_address::WebAddress};

/// What the channel is called; `src/callback.js` has the same.
const CHANNEL: &str = "matrixbackup-sign-in";
/// What `callback.html` is told once its answer is here.
const RECEIVED: &str = "received";
/// A window beside the page; on phones it is a tab.
const FEATURES: &str = "popup,width=520,height=720";

/// The window, as long as it is ours, and the channel, as long as an answer is awaited.
#[derive(Default)]
pub struct Doorway {
    window: Option<Window>,
    listening: Option<Listening>,
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

/// Where the server's page sends people back to: beside this page, wherever that is.
pub fn callback() -> String {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    Url::new_with_base("callback.html", &base).map(|url| url.href()).unwrap_or_default()
}

impl Doorway {
    /// Opens the window; whether the browser did. To be called by the click, and in place of any window before.
    pub fn open(&mut self) -> bool {
        self.close();
        let opened = window().open_with_url_and_target_and_features(&callback(), "_blank", FEATURES);
        self.window = opened.ok().flatten();
        // A host that sends no headers leaves the two together: what it will show must not reach back.
        if let Some(window) = &self.window {
            let _ = window.set_opener(&JsValue::NULL);
        }
        self.window.is_some()
    }

    /// Shows the server's page in it. Where the person has closed it, nothing happens: they can open it again.
    pub fn show(&self, address: &WebAddress) {
        if let Some(window) = &self.window {
            let _ = window.location().replace(address.as_str());
        }
    }

    /// Closes the window. One that has shown the server's page is not ours any more, and stays.
    pub fn close(&mut self) {
        if let Some(window) = self.window.take() {
            let _ = window.close();
        }
    }

    /// Listens for what the server's page sends back, or does not listen any more.
    pub fn listen(&mut self, wanted: bool, report: impl Fn(Secret) + Copy + 'static) {
        if wanted && self.listening.is_none() {
            self.listening = listen(report).ok();
        } else if !wanted {
            self.listening = None;
        }
    }
}

fn listen(report: impl Fn(Secret) + Copy + 'static) -> Result<Listening, JsValue> {
    let channel = BroadcastChannel::new(CHANNEL)?;
    let back = channel.clone();
    let listener = EventListener::new(&channel, "message", move |event| {
        let said = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
        let Some(answer) = said.filter(|said| said.starts_with(['?', '#'])).map(Secret::new) else { return };
        let _ = back.post_message(&RECEIVED.into());
        // Not within the call that led here, which ends with this listener.
        spawn_local(async move { report(answer) });
    });
    Ok(Listening { channel, _listener: listener })
}
