//! The ways in which a key or a text leaves the page by the person's own act, and comes back as a file.

use gloo::{
    timers::callback::Timeout,
    utils::{document, window},
};
use js_sys::{Array, Date, Function, Object, Promise, Reflect};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, HtmlAnchorElement, Url};

use crate::domain::{recovery_key::RecoveryKey, secret::Secret};

/// How long a download may take to begin, in milliseconds.
const REVOKE_AFTER_MS: u32 = 10_000;
/// The largest file that can be a recovery key, in bytes: other clients refuse more than 128.
const LARGEST_KEY_FILE: f64 = 4_096.0;

/// Offers a text as a file. The text alone, no newline, so that other clients can read it, too.
///
/// Answers whether the browser took it.
pub fn download(name: &str, text: &str) -> bool {
    offer(name, &Array::of1(&text.into()))
}

/// Offers a file made of texts and blobs; answers whether the browser took it.
pub fn offer(name: &str, parts: &Array) -> bool {
    let kind = BlobPropertyBag::new();
    kind.set_type("text/plain");
    let blob = Blob::new_with_str_sequence_and_options(parts, &kind);
    let Some(url) = blob.ok().and_then(|blob| Url::create_object_url_with_blob(&blob).ok()) else {
        return false;
    };
    let link = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok());
    let clicked = link.map(|link| {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    });
    Timeout::new(REVOKE_AFTER_MS, move || {
        let _ = Url::revoke_object_url(&url);
    })
    .forget();
    clicked.is_some()
}

/// What a file is called: what it is, whose, and of which day.
pub fn file_name(what: &str, user_id: &str) -> String {
    let user: String = user_id
        .trim_start_matches('@')
        .chars()
        .take(80)
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' })
        .collect();
    let now = String::from(Date::new_0().to_iso_string());
    let day = now.split('T').next().unwrap_or_default();
    [what, "-", &user, "-", day, ".txt"].concat()
}

/// Puts a text on the clipboard and says whether the browser allowed it.
pub fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
    let written = JsFuture::from(window().navigator().clipboard().write_text(text));
    spawn_local(async move { done(written.await.is_ok()) });
}

/// What browsers call what they keep in their password manager (Credential Management, 4). Only Chromium's have it.
const CREDENTIAL: &str = "PasswordCredential";

/// Whether the browser can be asked to keep a secret in its password manager.
pub fn has_manager() -> bool {
    Reflect::has(&window(), &CREDENTIAL.into()).unwrap_or(false)
}

/// Has the browser ask the person whether to keep a secret under a name, in its password manager and nowhere else. It
/// says whether it took the question; what the person answers, it tells no page.
pub fn ask_manager(name: &str, secret: &str, done: impl FnOnce(bool) + 'static) {
    match ask(name, secret) {
        Ok(asked) => spawn_local(async move { done(JsFuture::from(asked).await.is_ok()) }),
        Err(_) => done(false),
    }
}

fn ask(name: &str, secret: &str) -> Result<Promise, JsValue> {
    let data = Object::new();
    Reflect::set(&data, &"id".into(), &name.into())?;
    Reflect::set(&data, &"password".into(), &secret.into())?;
    let make: Function = Reflect::get(&window(), &CREDENTIAL.into())?.dyn_into()?;
    let credential = Reflect::construct(&make, &Array::of1(&data))?;
    let credentials = Reflect::get(&window().navigator(), &"credentials".into())?;
    let store: Function = Reflect::get(&credentials, &"store".into())?.dyn_into()?;
    store.call1(&credentials, &credential)?.dyn_into()
}

/// Opens the browser's print dialogue; answers whether there is one.
pub fn print() -> bool {
    window().print().is_ok()
}

/// Reads a file the person chose, and calls back with the key in it: alone, or on a line among others.
pub fn read_key(file: &File, done: impl FnOnce(Option<Secret>) + 'static) {
    if file.size() > LARGEST_KEY_FILE {
        return done(None);
    }
    let text = JsFuture::from(file.text());
    spawn_local(async move {
        let text = text.await.ok().and_then(|text| text.as_string()).map(Secret::new);
        done(text.map(|text| {
            let key = text.expose().lines().find(|line| RecoveryKey::parse(line).is_ok()).map(Secret::from);
            key.unwrap_or(text)
        }));
    });
}
