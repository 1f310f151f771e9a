//! From a file's passphrase to the 64 bytes that its two keys are made of: PBKDF2 with HMAC-SHA-512.

use hmac::Hmac;
use pbkdf2::pbkdf2;
use sha2::Sha512;
use zeroize::Zeroizing;

use crate::domain::secret::Secret;

/// Derives the bytes. `None` never happens: every length is right.
///
/// By the browser where it does so, three times as fast as a program in it can, and beside everything else;
/// browsers do only for pages that came by https.
pub(super) async fn derive(passphrase: &Secret, salt: &[u8; 16], rounds: u32) -> Option<Zeroizing<[u8; 64]>> {
    #[cfg(target_family = "wasm")]
    if let Ok(derived) = by_browser(passphrase, salt, rounds).await {
        return Some(derived);
    }
    let mut derived = Zeroizing::new([0; 64]);
    pbkdf2::<Hmac<Sha512>>(passphrase.expose().as_bytes(), salt, rounds, &mut *derived).ok()?;
    Some(derived)
}

/// The same by WebCrypto.
#[cfg(target_family = "wasm")]
async fn by_browser(
    passphrase: &Secret,
    salt: &[u8; 16],
    rounds: u32,
) -> Result<Zeroizing<[u8; 64]>, wasm_bindgen::JsValue> {
    use js_sys::{Array, ArrayBuffer, Uint8Array, global};
    use wasm_bindgen::{JsCast as _, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{CryptoKey, Pbkdf2Params, WorkerGlobalScope};

    let scope: WorkerGlobalScope = global().unchecked_into();
    let subtle = scope.crypto()?.subtle();
    let text = Uint8Array::from(passphrase.expose().as_bytes());
    let usages = Array::of1(&JsValue::from_str("deriveBits"));
    let key = subtle.import_key_with_str("raw", &text, "PBKDF2", false, &usages);
    let key = JsFuture::from(key?).await;
    text.fill(0, 0, text.length());
    let key: CryptoKey = key?.unchecked_into();
    let parameters =
        Pbkdf2Params::new("PBKDF2", &JsValue::from_str("SHA-512"), rounds, &Uint8Array::from(&salt[..]));
    let bits = JsFuture::from(subtle.derive_bits_with_object(&parameters, &key, 512)?).await?;
    let bits = Uint8Array::new(&bits.unchecked_into::<ArrayBuffer>());
    let mut derived = Zeroizing::new([0; 64]);
    if bits.length() != 64 {
        return Err(JsValue::UNDEFINED);
    }
    bits.copy_to(&mut *derived);
    bits.fill(0, 0, bits.length());
    Ok(derived)
}
