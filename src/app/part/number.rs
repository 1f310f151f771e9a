//! Numbers and times as people read them.

use js_sys::Date;
use wasm_bindgen::JsValue;

use crate::app::language::locale;
pub use crate::words::number as thousands;

/// Writes the time of day in the person's time zone, as "14:05". `ms` are milliseconds since 1970.
pub fn clock(ms: u64) -> String {
    written(ms, &[("hour", "2-digit"), ("minute", "2-digit")])
}

/// Writes the day in the person's time zone: "9 April 2024". `ms` are milliseconds since 1970.
pub fn day(ms: u64) -> String {
    written(ms, &[("day", "numeric"), ("month", "long"), ("year", "numeric")])
}

fn written(ms: u64, parts: &[(&str, &str)]) -> String {
    let options = js_sys::Object::new();
    for (name, value) in parts {
        // Fails only on objects that are frozen.
        let _ = js_sys::Reflect::set(&options, &(*name).into(), &(*value).into());
    }
    String::from(Date::new(&JsValue::from_f64(ms as f64)).to_locale_string(&locale(), &options))
}

/// Returns the present time, in milliseconds since 1970.
pub fn now_ms() -> u64 {
    Date::now() as u64
}
