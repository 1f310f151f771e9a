//! Stands in for the crate of this name, which leptos brings along for server functions. This page has none. The real
//! crate exports classes to JavaScript, which keeps them and all they need in the program: 4 kB compressed. This one
//! has as much as makes leptos compile.

use std::future::{Ready, ready};

use futures_util::stream::{Once, Stream, once};
use wasm_bindgen::JsValue;

/// A stream that cannot be read.
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    /// Holds a stream of the browser's.
    pub fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self(raw)
    }

    /// Holds nothing of what a program would send.
    pub fn from_stream<S: Stream<Item = Result<JsValue, JsValue>> + 'static>(_: S) -> Self {
        Self(JsValue::UNDEFINED.into())
    }

    /// Returns the stream that it holds.
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    /// Returns a stream of one error: code that reads it after all shall notice.
    pub fn into_stream(self) -> Once<Ready<Result<JsValue, JsValue>>> {
        once(ready(Err("this program was built without streams".into())))
    }
}
