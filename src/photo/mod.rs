//! Reads the recovery key from a photo of the printed kit, which has it as a QR code.
//!
//! This is a program of its own (`src/bin/photo.rs`), in a worker that is started for one photo and ended with its answer.
//! Whatever a picture does to the reader of codes therefore ends neither the page nor the engine.

mod no_key;

#[cfg(test)]
mod tests;

use rqrr::PreparedImage;
use zeroize::Zeroizing;

use crate::domain::{file_text::text_of, no_key::NoKey, recovery_key::RecoveryKey, secret::Secret};

/// Number of bytes that a pixel has: red, green, blue and opacity.
const PIXEL: usize = 4;
/// Sizes at which a photo is looked at, as divisors. Noise and blur that hide a code may be gone at half its size.
const SIZES: [usize; 3] = [1, 2, 4];
/// The narrowest picture that is looked at, in pixels: the smallest code with its quiet zone.
const NARROWEST: usize = 29;

/// Brightness of each pixel, row by row.
struct Brightness {
    values: Zeroizing<Vec<u8>>,
    width: usize,
    height: usize,
}

/// Reads the recovery key from a picture. `pixels` are those of an `ImageData`, row by row, and `width` is their number in
/// a row.
///
/// # Errors
/// The reason why there is none: [`NoKey`].
pub fn read(pixels: &[u8], width: usize) -> Result<Secret, NoKey> {
    let whole = Brightness::of(pixels, width).ok_or(NoKey::Unopened)?;
    let mut reason = NoKey::NoCode;
    for divisor in SIZES {
        match whole.divided_by(divisor).and_then(|smaller| smaller.find()) {
            Some(Err(other)) => reason = reason.max(other),
            Some(Ok(key)) => return Ok(key),
            None => {}
        }
    }
    Err(reason)
}

impl Brightness {
    /// Lays the picture on white paper. Returns `None` unless the pixels make whole rows.
    fn of(pixels: &[u8], width: usize) -> Option<Self> {
        let (pixels, []) = pixels.as_chunks::<PIXEL>() else { return None };
        let height = pixels.len().checked_div(width)?;
        let is_whole = height > 0 && height * width == pixels.len();
        let values = pixels.iter().copied().map(brightness).collect();
        is_whole.then_some(Self { values: Zeroizing::new(values), width, height })
    }

    /// Makes each square of `divisor` pixels one. Returns `None` where nothing could be seen any more.
    fn divided_by(&self, divisor: usize) -> Option<Self> {
        let (width, height) = (self.width / divisor, self.height / divisor);
        let average = |x: usize, y: usize| {
            let rows = self.values.chunks_exact(self.width).skip(y * divisor).take(divisor);
            let square = rows.flat_map(|row| row.iter().skip(x * divisor).take(divisor));
            let sum: usize = square.map(|value| usize::from(*value)).sum();
            u8::try_from(sum / (divisor * divisor)).unwrap_or(u8::MAX)
        };
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let values = places.map(|(x, y)| average(x, y)).collect();
        let is_seen = width.min(height) >= NARROWEST;
        is_seen.then_some(Self { values: Zeroizing::new(values), width, height })
    }

    /// Reads all codes. Returns `None` if there is none.
    fn find(&self) -> Option<Result<Secret, NoKey>> {
        let value = |x: usize, y: usize| self.values.get(y * self.width + x).copied().unwrap_or(u8::MAX);
        let mut image = PreparedImage::prepare_from_greyscale(self.width, self.height, value);
        let mut content: Zeroizing<Vec<u8>> = Zeroizing::default();
        let codes = image.detect_grids();
        for code in &codes {
            let mut read: Zeroizing<Vec<u8>> = Zeroizing::default();
            // One that was read in part says nothing.
            if code.decode_to(&mut *read).is_ok() {
                content.extend_from_slice(&read);
                content.push(b'\n');
            }
        }
        if content.is_empty() {
            return (!codes.is_empty()).then_some(Err(NoKey::Unreadable));
        }
        let text = text_of(&content);
        Some(match RecoveryKey::parse_plain(text.expose()) {
            Ok(key) => Ok(key.text()),
            Err(error) => Err(no_key::reason(error, &content)),
        })
    }
}

/// The brightness of a pixel on white paper, with the weights of ITU-R BT.601 in 256ths.
fn brightness([red, green, blue, opacity]: [u8; PIXEL]) -> u8 {
    let [red, green, blue, opacity] = [red, green, blue, opacity].map(u32::from);
    let light = (77 * red + 150 * green + 29 * blue) >> 8;
    let white = 255;
    u8::try_from((light * opacity + white * (255 - opacity)) / 255).unwrap_or(u8::MAX)
}
