use fast_qr::{ECL, QRBuilder};
use proptest::prelude::*;

use super::*;

const KEY: &str = "EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d";

/// A photo of a sheet: how the code lies on it and in which light.
#[derive(Clone, Copy)]
struct Photo {
    /// Width and height, in pixels.
    size: usize,
    /// Pixels that a module is wide.
    module: f64,
    /// Degrees by which the sheet is turned.
    turned: f64,
    /// Share of its width by which the sheet narrows from bottom to top.
    tilted: f64,
    /// Brightness of ink and of paper.
    ink: f64,
    paper: f64,
    /// Brightness that is lost from the left edge to the right one.
    shadow: f64,
    /// Most that noise adds or takes.
    noise: f64,
    /// Radius of the blur, in pixels.
    blur: usize,
    mirrored: bool,
    /// Side of a grey square that covers the sheet from its middle on, in pixels.
    stain: usize,
    /// The middle of each code is printed the wrong way round: more than can be made up for.
    spoiled: bool,
}

const STRAIGHT: Photo = Photo {
    size: 300,
    module: 5.0,
    turned: 0.0,
    tilted: 0.0,
    ink: 0.0,
    paper: 255.0,
    shadow: 0.0,
    noise: 0.0,
    blur: 0,
    mirrored: false,
    stain: 0,
    spoiled: false,
};

/// Rows of a code's modules, drawn as the kit's are: bytes, and a quarter of them may be lost.
fn modules(content: &[u8]) -> Vec<Vec<bool>> {
    let code = QRBuilder::new(content).ecl(ECL::Q).build().unwrap();
    (0..code.size).map(|y| code[y].iter().take(code.size).map(|module| module.value()).collect()).collect()
}

/// Takes the photo of codes that lie side by side.
fn photo_of(contents: &[&[u8]], photo: Photo) -> Vec<u8> {
    let codes: Vec<_> = contents.iter().map(|content| modules(content)).collect();
    let step = codes.iter().map(Vec::len).max().unwrap_or(0) as f64 + 8.0;
    let middle = photo.size as f64 / 2.0;
    let (sin, cos) = photo.turned.to_radians().sin_cos();
    let is_dark = |x: f64, y: f64| {
        let across = x + step * codes.len() as f64 / 2.0;
        let (at, x) = ((across / step).floor(), across.rem_euclid(step) - 4.0);
        let code = (at >= 0.0).then(|| codes.get(at as usize)).flatten();
        let y = y + step / 2.0 - 4.0;
        let is_inside = x >= 0.0 && y >= 0.0;
        let is_middle = |at: f64| (9.0..step - 17.0).contains(&at);
        let is_spoiled = photo.spoiled && is_middle(x) && is_middle(y);
        let dark = is_inside
            && code.and_then(|code| code.get(y as usize)?.get(x as usize)).copied().unwrap_or(false);
        dark != is_spoiled
    };
    let mut seed = 1_u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(seed >> 8) / f64::from(1 << 24) * 2.0 - 1.0) * photo.noise
    };
    let sharp: Vec<f64> = (0..photo.size * photo.size)
        .map(|at| {
            let (left, top) = ((at % photo.size) as f64 - middle, (at / photo.size) as f64 - middle);
            let (x, y) = (left, top);
            let x = if photo.mirrored { -x } else { x };
            let nearer = 1.0 + photo.tilted * y / photo.size as f64;
            let (x, y) = (x / nearer / photo.module, y / nearer / photo.module);
            let covered = 0.0..photo.stain as f64;
            if covered.contains(&left) && covered.contains(&top) {
                return 90.0;
            }
            if is_dark(x * cos + y * sin, y * cos - x * sin) { photo.ink } else { photo.paper }
        })
        .collect();
    let blurred = |at: usize| {
        let near =
            |middle: usize| middle.saturating_sub(photo.blur)..=(middle + photo.blur).min(photo.size - 1);
        let (x, y) = (at % photo.size, at / photo.size);
        let values = near(y).flat_map(|y| near(x).map(move |x| y * photo.size + x)).map(|at| sharp[at]);
        let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        sum / count
    };
    (0..sharp.len())
        .flat_map(|at| {
            let shadow = photo.shadow * (at % photo.size) as f64 / photo.size as f64;
            let value = (blurred(at) - shadow + noise()).clamp(0.0, 255.0) as u8;
            [value, value, value, 255]
        })
        .collect()
}

fn read_photo(contents: &[&[u8]], photo: Photo) -> Result<Secret, NoKey> {
    read(&photo_of(contents, photo), photo.size)
}

#[test]
fn the_kits_code_is_read_however_the_sheet_lies_and_in_poor_light() {
    for (how, photo) in [
        ("straight", STRAIGHT),
        ("turned a little", Photo { turned: 13.0, ..STRAIGHT }),
        ("turned to its side", Photo { turned: 90.0, ..STRAIGHT }),
        ("turned over a corner", Photo { turned: 225.0, ..STRAIGHT }),
        ("upside down and tilted", Photo { turned: 180.0, tilted: 0.3, ..STRAIGHT }),
        ("by a camera that mirrors", Photo { mirrored: true, turned: 30.0, ..STRAIGHT }),
        ("grey on grey", Photo { ink: 95.0, paper: 140.0, ..STRAIGHT }),
        ("half in the shadow", Photo { ink: 30.0, paper: 230.0, shadow: 120.0, turned: -8.0, ..STRAIGHT }),
        ("in the dark, with noise", Photo { ink: 20.0, paper: 90.0, noise: 15.0, turned: 5.0, ..STRAIGHT }),
        ("with a stain", Photo { stain: 45, ..STRAIGHT }),
        ("out of focus", Photo { size: 500, module: 10.0, blur: 4, turned: 10.0, ..STRAIGHT }),
        ("from afar", Photo { size: 600, module: 3.0, turned: 20.0, ..STRAIGHT }),
    ] {
        let read = read_photo(&[KEY.as_bytes()], photo);
        assert_eq!(read.as_ref().map(Secret::expose), Ok(KEY), "{how}");
    }
}

