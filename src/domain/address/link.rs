//! Links to somebody, as apps share them.
//!
//! Source: specification, appendices "matrix.to navigation" and "Matrix URI scheme".

use super::{AddressError, cleaned};

/// The text before a user's id in such a link, after the scheme: for Element in a browser, and for matrix.to; the last
/// is what is left of that where a program took the fragment for none.
const FRAGMENTS: [&str; 3] = ["/#/user/", "/#/", "/"];
/// The host whose every link is one to somebody or to a room.
const SERVICE: [&str; 2] = ["matrix.to", "www.matrix.to"];
/// The beginnings of a `matrix:` link to a user, after the scheme; the longer one is the older form.
const USERS: [&str; 2] = ["u/", "user/"];
/// The beginnings of a `matrix:` link to a room or an event.
const OTHERS: [&str; 4] = ["r/", "room/", "roomid/", "e/"];

/// The user's id that a link leads to; nothing if it is no such link.
///
/// # Errors
/// [`AddressError::NotAUser`] if it leads to a room, and [`AddressError::BadUser`] if nobody can read it.
pub(super) fn user_id(entry: &str) -> Result<Option<String>, AddressError> {
    let Some(target) = target(entry)? else { return Ok(None) };
    let target = target.split('?').next().unwrap_or_default();
    let id = cleaned(&decoded(target).ok_or(AddressError::BadUser)?);
    // `target` puts an `@` before the id of a `matrix:` link. If the id had one already, encoded, there are
    // two.
    let id = id.strip_prefix("@@").map_or_else(|| id.clone(), |name| ["@", name].concat());
    match id.chars().next() {
        Some('@') => Ok(Some(id)),
        Some('#' | '!' | '+' | '$') => Err(AddressError::NotAUser),
        _ => Err(AddressError::BadUser),
    }
}

/// Returns what a link leads to, still encoded.
fn target(entry: &str) -> Result<Option<String>, AddressError> {
    let scheme = |name: &str| strip_prefix(entry, name);
    if let Some(rest) = scheme("web+matrix:").or_else(|| scheme("matrix:")) {
        let of = |kinds: &[&str]| kinds.iter().find_map(|kind| strip_prefix(rest, kind));
        return match (of(&USERS), of(&OTHERS)) {
            (Some(user), _) => Ok(Some(["@", user.strip_prefix('@').unwrap_or(user)].concat())),
            (None, Some(_)) => Err(AddressError::NotAUser),
            // A server's name may be `matrix`.
            (None, None) => Ok(None),
        };
    }
    let rest = scheme("https://").or_else(|| scheme("http://")).unwrap_or(entry);
    let link = FRAGMENTS.iter().find_map(|fragment| {
        let (host, target) = rest.split_once(fragment)?;
        let is_service = SERVICE.iter().any(|service| host.eq_ignore_ascii_case(service));
        (is_service && !target.is_empty() || fragment.ends_with("user/")).then(|| target.to_owned())
    });
    Ok(link)
}

/// Returns what follows a beginning, in capitals or not.
fn strip_prefix<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    let (begins, rest) = text.split_at_checked(beginning.len())?;
    begins.eq_ignore_ascii_case(beginning).then_some(rest)
}

/// RFC 3986, "Percent-Encoding"; nothing if it is not UTF-8 then.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let (code, rest) = part.split_at_checked(2)?;
        let is_code = code.bytes().all(|byte| byte.is_ascii_hexdigit());
        bytes.push(u8::from_str_radix(code, 16).ok().filter(|_| is_code)?);
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).ok()
}
