//! The text of a file that a person brings.

use std::char::{REPLACEMENT_CHARACTER, decode_utf16};

use zeroize::Zeroizing;

use super::secret::Secret;

/// A text counts as UTF-16 if at least one in so many of its characters is of ASCII.
const SELDOM: usize = 8;

/// Reads the text of a file: UTF-8 or UTF-16, with or without byte order mark; anything else as Latin-1, in which
/// every byte is a character. The mark, and one line break at the end, are no part of it: editors add both unasked.
pub fn text_of(bytes: &[u8]) -> Secret {
    // A character has at most three bytes for each two of UTF-16, and two for each of Latin-1: it never moves.
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    if let Some(order) = byte_order(bytes) {
        let units = bytes.as_chunks().0.iter().copied().map(order);
        text.extend(decode_utf16(units).map(|c| c.unwrap_or(REPLACEMENT_CHARACTER)));
    } else if let Ok(utf8) = std::str::from_utf8(bytes) {
        text.push_str(utf8);
    } else {
        text.extend(bytes.iter().copied().map(char::from));
    }
    let bare = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let bare = bare.strip_suffix('\n').map_or(bare, |line| line.strip_suffix('\r').unwrap_or(line));
    Secret::from(bare)
}

/// Returns the order of the bytes in a pair, if this is UTF-16. Without a mark it shows by its zeros: every text that people bring
/// has letters of ASCII, and in other encodings zeros are rare, as at the end of a text.
fn byte_order(bytes: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    match bytes {
        [0xff, 0xfe, ..] => return Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] => return Some(u16::from_be_bytes),
        _ => {}
    }
    let zeros = |first: usize| bytes.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    match (zeros(0), zeros(1)) {
        (even, odd) if even.max(odd) * SELDOM < bytes.len() / 2 + 1 => None,
        (even, odd) if even > odd => Some(u16::from_be_bytes),
        _ => Some(u16::from_le_bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn a_file_is_read_in_whatever_encoding_an_editor_saved_it() {
        let text = "Schlüssel: EsTc LW2K\u{a0}🔑";
        for bytes in [
            text.as_bytes().to_vec(),
            ["\u{feff}", text].concat().into_bytes(),
            utf16(text, u16::to_le_bytes),
            utf16(text, u16::to_be_bytes),
            utf16(&["\u{feff}", text].concat(), u16::to_le_bytes),
            utf16(&["\u{feff}", text, "\r\n"].concat(), u16::to_be_bytes),
            [text, "\n"].concat().into_bytes(),
        ] {
            assert_eq!(text_of(&bytes).expose(), text, "{bytes:?}");
        }
    }

    #[test]
    fn what_is_in_no_unicode_encoding_is_read_as_latin_1() {
        for (bytes, text) in [
            (&b"EsTc\xa0LW2K"[..], "EsTc\u{a0}LW2K"),
            (b"gr\xfc\xdfe\r\n", "grüße"),
            (b"two\n\n", "two\n"),
            // A program has written the zero at the end of its text, too.
            (b"EsTc LW2K PGiF wKEA\0", "EsTc LW2K PGiF wKEA\0"),
            (b"\xff\xfeE", ""),
            (b"\xff\xfe\x00\xd8", "\u{fffd}"),
            (b"", ""),
        ] {
            assert_eq!(text_of(bytes).expose(), text, "{bytes:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic_and_a_text_comes_back_from_each_encoding(bytes: Vec<u8>, text in "[\\PC\n]{0,40}") {
            let _ = text_of(&bytes);
            let marked = ["\u{feff}", &text].concat();
            let read = text_of(text.as_bytes());
            for bytes in
                [marked.clone().into_bytes(), utf16(&marked, u16::to_le_bytes), utf16(&marked, u16::to_be_bytes)]
            {
                // A second mark is a character.
                let is_marked = text.starts_with('\u{feff}');
                proptest::prop_assert!(is_marked || text_of(&bytes) == read, "{text:?}");
            }
        }
    }
}
