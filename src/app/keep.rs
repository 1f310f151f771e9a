//! The ways in which a key or a text leaves the page by the person's own act, and comes back as a file.

use gloo::{
    timers::callback::Timeout,
    utils::{document, window},
};
use js_sys::{Array, ArrayBuffer, Date, Function, Object, Promise, Reflect, Uint8Array};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, HtmlAnchorElement, Url};
use zeroize::Zeroizing;

use crate::domain::{given::entry_of_file, recovery_key::LONGEST_ENTRY, secret::Secret};

/// How long a download may take to begin, in milliseconds.
const REVOKE_AFTER_MS: u32 = 10_000;
/// How much is read of a file that is to have a recovery key in it, in bytes.
const LARGEST_KEY_FILE: f64 = LONGEST_ENTRY as f64;

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

/// Reads a file the person chose, and calls back with the key in it; with all of it where there is none, and nothing
/// where it can be neither key nor phrase, or cannot be read. Of a large file only the beginning is read, by which one
/// of exported keys is known.
pub fn read_key(file: &File, done: impl FnOnce(Option<Secret>) + 'static) {
    let beginning = file.slice_with_f64_and_f64(0.0, LARGEST_KEY_FILE).ok();
    spawn_local(async move {
        let bytes = match beginning {
            Some(beginning) => bytes_of(&beginning).await,
            None => None,
        };
        done(bytes.and_then(|bytes| entry_of_file(&bytes)));
    });
}

async fn bytes_of(blob: &Blob) -> Option<Zeroizing<Vec<u8>>> {
    let buffer = JsFuture::from(blob.array_buffer()).await.ok()?;
    Some(Zeroizing::new(Uint8Array::new(buffer.dyn_ref::<ArrayBuffer>()?).to_vec()))
}
