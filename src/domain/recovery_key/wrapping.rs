//! What file formats put between the groups of a key, and how to read the text without it.
//!
//! Nobody says which format a text is in, so each is tried that leaves a trace. A wrong one hardly ever finds
//! anything.

use zeroize::Zeroizing;

use super::plain;

/// One format, and what it puts there.
pub(super) struct Format {
    /// Tells whether a text may be of this format.
    is_traced: fn(&str) -> bool,
    /// The text with a space for whatever the format put there.
    read: fn(&str) -> Zeroizing<String>,
}

/// `\n`, `\t`, `\u00a0`, `\U000000a0` and the like: JSON, and most programming languages.
const ESCAPES: Format = Format { is_traced: |text| text.contains('\\'), read: without_escapes };
/// Tags and entities.
const HTML: Format = Format { is_traced: |text| text.contains(['<', '&']), read: without_html };
/// Control words and signs of RTF; TeX has the same form.
const RTF: Format = Format { is_traced: |text| text.contains('\\') && text.contains('{'), read: without_rtf };
/// `[b]` and `[/b]` of forums.
const BBCODE: Format = Format { is_traced: |text| text.contains("[/"), read: without_bbcode };
/// The colours of a terminal.
const ANSI: Format = Format { is_traced: |text| text.contains(ESCAPE), read: without_ansi };
/// `%20` of addresses, `=20` of e-mail (quoted-printable).
const HEX: Format = Format { is_traced: |text| text.contains(['%', '=']), read: without_hex };
/// The numbers of lines or groups.
const NUMBERS: Format = Format { is_traced: |text| text.contains(is_digit), read: without_numbers };

/// A word and a number before a colon, as in `Group 1:`.
const LABELS: Format = Format { is_traced: |text| text.contains(is_colon), read: without_labels };

/// The control character with which terminals begin a sequence.
const ESCAPE: char = '\u{1b}';

/// The formats that people were seen to have: alone, and one in another.
pub(super) const FORMATS: &[&[Format]] = &[
    &[ESCAPES],
    &[HTML],
    &[ESCAPES, HTML],
    &[RTF],
    &[HEX],
    &[HEX, HTML],
    &[BBCODE],
    &[ANSI],
    &[ESCAPES, ANSI],
];
/// The same with numbered lines or groups. Digits may be the key's own: only for a text in which there is none otherwise.
pub(super) const NUMBERED: &[&[Format]] = &[
    &[NUMBERS],
    &[ESCAPES, NUMBERS],
    &[HTML, NUMBERS],
    &[ESCAPES, HTML, NUMBERS],
    &[RTF, NUMBERS],
    &[LABELS],
    &[ESCAPES, LABELS],
    &[HTML, LABELS],
];

/// Hands on the text in each of these formats that it may be in.
pub(super) fn each_reading(text: &str, readings: &[&[Format]], mut take: impl FnMut(&str)) {
    for formats in readings {
        let mut reading: Option<Zeroizing<String>> = None;
        for format in *formats {
            let before = reading.as_ref().map_or(text, |reading| reading.as_str());
            // Without the trace of this one, another combination fits the text.
            if !(format.is_traced)(before) {
                reading = None;
                break;
            }
            reading = Some((format.read)(before));
        }
        if let Some(reading) = reading {
            take(&reading);
        }
    }
}

/// A text that is being written anew: never longer than it was, so that it never moves and leaves a copy.
fn as_long_as(text: &str) -> Zeroizing<String> {
    Zeroizing::new(String::with_capacity(text.len()))
}

fn is_digit(c: char) -> bool {
    plain(c).is_ascii_digit()
}

/// Returns what is left of a text after so many characters; each of them is ASCII, or the text ends before.
fn after(text: &str, length: usize) -> &str {
    text.get(length..).unwrap_or_default()
}

/// Counts how many of the first characters are such, all of them ASCII, up to a limit.
fn leading(text: &str, limit: usize, is_such: impl Fn(u8) -> bool) -> usize {
    text.bytes().take(limit).take_while(|byte| byte.is_ascii() && is_such(*byte)).count()
}

/// Writes a text anew, with what `read` makes of each part that follows one of these signs.
fn rewritten(text: &str, signs: &[char], read: fn(&mut String, &str)) -> Zeroizing<String> {
    let mut out = as_long_as(text);
    let mut parts = text.split(signs);
    out.push_str(parts.next().unwrap_or_default());
    parts.for_each(|part| read(&mut out, part));
    out
}

fn without_escapes(text: &str) -> Zeroizing<String> {
    rewritten(text, &['\\'], |out, part| {
        let of_digits = |most| 1 + leading(after(part, 1), most, |byte| byte.is_ascii_hexdigit());
        let (from, end, length) = match part.bytes().next() {
            Some(b'u') if part.as_bytes().get(1) == Some(&b'{') => {
                let end = part.find('}').unwrap_or(1);
                (2, end, end + 1)
            }
            Some(b'U') => (1, of_digits(8), of_digits(8)),
            Some(b'u') => (1, of_digits(4), of_digits(4)),
            Some(b'x') => (1, of_digits(2), of_digits(2)),
            Some(b'n' | b'r' | b't' | b'f' | b'b' | b'v') => (0, 0, 1),
            _ => (0, 0, 0),
        };
        // What the escape stands for may be a sign of another format. As UTF-8 it is shorter than the escape.
        let code = part.get(from..end).and_then(|code| u32::from_str_radix(code, 16).ok());
        let sign = code.and_then(char::from_u32).filter(|sign| sign.len_utf8() <= length);
        out.push(sign.unwrap_or(' '));
        out.push_str(after(part, length));
    })
}

