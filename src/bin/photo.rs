//! The program that reads a photo of the printed kit, in a worker of its own: see `src/photo.js`. Compiles to an empty
//! program natively.

#[cfg(target_family = "wasm")]
mod worker {
    use js_sys::Uint8Array;
    use matrixbackup::{domain::no_key::NoKey, photo};
    use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
    use zeroize::Zeroizing;

    /// Reads a picture: the pixels of an `ImageData`, and how many there are in a row. Returns the recovery key as bytes,
    /// or the number of the reason why there is none.
    #[wasm_bindgen]
    pub fn read(pixels: Vec<u8>, width: usize) -> JsValue {
        match photo::read(&Zeroizing::new(pixels), width) {
            Ok(key) => Uint8Array::from(key.expose().as_bytes()).into(),
            Err(reason) => reason.number().into(),
        }
    }

    /// Returns the number of the reason where the browser cannot open a picture.
    #[wasm_bindgen]
    pub fn unopened() -> JsValue {
        NoKey::Unopened.number().into()
    }
}

fn main() {}
