//! Numbers and times as people read them.

use js_sys::{Date, JsString};
use wasm_bindgen::JsValue;

/// Writes a number with commas between its thousands.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes a number with its noun: "1 room", "1,204 rooms".
pub fn count(number: u64, noun: &str) -> String {
    [&*thousands(number), " ", noun, if number == 1 { "" } else { "s" }].concat()
}

/// Writes the time of day in the person's time zone: "14:05". `ms` are milliseconds since 1970.
pub fn clock(ms: u64) -> String {
    let time: JsString = Date::new(&JsValue::from_f64(ms as f64)).to_locale_time_string("en-GB");
    let mut time = String::from(time);
    // Cuts the seconds off.
    if let Some((at, _)) = time.match_indices(':').nth(1) {
        time.truncate(at);
    }
    time
}

/// Writes the day in the person's time zone: "9 April 2024". `ms` are milliseconds since 1970.
pub fn day(ms: u64) -> String {
    let options = js_sys::Object::new();
    for (name, value) in [("day", "numeric"), ("month", "long"), ("year", "numeric")] {
        // Fails only on objects that are frozen.
        let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
    }
    String::from(Date::new(&JsValue::from_f64(ms as f64)).to_locale_date_string("en-GB", &options))
}

/// Returns the present time, in milliseconds since 1970.
pub fn now_ms() -> u64 {
    Date::now() as u64
}
