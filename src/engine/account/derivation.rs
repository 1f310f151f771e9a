//! Derives the bytes of a key from a phrase: PBKDF2 with HMAC-SHA-512, for key files and for secret storage.
//!
//! Source: specification, "Key exports" and "Deriving keys from passphrases".

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};

use hmac::Hmac;
use pbkdf2::pbkdf2;
use sha2::Sha512;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::domain::secret::Secret;

/// The length of a secret storage key, in bytes. The specification lets a description ask for another number of bits.
/// No client does, and the SDK knows only this one.
const KEY_LENGTH: usize = 32;
/// Rounds that may be spent on one entry in all. Honest descriptions ask for 500,000 at the most, and a browser does
/// this many in a few seconds.
pub(in crate::engine) const MOST_ROUNDS: u64 = 10_000_000;
/// Derivations that are remembered: enough for the key that is kept, and for the one before it.
const MOST_REMEMBERED: usize = 4;

/// Composes a phrase before this page makes a key of it: the same letters give the same bytes, whatever they were typed
/// or pasted from. The form is Unicode's "Normalization Form C", which keyboards give.
pub(in crate::engine) fn composed(phrase: &Secret) -> Secret {
    let text = phrase.expose();
    // Composing makes a text at most three times as long; growing would leave copies of the phrase in memory.
    let mut composed = Zeroizing::new(String::with_capacity(3 * text.len()));
    composed.extend(text.nfc());
    Secret::from(composed.as_str())
}

/// Returns a phrase as some systems give it, with each accent a character of its own ("Normalization Form D").
pub(in crate::engine) fn decomposed(phrase: &Secret) -> Secret {
    let text = phrase.expose();
    // A letter takes up to four times as many bytes; growing would leave copies of the phrase in memory.
    let mut decomposed = Zeroizing::new(String::with_capacity(4 * text.len()));
    decomposed.extend(text.nfd());
    Secret::from(decomposed.as_str())
}

/// Derives `N` bytes. `None` never happens: every length is right.
///
/// The browser derives where it can: three times as fast as this program, and without blocking the worker. Browsers
/// offer that only to pages that came by https.
pub(in crate::engine) async fn derive<const N: usize>(
    phrase: &Secret,
    salt: &[u8],
    rounds: u32,
) -> Option<Zeroizing<[u8; N]>> {
    #[cfg(target_family = "wasm")]
    if let Ok(derived) = by_browser(phrase, salt, rounds).await {
        return Some(derived);
    }
    // On a thread of its own, so that other work goes on as in the browser.
    #[cfg(all(feature = "native", not(target_family = "wasm")))]
    if tokio::runtime::Handle::try_current().is_ok() {
        let (phrase, salt) = (phrase.clone(), salt.to_vec());
        return tokio::task::spawn_blocking(move || by_program(&phrase, &salt, rounds)).await.ok()?;
    }
    by_program(phrase, salt, rounds)
}

fn by_program<const N: usize>(phrase: &Secret, salt: &[u8], rounds: u32) -> Option<Zeroizing<[u8; N]>> {
    let mut derived = Zeroizing::new([0; N]);
    pbkdf2::<Hmac<Sha512>>(phrase.expose().as_bytes(), salt, rounds, &mut *derived).ok()?;
    Some(derived)
}

/// Derives the same bytes by WebCrypto.
#[cfg(target_family = "wasm")]
async fn by_browser<const N: usize>(
    phrase: &Secret,
    salt: &[u8],
    rounds: u32,
) -> Result<Zeroizing<[u8; N]>, wasm_bindgen::JsValue> {
    use js_sys::{Array, ArrayBuffer, Uint8Array, global};
    use wasm_bindgen::{JsCast as _, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{CryptoKey, Pbkdf2Params, WorkerGlobalScope};

    let scope: WorkerGlobalScope = global().unchecked_into();
    let subtle = scope.crypto()?.subtle();
    let text = Uint8Array::from(phrase.expose().as_bytes());
    let usages = Array::of1(&JsValue::from_str("deriveBits"));
    let key = subtle.import_key_with_str("raw", &text, "PBKDF2", false, &usages);
    let key = JsFuture::from(key?).await;
    text.fill(0, 0, text.length());
    let key: CryptoKey = key?.unchecked_into();
    let parameters =
        Pbkdf2Params::new("PBKDF2", &JsValue::from_str("SHA-512"), rounds, &Uint8Array::from(salt));
    let bits = u32::try_from(N * 8).map_err(|_| JsValue::UNDEFINED)?;
    let bits = JsFuture::from(subtle.derive_bits_with_object(&parameters, &key, bits)?).await?;
    let bits = Uint8Array::new(&bits.unchecked_into::<ArrayBuffer>());
    let mut derived = Zeroizing::new([0; N]);
    if bits.length() as usize != N {
        return Err(JsValue::UNDEFINED);
    }
    bits.copy_to(&mut *derived);
    bits.fill(0, 0, bits.length());
    Ok(derived)
}

/// The secret storage keys to which phrases led in this visit: the stranger's tests need not derive the same phrase
/// again. Wiped when dropped.
#[derive(Default)]
pub(in crate::engine) struct Derivations(RefCell<VecDeque<Derived>>);

struct Derived {
    phrase: Secret,
    salt: String,
    rounds: u32,
    key: Zeroizing<[u8; KEY_LENGTH]>,
}

impl Derivations {
    fn find(&self, phrase: &Secret, salt: &str, rounds: u32) -> Option<Zeroizing<[u8; KEY_LENGTH]>> {
        let remembered = self.0.borrow();
        let is_same = |made: &&Derived| made.rounds == rounds && made.salt == salt && made.phrase == *phrase;
        remembered.iter().find(is_same).map(|made| made.key.clone())
    }

    /// Remembers a key that a phrase was seen to lead to.
    pub(in crate::engine) fn remember(
        &self,
        phrase: &Secret,
        salt: &str,
        rounds: u32,
        key: &Zeroizing<[u8; KEY_LENGTH]>,
    ) {
        if self.find(phrase, salt, rounds).is_some() {
            return;
        }
        let mut remembered = self.0.borrow_mut();
        if remembered.len() == MOST_REMEMBERED {
            remembered.pop_front();
        }
        remembered.push_back(Derived {
            phrase: phrase.clone(),
            salt: salt.to_owned(),
            rounds,
            key: key.clone(),
        });
    }
}

/// The rounds that may be spent on one entry, however many descriptions it is tried on. A server can show any number of
/// descriptions, each with more rounds than a browser gets through.
pub(in crate::engine) struct Budget<'a> {
    rounds: Cell<u64>,
    has_refused: Cell<bool>,
    derivations: &'a Derivations,
}

