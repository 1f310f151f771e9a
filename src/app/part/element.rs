//! Makes elements by their names: all screens are written with it.
//!
//! Leptos gives every element of every `view!` a type of its own, and so a copy of the code that
//! draws it. Nineteen screens took 155 kB of program that way, compressed. Elements made here share
//! one type and one copy.

use leptos::{
    either::Either,
    ev::{self, Custom},
    html::custom,
    prelude::*,
    tachys::html::{
        attribute::{
            any_attribute::{AnyAttribute, IntoAnyAttribute},
            custom::custom_attribute,
        },
        event::on,
    },
};

use super::focus::keep_focus;
use crate::words::Part;

/// An element that is being put together.
pub struct Element {
    tag: &'static str,
    attributes: Vec<AnyAttribute>,
    children: Vec<AnyView>,
}

/// Begins an element.
pub fn el(tag: &'static str) -> Element {
    Element { tag, attributes: Vec::new(), children: Vec::new() }
}

/// Makes an element that holds a text and nothing else.
pub fn say(tag: &'static str, class: &'static str, text: impl Into<String>) -> AnyView {
    el(tag).class(class).text(text).view()
}

/// Makes a paragraph.
pub fn p(text: impl Into<String>) -> AnyView {
    el("p").text(text).view()
}

/// Makes a paragraph in quiet type, which readers may skip.
pub fn quiet(text: &'static str) -> AnyView {
    say("p", "quiet", text)
}

/// Makes a heading within a screen.
pub fn h2(text: &'static str) -> AnyView {
    el("h2").text(text).view()
}

/// Makes a list of sentences.
pub fn points(points: &[&'static str]) -> AnyView {
    let items = points.iter().map(|point| el("li").text(*point).view()).collect();
    el("ul").class("plain").all(items).view()
}

/// Makes one view of several, in their order.
pub fn all(views: Vec<AnyView>) -> AnyView {
    views.into_any()
}

/// Makes views of a sentence that has elements in it, each with its name in the text.
pub fn sentence(parts: Vec<Part>, mut elements: Vec<(&'static str, AnyView)>) -> Vec<AnyView> {
    let mut place = |part| match part {
        Part::Text(text) => Some(text.into_any()),
        Part::Element(name) => {
            let at = elements.iter().position(|(of, _)| *of == name)?;
            Some(elements.swap_remove(at).1)
        }
    };
    parts.into_iter().filter_map(&mut place).collect()
}

/// Makes a text that changes.
pub fn live(text: impl Fn() -> String + Send + 'static) -> AnyView {
    let text: Box<dyn Fn() -> String + Send> = Box::new(text);
    boxed_live(text)
}

fn boxed_live(text: Box<dyn Fn() -> String + Send>) -> AnyView {
    (move || text()).into_any()
}

/// Makes a quiet line that screen readers read out when it changes.
pub fn status(text: impl Fn() -> String + Send + 'static) -> AnyView {
    el("p").class("quiet").attr("role", "status").live(text).view()
}

/// Draws a view anew when its key changes, and only then: until that, typed text and the focus stay in it.
pub fn keyed(
    key: impl Fn() -> String + Send + Sync + 'static,
    draw: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    boxed_keyed(Box::new(key), Box::new(draw))
}

fn boxed_keyed(key: Box<dyn Fn() -> String + Send + Sync>, draw: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
    let key = Memo::new(move |_| key());
    let mut left = false;
    let draw = move || {
        // Read, not only tracked: a memo that was never read follows nothing.
        key.with(|_| ());
        let view = untrack(&draw);
        keep_focus();
        // The other side of `Either` makes new elements. Leptos would use the old ones again, with what was
        // typed into them.
        left = !left;
        if left { Either::Left(view) } else { Either::Right(view) }
    };
    draw.into_any()
}

/// Draws a view while `when` returns `true`, and nothing otherwise.
pub fn at_times(
    when: impl Fn() -> bool + Copy + Send + Sync + 'static,
    draw: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    let key = move || if when() { "there" } else { "" }.to_owned();
    keyed(key, move || if when() { draw() } else { all(Vec::new()) })
}

/// Makes a progress bar without a measure; `on` names the work to screen readers.
pub fn working(on: &'static str) -> AnyView {
    el("progress").attr("aria-label", on).view()
}

impl Element {
    /// Sets the class, unless it is empty.
    pub fn class(self, class: &'static str) -> Self {
        if class.is_empty() { self } else { self.attr("class", class) }
    }

    /// Adds an attribute that stays.
    pub fn attr(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.set(name, value.into());
        self
    }

    fn set(&mut self, name: &'static str, value: String) {
        self.attributes.push(custom_attribute(name, value).into_any_attr());
    }

    /// Adds an attribute that changes: it is absent while `value` returns `None`.
    pub fn live_attr(
        mut self,
        name: &'static str,
        value: impl Fn() -> Option<&'static str> + Send + 'static,
    ) -> Self {
        self.follow(name, Box::new(value));
        self
    }

    fn follow(&mut self, name: &'static str, value: Box<dyn Fn() -> Option<&'static str> + Send>) {
        self.attributes.push(custom_attribute(name, value).into_any_attr());
    }

    /// Adds a listener for an event.
    pub fn on(mut self, event: &'static str, act: impl Fn(web_sys::Event) + 'static) -> Self {
        self.listen(event, Box::new(act));
        self
    }

    fn listen(&mut self, event: &'static str, act: Box<dyn Fn(web_sys::Event)>) {
        let event: Custom<web_sys::Event> = ev::Custom::new(event);
        self.attributes.push(on(event, act).into_any_attr());
    }

    /// Adds a text.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.children.push(text.into().into_any());
        self
    }

    /// Adds a text that changes.
    pub fn live(self, text: impl Fn() -> String + Send + 'static) -> Self {
        self.child(live(text))
    }

    /// Adds a sentence that has elements in it, each with its name in the text.
    pub fn sentence(self, parts: Vec<Part>, elements: Vec<(&'static str, AnyView)>) -> Self {
        self.all(sentence(parts, elements))
    }

    /// Adds a view inside.
    pub fn child(mut self, child: AnyView) -> Self {
        self.children.push(child);
        self
    }

    /// Adds several views inside.
    pub fn all(mut self, children: Vec<AnyView>) -> Self {
        self.children.extend(children);
        self
    }

    /// Makes a view of the element.
    pub fn view(self) -> AnyView {
        custom(self.tag).add_any_attr(self.attributes).child(self.children).into_any()
    }
}
