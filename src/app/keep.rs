//! Ways by which the person keeps a key or a text: a file, the clipboard, the password manager, paper. And the way
//! back: a key that is read from a file.

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

use crate::{
    domain::{given::entry_of_file, recovery_key::LONGEST_ENTRY, secret::Secret},
    words::without_marks,
};

/// Time that a download has to begin, before its blob address is revoked, in milliseconds.
const REVOKE_AFTER_MS: u32 = 10_000;
/// The most that is read of a file that is to have a recovery key in it, in bytes.
const LARGEST_KEY_FILE: f64 = LONGEST_ENTRY as f64;

/// Offers a text as a file, without marks of direction, and without a newline at its end, so that other clients can read
/// it, too.
///
/// Returns `false` if no download could be started.
pub fn download(name: &str, text: &str) -> bool {
    offer(name, &Array::of1(&(&*without_marks(text)).into()))
}

/// Offers a file made of texts and blobs. Returns `false` if no download could be started; no page learns whether the
/// person kept the file.
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

/// Makes a file name of what the file is, whose it is, and the day (UTC).
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

/// Puts a text on the clipboard, without marks of direction, and tells `done` whether the browser allowed it.
pub fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
    let written = JsFuture::from(window().navigator().clipboard().write_text(&without_marks(text)));
    spawn_local(async move { done(written.await.is_ok()) });
}

/// Name of the class for a password that the browser keeps (W3C Credential Management Level 1). Only browsers made from
/// Chromium have it.
const CREDENTIAL: &str = "PasswordCredential";

/// Tells whether the browser can be asked to keep a secret in its password manager.
pub fn has_manager() -> bool {
    Reflect::has(&window(), &CREDENTIAL.into()).unwrap_or(false)
}

/// Has the browser ask the person whether its password manager shall keep a secret under a name. `done` hears whether
/// the browser took the request; no page learns what the person answers.
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

/// Opens the browser's print dialogue. Returns `false` if there is none.
pub fn print() -> bool {
    window().print().is_ok()
}

/// Reads a file that the person chose. `done` gets the key in it, or else the whole text; `None` if that can be neither
/// key nor phrase, or cannot be read. Of a large file only the beginning is read, which shows an export.
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
