//! A JSON value from a server or the host.
//!
//! The page uses the browser's parser, and tests use another one. The limits are enforced here for both, so that
//! native tests cover what runs in the browser.

/// The largest text that is read, in bytes.
pub const LARGEST_TEXT: usize = 64 * 1024;
/// The deepest nesting that is read. Nothing that this page needs is nested deeper than five levels.
const DEEPEST: usize = 16;
/// The most values that one text may hold, nested ones included.
const MOST_VALUES: usize = 8_192;

/// Returns a text without the byte order mark that some editors put first. No parser has to take it (RFC 8259, section 8.1), and
/// the browser's does not.
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// A JSON value (RFC 8259) within these limits.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object's members; each name occurs once.
    Object(Vec<(String, Json)>),
}

/// The value that a parser returned, read from the outside in.
pub trait Parsed: Sized {
    /// One value, with its members not yet read; `None` for a type that JSON does not have.
    fn look(self) -> Option<Look<Self>>;
}

/// One value, with its members still in the parser's form.
pub enum Look<T> {
    /// A value without members.
    Plain(Json),
    /// An array's members.
    List(Vec<T>),
    /// An object's members.
    Object(Vec<(String, T)>),
}

impl Json {
    /// Copies a parser's value. Returns `None` for one that is nested too deeply or has too many members, since half
    /// of it could mean something else.
    pub fn of(parsed: impl Parsed) -> Option<Self> {
        let mut left = MOST_VALUES;
        take(parsed, DEEPEST, &mut left)
    }

    /// The member of an object; `None` if there is none, or this is no object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The members of an object; empty if this is no object.
    pub fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of an array; `None` if this is no array.
    pub fn items(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text of a string; `None` if this is no string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a number; `None` if this is no number.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

fn take<T: Parsed>(parsed: T, depth: usize, left: &mut usize) -> Option<Json> {
    *left = left.checked_sub(1)?;
    let deeper = depth.checked_sub(1);
    Some(match parsed.look()? {
        Look::Plain(value) => value,
        Look::List(items) => {
            let deeper = deeper?;
            Json::List(items.into_iter().map(|item| take(item, deeper, left)).collect::<Option<_>>()?)
        }
        Look::Object(members) => {
            let deeper = deeper?;
            let member = |(name, value)| Some((name, take(value, deeper, left)?));
            Json::Object(members.into_iter().map(member).collect::<Option<_>>()?)
        }
    })
}

/// Serves tests and fuzzing, which have no browser.
#[cfg(any(test, feature = "fuzzing"))]
mod native {
    use serde_json::Value;

    use super::{Json, LARGEST_TEXT, Look, Parsed, without_mark};

    impl Parsed for Value {
        fn look(self) -> Option<Look<Self>> {
            Some(match self {
                Self::Null => Look::Plain(Json::Null),
                Self::Bool(is) => Look::Plain(Json::Bool(is)),
                Self::Number(number) => Look::Plain(Json::Number(number.as_f64()?)),
                Self::String(text) => Look::Plain(Json::Text(text)),
                Self::Array(items) => Look::List(items),
                Self::Object(members) => Look::Object(members.into_iter().collect()),
            })
        }
    }

    impl Json {
        /// Reads a body as the page does; `None` if it is no JSON, or too large.
        pub fn parse(body: &[u8]) -> Option<Self> {
            if body.len() > LARGEST_TEXT {
                return None;
            }
            let text = without_mark(std::str::from_utf8(body).ok()?);
            Self::of(serde_json::from_str::<Value>(text).ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_value_is_copied_unchanged() {
        let json = Json::parse(r#"{"a": [1, "ä", true, null, {}], "b": -0.5}"#.as_bytes()).unwrap();
        let list = [Json::Number(1.0), Json::Text("ä".into()), Json::Bool(true), Json::Null];
        let list = list.into_iter().chain([Json::Object(Vec::new())]).collect();
        assert_eq!(json.get("a"), Some(&Json::List(list)));
        assert_eq!(json.get("b").and_then(Json::number), Some(-0.5));
        assert_eq!(json.get("c"), None);
        let marked = "\u{feff}{\"m.homeserver\":{\"base_url\":\"https://hs.example.org\"}}";
        let base_url = Json::parse(marked.as_bytes()).unwrap();
        let base_url = base_url.get("m.homeserver").and_then(|server| server.get("base_url"));
        assert_eq!(base_url.and_then(Json::text), Some("https://hs.example.org"));
        assert_eq!(Json::parse(b"{"), None);
    }

    #[test]
    fn a_value_that_is_too_deep_or_has_too_many_members_is_refused_whole() {
        let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert!(Json::parse(nested(DEEPEST).as_bytes()).is_some());
        assert_eq!(Json::parse(nested(DEEPEST + 1).as_bytes()), None);
        let long = |values: usize| ["[", &vec!["0"; values - 1].join(","), "]"].concat();
        assert!(Json::parse(long(MOST_VALUES).as_bytes()).is_some());
        assert_eq!(Json::parse(long(MOST_VALUES + 1).as_bytes()), None);
    }

    #[test]
    fn a_body_larger_than_any_honest_one_is_not_read() {
        let body = |length: usize| [&b"\""[..], &vec![b'a'; length - 2], b"\""].concat();
        assert!(Json::parse(&body(64 * 1024)).is_some());
        assert_eq!(Json::parse(&body(64 * 1024 + 1)), None);
    }
}
