//! The lines around the base64 of an exported file, wherever they stand in a text.
//!
//! Source: specification, "Key exports".

use zeroize::Zeroizing;

/// The words of the first line, and those of the last but its first word.
pub(super) const WORDS: [&str; 4] = ["BEGIN", "MEGOLM", "SESSION", "DATA"];
pub(super) const END: &str = "END";

/// The words of a text with where each ends: whatever separates them (quoting, no-break spaces, line breaks) is
/// passed over.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut end = 0;
    text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).filter_map(move |piece| {
        end += piece.len();
        let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        (!word.is_empty()).then_some((end - (piece.len() - word.len()), word))
    })
}

/// Finds each first line (`true`) and each last line, from its first word to its last.
fn lines(text: &str) -> impl Iterator<Item = (bool, usize, usize)> {
    let mut come = (false, 0, 0);
    words(text).filter_map(move |(end, word)| {
        let (is_first, begins, next) = come;
        come = match word {
            _ if next > 0 && WORDS.get(next) == Some(&word) => (is_first, begins, next + 1),
            _ if word == END || WORDS.first() == Some(&word) => (word != END, end - word.len(), 1),
            _ => (false, 0, 0),
        };
        (come.2 == WORDS.len()).then_some((come.0, come.1, end))
    })
}

/// Tells whether there is an exported file in a text, or the beginning of one.
pub fn is_in(text: &str) -> bool {
    lines(text).any(|(is_first, ..)| is_first)
}

/// Returns what of a text is in no exported file: a run of base64 is not for those who look for something else.
pub fn outside(text: &str) -> Zeroizing<String> {
    let mut outside = Zeroizing::new(String::with_capacity(text.len()));
    let (mut from, mut is_within) = (0, false);
    for (is_first, begins, ends) in lines(text) {
        match (is_first, is_within) {
            (true, false) => outside.push_str(text.get(from..begins).unwrap_or_default()),
            (false, true) => from = ends,
            // A last line without a first one, and a first line in a file that breaks off.
            (false, false) | (true, true) => continue,
        }
        is_within = is_first;
    }
    if !is_within {
        outside.push_str(text.get(from..).unwrap_or_default());
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "-----BEGIN MEGOLM SESSION DATA-----\nAQID\n-----END MEGOLM SESSION DATA-----\n";

    #[test]
    fn a_file_is_found_in_a_text_however_it_is_quoted() {
        for (text, found, outside_it) in [
            (FILE.to_owned(), true, "-----|-----\n"),
            (format!("one {FILE}two {FILE}three"), true, "one -----|-----\ntwo -----|-----\nthree"),
            (FILE.replace('\n', "\n> ").replace(' ', "\u{a0}"), true, "-----|-----\n>\u{a0}"),
            ("a BEGIN MEGOLM SESSION DATA b".into(), true, "a |"),
            ("a END MEGOLM SESSION DATA b".into(), false, "a END MEGOLM SESSION DATA b"),
            ("BEGIN MEGOLM SESSION".into(), false, "BEGIN MEGOLM SESSION"),
            ("the BEGIN of MEGOLM SESSION DATA".into(), false, "the BEGIN of MEGOLM SESSION DATA"),
            (String::new(), false, ""),
        ] {
            assert_eq!(is_in(&text), found, "{text}");
            assert_eq!(*outside(&text), outside_it.replace('|', ""), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_gains_anything(text in "(BEGIN|END|MEGOLM|SESSION|DATA|-| |\n|\\PC){0,40}") {
            let outside = outside(&text);
            let mut all = text.chars();
            proptest::prop_assert!(outside.chars().all(|c| all.any(|other| other == c)));
            proptest::prop_assert!(is_in(&text) || *outside == text);
        }
    }
}