#[test]
fn any_text_with_one_recovery_key_is_a_key_and_the_same_key_twice_is_one() {
    let grouped = format!("Recovery key: {} {}", &KEY[..24], &KEY[24..]);
    for contents in [
        &[grouped.as_bytes()][..],
        &[KEY.as_bytes(), KEY.as_bytes()],
        &[b"https://example.org", KEY.as_bytes()],
    ] {
        let photo = Photo { size: 500, ..STRAIGHT };
        assert_eq!(read_photo(contents, photo).as_ref().map(Secret::expose), Ok(KEY), "{contents:?}");
    }
}

#[test]
fn each_wrong_picture_gets_its_sentence() {
    let other = RecoveryKey::of(&[7; 32]).text();
    let wide = Photo { size: 500, ..STRAIGHT };
    let mistyped = [&KEY[..47], "e"].concat();
    for (contents, photo, title) in [
        (&[][..], STRAIGHT, "We can't find a QR code in this photo."),
        (&[], Photo { noise: 120.0, ..STRAIGHT }, "We can't find a QR code in this photo."),
        (&[KEY.as_bytes()], Photo { blur: 9, ..STRAIGHT }, "We can't find a QR code in this photo."),
        (
            &[KEY.as_bytes()],
            Photo { spoiled: true, ..STRAIGHT },
            "We can see a QR code in this photo, but we can't read it.",
        ),
        (&[b"https://example.org/"], STRAIGHT, "This QR code is a link, not your recovery key."),
        (&[b"HTTP://EXAMPLE.ORG/"], STRAIGHT, "This QR code is a link, not your recovery key."),
        (
            &[b"matrix:u/alice:example.org?action=chat"],
            STRAIGHT,
            "This QR code is a link, not your recovery key.",
        ),
        (
            &[b"MATRIX\x02\x00\x00\x0dFLIGHT\xff\xfe\x80"],
            STRAIGHT,
            "This QR code is for verifying an app, or for signing in to one.",
        ),
        (
            &[b"WIFI:T:WPA;S:home;P:glass otter;;"],
            STRAIGHT,
            "This QR code is something else, not your recovery key.",
        ),
        (&[b"4006381333931"], STRAIGHT, "This QR code is something else, not your recovery key."),
        (&[mistyped.as_bytes()], STRAIGHT, "This QR code has a recovery key with a mistake in it."),
        (&[KEY.as_bytes(), other.expose().as_bytes()], wide, "There are two recovery keys in this photo."),
    ] {
        let read = read_photo(contents, photo);
        assert_eq!(read.map_err(|reason| reason.words()[0]), Err(title), "{contents:?}");
    }
}

#[test]
fn what_is_no_picture_is_not_looked_at() {
    for (pixels, width) in
        [(vec![], 0), (vec![0; 16], 0), (vec![0; 16], 3), (vec![0; 15], 2), (vec![0; 4], usize::MAX / 2)]
    {
        assert_eq!(read(&pixels, width), Err(NoKey::Unopened), "{width}");
    }
    assert_eq!(read(&[0; 4], 1), Err(NoKey::NoCode));
}

#[test]
fn a_picture_without_ground_lies_on_white_paper() {
    let mut pixels = photo_of(&[KEY.as_bytes()], STRAIGHT);
    for pixel in pixels.as_chunks_mut::<PIXEL>().0 {
        *pixel = [0, 0, 0, 255 - pixel[0]];
    }
    assert_eq!(read(&pixels, STRAIGHT.size).as_ref().map(Secret::expose), Ok(KEY));
}

#[test]
fn every_reason_says_what_is_so_and_what_to_do() {
    use NoKey::*;
    let reasons = [Unopened, NoCode, Unreadable, Other, Link, App, Mistyped, TwoKeys];
    let mut titles: Vec<_> = reasons.iter().map(|reason| reason.words()[0]).collect();
    for [title, action] in reasons.map(NoKey::words) {
        assert!(title.ends_with('.') && action.ends_with('.') && !action.is_empty(), "{title} {action}");
    }
    titles.sort_unstable();
    titles.dedup();
    assert_eq!(titles.len(), reasons.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn no_picture_stops_the_reader(
        pixels in proptest::collection::vec(any::<u8>(), 0..20_000),
        width in 0_usize..100,
    ) {
        let whole = pixels.len() / (PIXEL * width.max(1)) * PIXEL * width;
        let _ = read(&pixels[..whole], width);
    }

    #[test]
    fn whatever_a_code_holds_is_read_or_gets_a_sentence(content in proptest::collection::vec(any::<u8>(), 1..80)) {
        prop_assert!(read_photo(&[&content], STRAIGHT).is_err());
    }
}
