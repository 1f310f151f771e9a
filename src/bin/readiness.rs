//! The program that judges an administrator's users, in a worker of its own: see `src/readiness/worker.js`. Compiles to an empty
//! program natively.

#[cfg(target_family = "wasm")]
mod worker {
    use js_sys::Array;
    use matrixbackup::readiness::{Answers, Judged, judge};
    use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

    /// Judges one user by the server's answers, each a JSON text. Returns the state's name, the apps' names, the number of
    /// devices and the last use in milliseconds; `null` if an answer cannot be read.
    #[wasm_bindgen]
    pub fn judge_user(user_id: &str, account_data: &str, keys: &str, devices: &str) -> JsValue {
        match judge(&Answers { user_id, account_data, keys, devices }) {
            Ok(Judged { state, apps, devices, last_seen }) => {
                let apps: Array = apps.into_iter().map(JsValue::from).collect();
                let seen = last_seen.map_or(JsValue::NULL, |seen| JsValue::from(seen as f64));
                let devices = u32::try_from(devices).unwrap_or(u32::MAX);
                [state.code().into(), apps.into(), devices.into(), seen].into_iter().collect::<Array>().into()
            }
            Err(_) => JsValue::NULL,
        }
    }
}

fn main() {}
