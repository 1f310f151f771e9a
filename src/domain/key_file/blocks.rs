//! The base64 of exported files, taken out of a text as it comes in.
//!
//! One text may hold several exports, and may have been through an editor or a mail program: UTF-16, quoted lines,
//! no-break spaces, dashes that became long ones, no line break at the end.
//!
//! Source: specification, "Key exports".

use super::{
    KeyFileError,
    armour::{END, WORDS},
};

/// The last place at which the first line may begin, in bytes. Text before it is skipped, as other clients do.
pub const LATEST_BEGIN: usize = 16 * 1024;
/// The length of the first line up to the byte after its last word.
const FIRST_LINE: usize = "-----BEGIN MEGOLM SESSION DATA-".len();
/// The number of dashes before and after the words of a line.
const DASHES: usize = 5;
/// The longest of the words.
const LONGEST_WORD: usize = 7;

/// A text that is not complete yet.
#[derive(Default)]
pub struct Blocks {
    place: Place,
    word: Word,
    /// Number of the line's words that have come.
    words: usize,
    /// Number of bytes that have come before the first line.
    passed: usize,
    /// Set if one export is complete.
    has_one: bool,
}

/// A byte's part in an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A character of base64, without padding.
    Letter(u8),
    /// The end of one export.
    End,
}

/// The part of the text that comes next.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    /// A first line, or anything else.
    #[default]
    Outside,
    /// The dashes after the words of the first line, of which so many have come.
    Opening(usize),
    /// Base64 in lines of any length.
    Body { is_line_start: bool },
    /// A sign of three bytes in UTF-8 between the base64, of which so many have come: a dash, or one that nobody sees.
    Sign { come: u8, is_line_start: bool, is_padded: bool },
    /// Padding, after which only the last line may come.
    Padding { is_line_start: bool },
    /// The words of the last line.
    Ending,
    /// The dashes after them, of which so many have come.
    Closing(usize),
}

impl Blocks {
    /// Takes the next byte.
    ///
    /// # Errors
    /// [`KeyFileError::NotAnExport`] if none has begun in time, and [`KeyFileError::Damaged`] for what no export has.
    pub fn take(&mut self, byte: u8) -> Result<Option<Part>, KeyFileError> {
        // UTF-16 has one beside each character of ours.
        if byte == 0 {
            return Ok(None);
        }
        match self.place {
            Place::Outside => self.look(byte)?,
            Place::Opening(come) if is_dash(byte) => self.place = Place::Opening(come + 1),
            Place::Opening(..DASHES) => {
                self.place = Place::Outside;
                self.look(byte)?;
            }
            Place::Opening(_) => return self.read(byte, true, false),
            Place::Body { is_line_start } => return self.read(byte, is_line_start, false),
            Place::Padding { is_line_start } => return self.read(byte, is_line_start, true),
            Place::Sign { come: 1, is_line_start, is_padded } => {
                self.place = Place::Sign { come: 2, is_line_start, is_padded };
            }
            Place::Sign { is_line_start, is_padded, .. } => {
                self.place = if is_dash(byte) { Place::Ending } else { within(is_line_start, is_padded) };
            }
            Place::Ending => self.end(byte)?,
            Place::Closing(come) => return self.close(byte, come),
        }
        Ok(None)
    }

    /// Checks that all that has come is whole.
    ///
    /// # Errors
    /// [`KeyFileError::NotAnExport`] if nothing has begun, and [`KeyFileError::Damaged`] if something breaks off.
    pub fn finish(&self) -> Result<(), KeyFileError> {
        match self.place {
            Place::Outside | Place::Opening(..DASHES) if self.has_one => Ok(()),
            Place::Outside | Place::Opening(..DASHES) => Err(KeyFileError::NotAnExport),
            _ => Err(KeyFileError::Damaged),
        }
    }

    /// Looks for the words of a first line.
    fn look(&mut self, byte: u8) -> Result<(), KeyFileError> {
        self.passed = self.passed.saturating_add(1);
        if let Some(word) = self.word.take(byte) {
            let is_next = |at: usize| WORDS.get(at).is_some_and(|next| word.is(next));
            self.words = match self.words {
                at if is_next(at) => at + 1,
                _ if is_next(0) => 1,
                _ => 0,
            };
        }
        if self.words == WORDS.len() {
            self.words = 0;
            self.place = Place::Opening(usize::from(is_dash(byte)));
        }
        let is_late = self.passed > LATEST_BEGIN + FIRST_LINE;
        if is_late && !self.has_one { Err(KeyFileError::NotAnExport) } else { Ok(()) }
    }

