//! The language of the page: `boot.js` chooses one and fetches its texts, and another when the person wants one.

use std::cell::{Cell, RefCell};

use gloo::{
    timers::callback::Timeout,
    utils::{document, window},
};
use js_sys::{Array, Function, Intl, JsString, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, EventInit, HtmlInputElement};

use super::worker_files::Missing;
use crate::{
    domain::secret::Secret,
    words::{self, Writing},
};

thread_local! {
    static DRAWN: Cell<Option<RwSignal<u32>>> = const { Cell::new(None) };
    static WRITER: RefCell<Option<Writer>> = const { RefCell::new(None) };
}

/// Set by `boot.js` if the browser or the address asked for a language that the page has.
const WISHED: &str = "isWished";
/// The language of English programs that no `boot.js` has started, such as the gallery.
const ENGLISH: &str = "en";

/// Takes the texts of the first screen, which `boot.js` has fetched.
pub fn begin() {
    DRAWN.set(Some(RwSignal::new(0)));
    take_first();
}

/// Begins to fetch the other texts of the language, for [`words::add`].
///
/// # Errors
/// [`Missing`] when they did not arrive, or are not those that this page was built with.
pub fn fetch_rest() -> impl Future<Output = Result<Vec<String>, Missing>> {
    let promise = now().ok_or(Missing).and_then(|now| call(&now, "rest", &JsValue::UNDEFINED));
    // Listens from now on: whoever asks for the answer may do so only later.
    let rest = promise.map(JsFuture::from);
    async { Ok(texts(&rest?.await.map_err(|_| Missing)?)) }
}

/// Draws the page in the language that the person chose. Without its texts it stays as it is.
pub async fn choose(language: String) {
    if let Some(boot) = boot() {
        // From now on the host's wish does not count. Fails only on objects that are frozen.
        let _ = Reflect::set(&boot, &JsValue::from_str(WISHED), &JsValue::TRUE);
        change(boot, language).await;
    }
}

async fn change(boot: JsValue, language: String) {
    let Ok(promise) = call(&boot, "change", &JsValue::from(language)) else { return };
    let Ok(rest) = JsFuture::from(promise).await else { return };
    take_first();
    words::add(texts(&rest));
    let (typed, of) = (typed(), step());
    if let Some(drawn) = DRAWN.get() {
        drawn.update(|times| *times += 1);
    }
    // The fields are new ones once the page has been drawn.
    Timeout::new(0, move || {
        if step() == of {
            type_again(&typed);
        }
    })
    .forget();
}

/// The name of the step on screen.
fn step() -> Option<String> {
    document().query_selector("main").ok().flatten()?.get_attribute("data-step")
}

/// Reads what stands in the fields of the page, each with its `id`.
fn typed() -> Vec<(String, Secret)> {
    let fields = document().query_selector_all("main input[id]:not([type='file'])");
    let fields = fields.map(|fields| Array::from(&fields)).unwrap_or_default();
    let fields = fields.iter().filter_map(|field| field.dyn_into::<HtmlInputElement>().ok());
    fields.filter(|field| !field.read_only()).map(|field| (field.id(), Secret::new(field.value()))).collect()
}

/// Puts the same into the fields that have these `id`s now.
fn type_again(typed: &[(String, Secret)]) {
    for (id, text) in typed.iter().filter(|(_, text)| !text.is_blank()) {
        let field =
            document().get_element_by_id(id).and_then(|found| found.dyn_into::<HtmlInputElement>().ok());
        let Some(field) = field else { continue };
        field.set_value(text.expose());
        let options = EventInit::new();
        options.set_bubbles(true);
        if let Ok(event) = Event::new_with_event_init_dict("input", &options) {
            let _ = field.dispatch_event(&event);
        }
    }
}

/// Draws the page in the host's language, if the person's browser asked for none that the page has.
pub async fn prefer(language: Option<&'static str>) {
    let Some(boot) = boot().filter(|boot| !get(boot, WISHED).is_truthy()) else { return };
    if let Some(language) = language.filter(|language| **language != *tag()) {
        change(boot, language.to_owned()).await;
    }
}

