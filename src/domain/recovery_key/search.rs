//! Finding the recovery keys in a text.
//!
//! Only the characters of base58 count. Their runs are put one after the other, and a key is any 48 of them that begin
//! where a run begins and end where one ends. Three bytes of 35 are known beforehand (prefix and parity), so that no
//! other text is taken for a key by chance.

use zeroize::Zeroizing;

use super::{LENGTH, RecoveryKey, is_base58, plain, wrapping};

/// Every key begins so, whatever its bytes.
const FIRST: &[u8] = b"Es";
/// How many keys are told apart: more than two are as many too many as two.
const MOST: usize = 2;

/// The keys in a text, each once, in the order in which they are found; at most two.
pub(super) fn keys(text: &str) -> Vec<RecoveryKey> {
    let mut found = Vec::with_capacity(MOST);
    find(text, &mut found);
    wrapping::each_reading(text, |reading| find(reading, &mut found));
    found
}

fn find(text: &str, found: &mut Vec<RecoveryKey>) {
    // As long as the text at most, so that it never moves and leaves a copy.
    let mut letters = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut bounds = Vec::new();
    let mut is_within = false;
    for c in text.chars().map(plain) {
        let letter = u8::try_from(c).ok().filter(|_| is_base58(c));
        if letter.is_some() && !is_within {
            bounds.push(letters.len());
        }
        is_within = letter.is_some();
        letters.extend(letter);
    }
    bounds.push(letters.len());
    for start in &bounds {
        let end = start + LENGTH;
        let Some(run) = letters.get(*start..end) else { break };
        if run.starts_with(FIRST)
            && bounds.binary_search(&end).is_ok()
            && let Some(key) = RecoveryKey::decode(run)
            && found.len() < MOST
            && !found.contains(&key)
        {
            found.push(key);
        }
    }
}
