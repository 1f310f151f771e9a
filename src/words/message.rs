//! The form of a text: ICU MessageFormat, as much of it as the texts need.
//!
//! `{name}` stands for an argument. `{count, plural, one {# room} other {# rooms}}` chooses by a number, which `#` stands
//! for; the categories are those of CLDR, and `=0` is the number itself. Braces have no other use, and nothing is quoted.

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words as they stand.
    Text(&'a str),
    /// The argument of this name.
    Argument(&'a str),
    /// One of several forms, by the number of this name.
    Plural(&'a str, Vec<(&'a str, Vec<Piece<'a>>)>),
    /// The number that chose the form around it.
    Number,
}

/// Takes a text apart.
///
/// # Errors
/// The reason, where it is malformed.
pub fn parse(text: &str) -> Result<Vec<Piece<'_>>, &'static str> {
    let (pieces, rest) = pieces(text, false)?;
    if rest.is_empty() { Ok(pieces) } else { Err("a brace closes that was never opened") }
}

/// Takes apart what stands before the next closing brace; returns it with the rest. `counted`: `#` is a number.
fn pieces(mut text: &str, counted: bool) -> Result<(Vec<Piece<'_>>, &str), &'static str> {
    let mut found = Vec::new();
    loop {
        let at = text.find(|c| c == '{' || c == '}' || (counted && c == '#')).unwrap_or(text.len());
        let (words, rest) = text.split_at(at);
        if !words.is_empty() {
            found.push(Piece::Text(words));
        }
        if let Some(after) = rest.strip_prefix('#') {
            found.push(Piece::Number);
            text = after;
        } else if let Some(inside) = rest.strip_prefix('{') {
            let (piece, after) = argument(inside)?;
            found.push(piece);
            text = after;
        } else {
            return Ok((found, rest));
        }
    }
}

/// Reads an argument behind its opening brace; returns it with what follows the closing one.
fn argument(inside: &str) -> Result<(Piece<'_>, &str), &'static str> {
    let end = inside.find([',', '}']).ok_or("a brace is not closed")?;
    let (name, rest) = inside.split_at(end);
    let name = name.trim();
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return Err("an argument's name has small letters only");
    }
    if let Some(after) = rest.strip_prefix('}') {
        return Ok((Piece::Argument(name), after));
    }
    let rest = rest.trim_start_matches([',', ' ']).strip_prefix("plural").ok_or("only plurals are known")?;
    let mut rest = rest.trim_start().strip_prefix(',').ok_or("a plural has no forms")?.trim_start();
    let mut forms = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return if forms.iter().any(|(category, _)| *category == "other") {
                Ok((Piece::Plural(name, forms), after))
            } else {
                Err("a plural needs the form “other”")
            };
        }
        let (category, after) = rest.split_once('{').ok_or("a form has no braces")?;
        let (form, after) = pieces(after, true)?;
        forms.push((category.trim(), form));
        rest = after.strip_prefix('}').ok_or("a form is not closed")?.trim_start();
    }
}
