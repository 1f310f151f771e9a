//! The program that estimates how many guesses a phrase withstands, in a worker of its own: see `src/estimate.js`. Compiles
//! to an empty program natively.

#[cfg(target_family = "wasm")]
mod worker {
    use js_sys::Array;
    use matrixbackup::estimate;
    use wasm_bindgen::prelude::wasm_bindgen;
    use zeroize::Zeroizing;

    /// Estimates a phrase. `known` is what others know about the person. Returns the power of ten in hundredths, and a
    /// reason.
    #[wasm_bindgen]
    pub fn estimate(phrase: String, known: Vec<String>) -> Array {
        let phrase = Zeroizing::new(phrase);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let estimate = estimate::of(&phrase, &known);
        Array::of2(&estimate.hundredths().into(), &estimate.reason.into())
    }
}

fn main() {}