impl<'a> Budget<'a> {
    /// Makes a budget of [`MOST_ROUNDS`]. A derivation that is remembered costs nothing.
    pub(in crate::engine) fn new(derivations: &'a Derivations) -> Self {
        Self { rounds: Cell::new(MOST_ROUNDS), has_refused: Cell::new(false), derivations }
    }

    /// Derives a secret storage key; `None` if `rounds` is zero, or more than are left.
    pub(in crate::engine) async fn derive(
        &self,
        phrase: &Secret,
        salt: &str,
        rounds: u64,
    ) -> Option<Zeroizing<[u8; KEY_LENGTH]>> {
        let count = u32::try_from(rounds).ok().filter(|count| *count > 0)?;
        if let Some(key) = self.derivations.find(phrase, salt, count) {
            return Some(key);
        }
        let Some(left) = self.rounds.get().checked_sub(rounds) else {
            self.has_refused.set(true);
            return None;
        };
        self.rounds.set(left);
        derive(phrase, salt.as_bytes(), count).await
    }

    /// Remembers a derived key that was seen to open its description.
    pub(in crate::engine) fn opened(
        &self,
        phrase: &Secret,
        salt: &str,
        rounds: u64,
        key: &Zeroizing<[u8; KEY_LENGTH]>,
    ) {
        if let Ok(rounds) = u32::try_from(rounds) {
            self.derivations.remember(phrase, salt, rounds, key);
        }
    }

    /// The rounds that are left.
    #[cfg(test)]
    pub(in crate::engine) fn left(&self) -> u64 {
        self.rounds.get()
    }

    /// Tells whether a derivation was refused because too few rounds were left.
    pub(in crate::engine) fn has_refused(&self) -> bool {
        self.has_refused.get()
    }
}

#[cfg(test)]
#[cfg(feature = "native")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_tries_of_one_entry_share_one_budget() {
        let (phrase, derivations) = (Secret::from("glass otter"), Derivations::default());
        let budget = Budget::new(&derivations);
        for (rounds, is_derived, has_refused) in [
            (0, false, false),
            (10, true, false),
            (u64::from(u32::MAX) + 1, false, false),
            (MOST_ROUNDS, false, true),
            (20, true, true),
            (MOST_ROUNDS - 29, false, true),
        ] {
            assert_eq!(budget.derive(&phrase, "salt", rounds).await.is_some(), is_derived, "{rounds}");
            assert_eq!(budget.has_refused(), has_refused, "{rounds}");
        }
        assert_eq!(budget.left(), MOST_ROUNDS - 30);
    }

    #[tokio::test]
    async fn what_was_derived_is_used_again_for_the_same_phrase_salt_and_rounds_only() {
        let (phrase, derivations) = (Secret::from("glass otter"), Derivations::default());
        let key = derive(&phrase, b"salt", 10).await.unwrap();
        derivations.remember(&phrase, "salt", 10, &key);
        let budget = Budget::new(&derivations);
        assert_eq!(budget.derive(&phrase, "salt", 10).await, Some(key.clone()));
        assert_eq!(budget.left(), MOST_ROUNDS, "costs nothing");
        for (phrase, salt, rounds) in
            [("glass otter ", "salt", 10), ("glass otter", "salt ", 10), ("glass otter", "salt", 11)]
        {
            let left = budget.left();
            let other = budget.derive(&Secret::from(phrase), salt, rounds).await;
            assert!(other.is_some_and(|other| other != key), "{phrase} {salt} {rounds}");
            assert_eq!(budget.left(), left - rounds);
        }
        for number in 0..10 {
            derivations.remember(&phrase, &number.to_string(), 10, &key);
        }
        assert_eq!(derivations.0.borrow().len(), MOST_REMEMBERED);
    }
}
