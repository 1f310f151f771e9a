//! The sheet with the recovery key and its QR code, as it is kept on paper.

use std::fmt::Write as _;

use fast_qr::{ECL, QRBuilder, QRCode};
use zeroize::Zeroizing;

use crate::{
    domain::{kit::Kit, problem::Problem, secret::Secret},
    engine::{
        account::{account_data::AccountData, kept::Kept},
        net::homeserver::Homeserver,
    },
};

/// The capacity of an outline in bytes. The largest code of a key needs less, so that the text need not grow and leave
/// copies.
const OUTLINE: usize = 16 * 1024;

/// Makes the sheet of a key.
///
/// The code holds the key without its spaces, which every client accepts, pasted or typed. Whatever breaks lines or
/// trims them between a camera and a text field cannot change it. A quarter of the code may be dirty or folded.
pub(in crate::engine) fn kit(recovery_key: Secret, key_id: &str) -> Kit {
    let text: Zeroizing<Vec<u8>> =
        Zeroizing::new(recovery_key.expose().bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
    // A code exists for every text of this length; without one the page would show the key alone.
    let code = QRBuilder::new(text.as_slice()).ecl(ECL::Q).build().ok();
    let code = code.and_then(|code| Some((outline(&code), u8::try_from(code.size).ok()?)));
    let (qr, qr_modules) = code.unwrap_or_default();
    Kit { recovery_key, key_id: key_id.to_owned(), qr, qr_modules }
}

/// Draws the dark modules as an SVG path: each row's runs as rectangles.
fn outline(code: &QRCode) -> Secret {
    let mut path = String::with_capacity(OUTLINE);
    for y in 0..code.size {
        let is_dark = |x: usize| code[y].get(x).is_some_and(|module| module.value());
        let mut x = 0;
        while x < code.size {
            let run = (x..code.size).take_while(|x| is_dark(*x)).count();
            if run > 0 {
                // Writing to a string cannot fail.
                let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    Secret::new(path)
}

/// Carries out [`Command::ShowKit`](crate::protocol::messages::Command::ShowKit): returns the sheet of the key that
/// this visit made or opened, if it is the default key now. `made` is the sheet of a key that was made.
///
/// # Errors
/// [`Problem::OutOfOrder`] if there is none; the request's problem.
pub(in crate::engine) async fn show(
    server: &Homeserver,
    made: Option<Kit>,
    kept: Option<&Kept>,
) -> Result<Kit, Problem> {
    let data = AccountData::read(server).await?;
    // Not from the storage that was opened last, which a fresh backup takes out of the keyring.
    let kept = kept.map(|kept| kit(kept.recovery_key.clone(), &kept.key_id));
    let is_default = |kit: &Kit| data.default_key() == Some(kit.key_id.as_str());
    [made, kept].into_iter().flatten().find(is_default).ok_or(Problem::out_of_order())
}

#[cfg(test)]
mod tests {
    use matrix_sdk_crypto::secret_storage::SecretStorageKey;

    use super::*;

    /// Fills the path's rectangles as a browser does, and reads the code with another library.
    fn read(kit: &Kit) -> String {
        let size = usize::from(kit.qr_modules);
        let mut dark = vec![vec![false; size]; size];
        for rectangle in kit.qr.expose().split('z').filter(|rectangle| !rectangle.is_empty()) {
            let numbers: Vec<usize> = rectangle
                .split(|c: char| !c.is_ascii_digit())
                .filter(|number| !number.is_empty())
                .map(|number| number.parse().unwrap())
                .collect();
            let [x, y, run, 1, back] = numbers[..] else { panic!("{rectangle}") };
            assert_eq!((rectangle, run), (format!("M{x} {y}h{run}v1h-{run}").as_str(), back));
            dark[y][x..x + run].fill(true);
        }
        // Four modules of quiet zone, and each module three pixels wide.
        let pixels = (size + 8) * 3;
        let module = |at: usize| (at / 3).checked_sub(4);
        let is_dark = |x, y| {
            let row = module(y).and_then(|y| dark.get(y));
            module(x).and_then(|x| row?.get(x)).copied().unwrap_or(false)
        };
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(
                pixels,
                pixels,
                |x, y| {
                    if is_dark(x, y) { 0 } else { 255 }
                },
            );
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    #[test]
    fn another_program_reads_the_key_from_the_code() {
        for _ in 0..20 {
            let key = SecretStorageKey::new();
            let text = key.to_base58();
            let kit = kit(Secret::from(text.as_str()), key.key_id());
            assert_eq!(kit.qr_modules, 37);
            assert!(kit.qr.expose().len() <= OUTLINE);
            assert_eq!(read(&kit), text.replace(' ', ""));
            assert_eq!((kit.recovery_key.expose(), kit.key_id.as_str()), (text.as_str(), key.key_id()));
        }
    }

    #[test]
    fn the_code_is_as_secret_as_the_key() {
        let kit = kit(Secret::from("EsTc LW2K PGiF wKEA"), "id");
        assert!(kit.qr.expose().starts_with("M0 0h7v1h-7z"));
        let shown = format!("{kit:?}");
        assert!(!shown.contains("EsTc") && !shown.contains("h7"), "{shown}");
    }
}
