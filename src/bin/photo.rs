//! The program that reads a photo of the printed kit, in a worker of its own: see `src/photo.js`. Compiles to an empty
//! program natively.

#[cfg(target_family = "wasm")]
mod worker {
    use js_sys::{Array, Uint8Array};
    use matrixbackup::photo::{self, NoKey};
    use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
    use zeroize::Zeroizing;

    /// Reads a picture: the pixels of an `ImageData`, and how many there are in a row. Returns the recovery key as bytes,
    /// or two sentences.
    #[wasm_bindgen]
    pub fn read(pixels: Vec<u8>, width: usize) -> JsValue {
        match photo::read(&Zeroizing::new(pixels), width) {
            Ok(key) => Uint8Array::from(key.expose().as_bytes()).into(),
            Err(reason) => sentences(reason),
        }
    }

    /// Returns the two sentences about a picture that the browser cannot open.
    #[wasm_bindgen]
    pub fn unopened() -> JsValue {
        sentences(NoKey::Unopened)
    }

    fn sentences(reason: NoKey) -> JsValue {
        let [title, action] = reason.words();
        Array::of2(&title.into(), &action.into()).into()
    }
}

fn main() {}