    /// Reads base64, or what may stand between it.
    fn read(&mut self, byte: u8, is_line_start: bool, is_padded: bool) -> Result<Option<Part>, KeyFileError> {
        let stay = |is_line_start| within(is_line_start, is_padded);
        self.place = match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if !is_padded => {
                self.place = stay(false);
                return Ok(Some(Part::Letter(byte)));
            }
            b'=' => Place::Padding { is_line_start: false },
            b'\r' | b'\n' => stay(true),
            // A no-break space in whatever encoding, a soft hyphen, a byte order mark.
            b' ' | b'\t' | 0xc2 | 0xa0 | 0xad | 0xef | 0xbb | 0xbf => stay(is_line_start),
            0xe2 => Place::Sign { come: 1, is_line_start, is_padded },
            b'>' if is_line_start => stay(true),
            byte if is_dash(byte) => Place::Ending,
            _ => return Err(KeyFileError::Damaged),
        };
        Ok(None)
    }

    /// Reads the words of the last line: nothing else may come any more.
    fn end(&mut self, byte: u8) -> Result<(), KeyFileError> {
        if let Some(word) = self.word.take(byte) {
            let next = if self.words == 0 { Some(&END) } else { WORDS.get(self.words) };
            if next.is_none_or(|next| !word.is(next)) {
                return Err(KeyFileError::Damaged);
            }
            self.words += 1;
        }
        if self.words == WORDS.len() {
            self.words = 0;
            self.place = Place::Closing(usize::from(is_dash(byte)));
        }
        Ok(())
    }

    /// Counts the last dashes.
    fn close(&mut self, byte: u8, come: usize) -> Result<Option<Part>, KeyFileError> {
        if !is_dash(byte) {
            return Err(KeyFileError::Damaged);
        }
        if come + 1 < DASHES {
            self.place = Place::Closing(come + 1);
            return Ok(None);
        }
        self.place = Place::Outside;
        self.has_one = true;
        Ok(Some(Part::End))
    }
}

/// The place in the base64, or after it.
fn within(is_line_start: bool, is_padded: bool) -> Place {
    if is_padded { Place::Padding { is_line_start } } else { Place::Body { is_line_start } }
}

/// A word as it comes in.
#[derive(Clone, Copy, Default)]
struct Word {
    text: [u8; LONGEST_WORD],
    length: usize,
}

impl Word {
    /// Takes the next byte; the word that it ends, if it ends one.
    fn take(&mut self, byte: u8) -> Option<Self> {
        if byte.is_ascii_alphanumeric() {
            if let Some(place) = self.text.get_mut(self.length) {
                *place = byte;
            }
            self.length = self.length.saturating_add(1);
            return None;
        }
        let ended = std::mem::take(self);
        (ended.length > 0).then_some(ended)
    }

    fn is(&self, word: &str) -> bool {
        self.text.get(..self.length) == Some(word.as_bytes())
    }
}

