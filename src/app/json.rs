//! Reads JSON with the browser's own parser: the page's program has none.

use js_sys::{Array, JSON, JsString, Object};
use wasm_bindgen::{JsCast, JsValue};

use crate::domain::json::{Json, Look, Parsed, without_mark};

/// Reads a text. Returns `None` if it is no JSON, or deeper or larger than [`Json`] takes.
pub fn parse(text: &str) -> Option<Json> {
    Json::of(JSON::parse(without_mark(text)).ok()?)
}

impl Parsed for JsValue {
    fn look(self) -> Option<Look<Self>> {
        Some(match self.dyn_into::<Array>() {
            Ok(items) => Look::List(items.iter().collect()),
            Err(value) if value.is_object() => {
                let entries = Object::entries(value.unchecked_ref());
                let member = |entry: JsValue| {
                    let [name, value] = [0, 1].map(|index| Array::from(&entry).get(index));
                    Some((name.as_string()?, value))
                };
                Look::Object(entries.iter().map(member).collect::<Option<_>>()?)
            }
            Err(value) => Look::Plain(plain(&value)?),
        })
    }
}

fn plain(value: &JsValue) -> Option<Json> {
    if value.is_null() {
        return Some(Json::Null);
    }
    let text = || value.dyn_ref::<JsString>().map(|text| Json::Text(text.into()));
    let number = || value.as_f64().map(Json::Number);
    value.as_bool().map(Json::Bool).or_else(number).or_else(text)
}