/// Counts how often the language was changed. Whatever is drawn with it is drawn again.
pub fn times_changed() -> u32 {
    DRAWN.get().map_or(0, |drawn| drawn.get())
}

/// Lists the languages: the tag (BCP 47) and the language's own name of each.
pub fn all() -> Vec<[String; 2]> {
    let names = boot().map(|boot| get(&boot, "names")).and_then(|names| names.dyn_into::<Array>().ok());
    let pair = |pair: JsValue| {
        let pair = Array::from(&pair);
        [0, 1].map(|at| pair.get(at).as_string().unwrap_or_default())
    };
    names.map(|names| names.iter().map(pair).collect()).unwrap_or_default()
}

/// The tag of the page's language.
pub fn tag() -> String {
    now().and_then(|now| get(&now, "language").as_string()).unwrap_or_else(|| ENGLISH.to_owned())
}

/// Tells whether the page speaks English.
pub fn is_english() -> bool {
    tag() == ENGLISH
}

fn take_first() {
    let Some(now) = now() else { return };
    let is_from_the_right =
        document().document_element().is_some_and(|html| html.get_attribute("dir").as_deref() == Some("rtl"));
    words::begin(texts(&get(&now, "texts")), is_from_the_right);
}

/// Has the browser write numbers and lists, from the second part of the program on.
pub fn begin_writing() {
    words::write_by(Writing { category, number, list });
}

/// What the browser writes numbers and lists with. Making it takes longer than using it, and a screen may write hundreds.
struct Writer {
    locale: String,
    rules: Intl::PluralRules,
    format: Function,
    lists: Intl::ListFormat,
}

impl Writer {
    fn new(locale: String) -> Self {
        let (locales, options) = (Array::of1(&JsString::from(&*locale)), Object::new());
        let rules = Intl::PluralRules::new(&locales, &options);
        let lists = Intl::ListFormat::new(&locales, &options);
        Self { rules, format: Intl::NumberFormat::new(&locales, &options).format(), lists, locale }
    }
}

/// Borrows the writer of the page's language.
fn with_writer<T>(write: impl FnOnce(&Writer) -> T) -> T {
    let locale = locale();
    WRITER.with_borrow_mut(|writer| match writer {
        Some(writer) if writer.locale == locale => write(writer),
        _ => write(writer.insert(Writer::new(locale))),
    })
}

/// Names the category of a number in the page's language.
fn category(number: u64) -> String {
    with_writer(|writer| String::from(writer.rules.select(number as f64)))
}

/// Writes a number in the page's language.
fn number(number: u64) -> String {
    let value = JsValue::from_f64(number as f64);
    let text = with_writer(|writer| writer.format.call1(&JsValue::UNDEFINED, &value));
    text.ok().and_then(|text| text.as_string()).unwrap_or_else(|| number.to_string())
}

/// Writes a list in the page's language.
fn list(names: &[String]) -> String {
    let names: Array = names.iter().map(|name| JsValue::from_str(name)).collect();
    with_writer(|writer| String::from(writer.lists.format(&names)))
}

/// The locale by which the browser writes numbers, lists and times: in English, days come before months and clocks have 24 hours.
pub fn locale() -> String {
    if is_english() { "en-GB".to_owned() } else { tag() }
}

/// What `boot.js` offers. The gallery has none of it.
fn boot() -> Option<JsValue> {
    Some(get(&window(), "words")).filter(JsValue::is_object)
}

fn now() -> Option<JsValue> {
    Some(get(&boot()?, "now")).filter(JsValue::is_object)
}

fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

fn call(of: &JsValue, name: &str, about: &JsValue) -> Result<Promise, Missing> {
    let function = get(of, name).dyn_into::<Function>().map_err(|_| Missing)?;
    function.call1(of, about).map(|promise| Promise::resolve(&promise)).map_err(|_| Missing)
}

fn texts(list: &JsValue) -> Vec<String> {
    Array::from(list).iter().map(|text| text.as_string().unwrap_or_default()).collect()
}