/// A dash, or a part of a long one in UTF-8, which editors make of two: `E2 80 93` and `E2 80 94`.
fn is_dash(byte: u8) -> bool {
    matches!(byte, b'-' | 0xe2 | 0x80 | 0x93 | 0x94)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "-----BEGIN MEGOLM SESSION DATA-----\nAQID\nBAUG\n-----END MEGOLM SESSION DATA-----";

    fn blocks(text: &[u8]) -> Result<Vec<String>, KeyFileError> {
        let (mut blocks, mut found, mut letters) = (Blocks::default(), Vec::new(), String::new());
        for byte in text {
            match blocks.take(*byte)? {
                Some(Part::Letter(letter)) => letters.push(char::from(letter)),
                Some(Part::End) => found.push(std::mem::take(&mut letters)),
                None => {}
            }
        }
        blocks.finish().map(|()| found)
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn every_export_in_a_text_is_read_however_it_was_passed_on() {
        let other = ONE.replace("AQID\nBAUG", "BwgJ");
        let marked = ["\u{feff}", ONE, "\r\n"].concat();
        for (text, found) in [
            (ONE.as_bytes().to_vec(), &["AQIDBAUG"][..]),
            ([ONE, "\n", &other, "\n"].concat().into(), &["AQIDBAUG", "BwgJ"]),
            ([ONE, &other].concat().into(), &["AQIDBAUG", "BwgJ"]),
            (
                ["Monday\n", ONE, "\nTuesday, the BEGIN of it\n", &other, "\nlove"].concat().into(),
                &["AQIDBAUG", "BwgJ"],
            ),
            (["> ", &ONE.replace('\n', "\n> ")].concat().into(), &["AQIDBAUG"]),
            ([">> ", &ONE.replace('\n', "\r\n> > ")].concat().into(), &["AQIDBAUG"]),
            (ONE.replace('\n', "\u{a0}\n").into(), &["AQIDBAUG"]),
            (ONE.replace(' ', "\u{a0}").into(), &["AQIDBAUG"]),
            (ONE.replace('\n', "\t \n\n").into(), &["AQIDBAUG"]),
            (ONE.replace("D\n", "D\u{200b}\u{ad}\n\u{202f}\u{feff}").into(), &["AQIDBAUG"]),
            (ONE.replace("BAUG", "BAU =\n=").into(), &["AQIDBAU"]),
            (ONE.replace('\n', "").into(), &["AQIDBAUG"]),
            (ONE.replace("--", "—").into(), &["AQIDBAUG"]),
            (ONE.replace("--", "–").into(), &["AQIDBAUG"]),
            (marked.clone().into(), &["AQIDBAUG"]),
            (utf16(&marked, u16::to_le_bytes), &["AQIDBAUG"]),
            (utf16(&marked, u16::to_be_bytes), &["AQIDBAUG"]),
        ] {
            let found = found.iter().map(|letters| (*letters).to_owned()).collect();
            assert_eq!(blocks(&text), Ok(found), "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn what_is_no_export_or_breaks_off_is_told_apart() {
        let begin = ONE.find('\n').unwrap();
        for length in 0..ONE.len() {
            let error = if length < begin { KeyFileError::NotAnExport } else { KeyFileError::Damaged };
            assert_eq!(blocks(&ONE.as_bytes()[..length]), Err(error), "{length}");
        }
        for (text, error) in [
            (String::new(), KeyFileError::NotAnExport),
            (ONE.replace("BEGIN", "BEGINNING"), KeyFileError::NotAnExport),
            (ONE.replace("BEGIN ", ""), KeyFileError::NotAnExport),
            ("-----BEGIN PGP MESSAGE-----".into(), KeyFileError::NotAnExport),
            ("\0".repeat(40_000), KeyFileError::NotAnExport),
            (ONE.replace("AQID", "AQ!D"), KeyFileError::Damaged),
            (ONE.replace("AQID", "AQ=D"), KeyFileError::Damaged),
            (ONE.replace("AQID", "AQ>D"), KeyFileError::Damaged),
            (ONE.replace("AQID", "AQ-D"), KeyFileError::Damaged),
            (ONE.replace("END MEGOLM", "END"), KeyFileError::Damaged),
            ([ONE, "\n", &ONE[..60]].concat(), KeyFileError::Damaged),
        ] {
            assert_eq!(blocks(text.as_bytes()), Err(error), "{text}");
        }
    }

    #[test]
    fn the_first_export_begins_within_sixteen_kilobytes_and_the_next_anywhere() {
        for (before, found) in [(LATEST_BEGIN, Ok(1)), (LATEST_BEGIN + 1, Err(KeyFileError::NotAnExport))] {
            let text = [" ".repeat(before).as_str(), ONE].concat();
            assert_eq!(blocks(text.as_bytes()).map(|found| found.len()), found, "{before}");
        }
        let text = [ONE, &"love ".repeat(10_000), ONE].concat();
        assert_eq!(blocks(text.as_bytes()).map(|found| found.len()), Ok(2));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic_and_quoting_changes_no_export(
            bytes: Vec<u8>, exports in proptest::collection::vec("[A-Za-z0-9+/]{1,20}(\n[A-Za-z0-9+/]{1,20}){0,3}", 1..4)
        ) {
            let _ = blocks(&bytes);
            let text: String = exports.iter().map(|text| ONE.replace("AQID\nBAUG", text) + "\n").collect();
            let letters: Vec<_> = exports.iter().map(|text| text.replace('\n', "")).collect();
            proptest::prop_assert_eq!(blocks(text.as_bytes()), Ok(letters.clone()));
            proptest::prop_assert_eq!(blocks(text.replace('\n', "\u{a0}\r\n> ").as_bytes()), Ok(letters));
        }
    }
}
