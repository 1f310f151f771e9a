//! Finding the recovery keys in a text.
//!
//! Only the characters of base58 count. Their runs are put one after the other, and a key is any 48 of them that begin
//! where a run begins and end where one ends. Three bytes of 35 are known beforehand (prefix and parity), so that other
//! texts are hardly ever taken for a key by chance.

use zeroize::Zeroizing;

use super::{LENGTH, RecoveryKey, is_base58, plain, wrapping};

/// Every key begins so, whatever its bytes.
const FIRST: &[u8] = b"Es";
/// The most keys that are told apart: one more than the page can take.
const MOST: usize = 2;
/// Number of characters that apps put into one group.
pub(super) const GROUP: usize = 4;
/// The least number of characters of a word that is glued to a key. Fields of one line drop line breaks, and so join
/// the last word of one line to the first group of the next. Fewer are a mistake in typing.
const SHORTEST_WORD: usize = 3;

/// A key that was found.
struct FoundKey {
    key: RecoveryKey,
    /// Set if all its groups are of one length, as apps write it. Letters of some format among them make it uneven, and
    /// then it may be a key by chance: one in 256 such texts has right parity.
    is_even: bool,
}

/// The keys in a text, each once, in the order in which they are found; at most two.
pub(super) fn keys(text: &str) -> Vec<RecoveryKey> {
    let mut found = Vec::with_capacity(MOST);
    // Formats are tried only on what is outside a key: half a key and what follows it might be another by chance.
    for piece in find(text, &mut found) {
        wrapping::each_reading(piece, wrapping::FORMATS, |reading| drop(find(reading, &mut found)));
    }
    if found.is_empty() {
        wrapping::each_reading(text, wrapping::NUMBERED, |reading| drop(find(reading, &mut found)));
    }
    if found.iter().any(|found| !found.is_even) {
        drop_what_markup_made(text, &mut found);
    }
    found.into_iter().map(|found| found.key).collect()
}

/// The same in a text that is in no format.
pub(super) fn plain_keys(text: &str) -> Vec<RecoveryKey> {
    let mut found = Vec::with_capacity(MOST);
    find(text, &mut found);
    found.into_iter().map(|found| found.key).collect()
}

/// Drops each uneven key that is not there once the markup of a format is gone, if an even one is there then.
fn drop_what_markup_made(text: &str, found: &mut Vec<FoundKey>) {
    wrapping::each_reading(text, wrapping::FORMATS, |reading| {
        let mut read = Vec::with_capacity(MOST);
        find(reading, &mut read);
        if read.iter().any(|key| key.is_even) {
            found.retain(|one| one.is_even || read.iter().any(|other| other.key == one.key));
            read.into_iter().filter(|key| key.is_even).for_each(|key| add(key, found));
        }
    });
}

/// Adds a key that was not found before, unless there are enough.
fn add(key: FoundKey, found: &mut Vec<FoundKey>) {
    if found.len() < MOST && found.iter().all(|other| other.key != key.key) {
        found.push(key);
    }
}

/// Adds the keys in a text to those that were found, and tells what of the text is in none.
fn find<'a>(text: &'a str, found: &mut Vec<FoundKey>) -> Vec<&'a str> {
    let Runs { letters, places, starts, ends } = Runs::of(text);
    let (mut pieces, mut from, mut free) = (Vec::new(), 0, 0);
    for start in starts {
        let end = start + LENGTH;
        let Some(run) = letters.get(start..end) else { continue };
        let is_whole = start >= free && run.starts_with(FIRST) && ends.binary_search(&end).is_ok();
        let Some(key) = is_whole.then(|| RecoveryKey::decode(run)).flatten() else { continue };
        if let (Some(first), Some(last)) = (places.get(start), places.get(end - 1)) {
            pieces.extend(text.get(from..*first));
            from = text.ceil_char_boundary(last + 1);
        }
        free = end;
        let is_even = places.get(start..end).is_some_and(is_even);
        add(FoundKey { key, is_even }, found);
    }
    pieces.extend(text.get(from..));
    pieces
}

/// Tells whether characters at these places are in groups of one length.
fn is_even(places: &[usize]) -> bool {
    let mut groups = places.chunk_by(|place, next| place + 1 == *next).map(<[usize]>::len);
    let first = groups.next();
    groups.all(|length| Some(length) == first)
}

/// The characters of base58 in a text, without what is between them.
struct Runs {
    letters: Zeroizing<Vec<u8>>,
    /// Place of each in the text.
    places: Vec<usize>,
    /// Places at which a key may begin, in ascending order.
    starts: Vec<usize>,
    /// Places at which one may end, in ascending order.
    ends: Vec<usize>,
}

impl Runs {
    fn of(text: &str) -> Self {
        // As long as the text at most, so that it never moves and leaves a copy.
        let letters = Zeroizing::new(Vec::with_capacity(text.len()));
        let mut runs = Self { letters, places: Vec::new(), starts: Vec::new(), ends: Vec::new() };
        let mut start = 0;
        for (place, c) in text.char_indices().map(|(place, c)| (place, plain(c))) {
            match u8::try_from(c) {
                Ok(letter) if is_base58(c) => {
                    runs.letters.push(letter);
                    runs.places.push(place);
                }
                _ => start = runs.end(start),
            }
        }
        runs.end(start);
        runs
    }

    /// Ends a run, and says where the next begins.
    fn end(&mut self, start: usize) -> usize {
        let end = self.letters.len();
        let length = end - start;
        if length == 0 {
            return end;
        }
        self.starts.push(start);
        // After a word: the key in one group, or its first group of four. The groups that follow are runs of their own.
        for glued in [LENGTH, GROUP] {
            if length >= glued + SHORTEST_WORD {
                self.starts.push(end - glued);
            }
        }
        // Before a word: its last group. In one group it could as well be a key with too many characters.
        if length >= GROUP + SHORTEST_WORD {
            self.ends.push(start + GROUP);
        }
        self.ends.push(end);
        end
    }
}