fn without_html(text: &str) -> Zeroizing<String> {
    let mut out = as_long_as(text);
    let mut rest = text;
    // Once nothing closes a tag, nothing further on does.
    let mut is_closed = true;
    while let Some((before, markup)) = rest.find(['<', '&']).and_then(|at| rest.split_at_checked(at)) {
        out.push_str(before);
        out.push(' ');
        let length = if markup.starts_with('&') {
            // `&amp;nbsp;` was encoded twice.
            let again = after(markup, 1);
            let again = again.len() - again.trim_start_matches("amp;").len();
            let name =
                leading(after(markup, 1 + again), 32, |byte| byte == b'#' || byte.is_ascii_alphanumeric());
            let is_entity = name > 0 && after(markup, 1 + again + name).starts_with(';');
            1 + again + if is_entity { name + 1 } else { 0 }
        } else {
            let end = if is_closed { markup.find('>') } else { None };
            is_closed = end.is_some();
            end.map_or(1, |end| end + 1)
        };
        rest = after(markup, length);
    }
    out.push_str(rest);
    out
}

/// RTF 1.9.1: `\word`, perhaps with a number, and one space that belongs to it; `\'a0`; `\~` and other signs. After
/// `\u8209` come as many characters for older readers as `\uc` said last, one if it said nothing.
fn without_rtf(text: &str) -> Zeroizing<String> {
    let mut out = as_long_as(text);
    let mut rest = text;
    let mut fallback = 1;
    while let Some((before, control)) = rest.split_once('\\') {
        out.push_str(before);
        out.push(' ');
        let word = leading(control, 32, |byte| byte.is_ascii_alphabetic());
        if word == 0 {
            // A sign by itself; those of two digits are what is between groups as well.
            rest = match control.strip_prefix('\'') {
                Some(code) => after(code, leading(code, 2, |byte| byte.is_ascii_hexdigit())),
                None => after(control, leading(control, 1, |byte| !byte.is_ascii_alphanumeric())),
            };
            continue;
        }
        let (name, parameter) = (control.get(..word).unwrap_or_default(), after(control, word));
        let length = leading(parameter, 12, |byte| byte == b'-' || byte.is_ascii_digit());
        let number = parameter.get(..length).unwrap_or_default();
        rest = after(parameter, length);
        rest = rest.strip_prefix(' ').unwrap_or(rest);
        match name {
            "uc" => fallback = number.parse().unwrap_or(1),
            "u" if !number.is_empty() => rest = after_fallback(rest, fallback),
            _ => {}
        }
    }
    out.push_str(rest);
    out
}

/// Skips the characters for older readers, each of them itself or as `\'3f`.
fn after_fallback(text: &str, characters: u8) -> &str {
    let mut rest = text;
    for _ in 0..characters {
        rest = match rest.strip_prefix(r"\'") {
            Some(code) => after(code, leading(code, 2, |byte| byte.is_ascii_hexdigit())),
            // A group's end comes before what is missing.
            None => rest.strip_prefix(|c: char| !matches!(c, '\\' | '{' | '}')).unwrap_or(rest),
        };
    }
    rest
}

fn without_bbcode(text: &str) -> Zeroizing<String> {
    rewritten(text, &['['], |out, part| {
        out.push(' ');
        out.push_str(part.split_once(']').map_or(part, |(_, after)| after));
    })
}

/// ECMA-48, "Control sequences": parameters, then one letter.
fn without_ansi(text: &str) -> Zeroizing<String> {
    rewritten(text, &[ESCAPE], |out, part| {
        let is_parameter = |byte: u8| byte == b'[' || byte == b';' || byte.is_ascii_digit();
        let rest = after(part, leading(part, 32, is_parameter));
        out.push(' ');
        out.push_str(after(rest, leading(rest, 1, |byte| byte.is_ascii_alphabetic())));
    })
}

fn is_colon(c: char) -> bool {
    plain(c) == ':'
}

fn without_labels(text: &str) -> Zeroizing<String> {
    let mut out = as_long_as(text);
    let mut parts = text.split(is_colon).peekable();
    while let Some(part) = parts.next() {
        let is_before_colon = parts.peek().is_some();
        let without_number = part.trim_end_matches(|c: char| is_digit(c) || c.is_whitespace() || c == '#');
        let unlabelled = without_number.trim_end_matches(|c: char| plain(c).is_ascii_alphanumeric());
        out.push_str(if is_before_colon { unlabelled } else { part });
        if is_before_colon {
            out.push(' ');
        }
    }
    out
}

fn without_hex(text: &str) -> Zeroizing<String> {
    rewritten(text, &['%', '='], |out, part| {
        let digits = leading(part, 2, |byte| byte.is_ascii_hexdigit());
        out.push(' ');
        out.push_str(if digits == 2 { after(part, 2) } else { part });
    })
}

fn without_numbers(text: &str) -> Zeroizing<String> {
    let mut out = as_long_as(text);
    for word in text.split_inclusive(|c: char| !plain(c).is_ascii_alphanumeric()) {
        let digits = word.chars().take_while(|c| is_digit(*c)).count();
        let letters = word.chars().take_while(|c| plain(*c).is_ascii_alphanumeric()).count();
        // A key's group has four characters, so one or two digits are a number.
        let is_number = digits == letters && (1..=2).contains(&digits);
        if is_number {
            out.push(' ');
        } else {
            out.push_str(word);
        }
    }
    out
}
