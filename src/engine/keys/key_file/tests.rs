//! Tries files of every kind, without a server. The SDK's own two functions decide what is right.

use std::{cell::Cell, io::Cursor, time::Instant};

use matrix_sdk_crypto::{decrypt_room_key_export, encrypt_room_key_export, olm::ExportedRoomKey};
use proptest::prelude::*;

use super::*;
use crate::{
    domain::{key_file::KeyFileError, secret::Secret},
    engine::keys::{
        import,
        room_keys::{Interruption, made},
    },
};

const PASSPHRASE: &str = "glass otter, fifty moons";

fn export(keys: &[ExportedRoomKey], rounds: u32) -> String {
    encrypt_room_key_export(keys, PASSPHRASE, rounds).unwrap()
}

fn received(pieces: &[&[u8]]) -> Result<Locked, KeyFileError> {
    let mut file = Receiving::default();
    pieces.iter().for_each(|piece| file.add(piece));
    file.finish().map(|mut exports| exports.remove(0))
}

fn refused(text: &[u8]) -> KeyFileError {
    received(&[text]).err().unwrap()
}

async fn opened(text: &str, passphrase: &str) -> Option<Contents> {
    received(&[text.as_bytes()]).unwrap().open(&Secret::from(passphrase), &Cell::new(false)).await.unwrap()
}

/// Makes a file with this payload, whether or not its HMAC is right.
fn payload(bytes: &[u8]) -> String {
    let base64 = matrix_sdk_crypto::vodozemac::base64_encode(bytes);
    [str::from_utf8(BEGIN).unwrap(), &base64, str::from_utf8(END).unwrap()].join("\n")
}

/// Makes a file with any text in it, as an app would.
async fn file_of(text: &[u8], rounds: u32) -> String {
    let mut bytes = [&[VERSION][..], &[7; 16], &[9; 16], &rounds.to_be_bytes()].concat();
    let mut locks =
        locks::Locks::derive(&Secret::from(PASSPHRASE), &[7; 16], &[9; 16], rounds).await.unwrap();
    let mut text = text.to_vec();
    locks.turn(&mut text);
    bytes.extend(text);
    locks.authenticate(&bytes);
    bytes.extend(locks.code());
    payload(&bytes)
}

#[tokio::test]
async fn what_the_sdk_exports_is_opened_however_it_is_written() {
    let made = made::make(3, 2);
    let text = export(&made, 10);
    let (begin, end) = (str::from_utf8(BEGIN).unwrap(), str::from_utf8(END).unwrap());
    let base64 = text.replace(begin, "").replace(end, "").replace('\n', "");
    let padded = format!("{base64}{}", "=".repeat((4 - base64.len() % 4) % 4));
    let lines = |width: usize, newline: &str| {
        padded
            .as_bytes()
            .chunks(width)
            .map(|line| str::from_utf8(line).unwrap())
            .collect::<Vec<_>>()
            .join(newline)
    };
    for text in [
        text.clone(),
        format!("\u{feff}{text}\n\n"),
        format!("{begin}\r\n{}\r\n{end}\r\n", lines(76, "\r\n")),
        format!("Exported on Monday\n{begin}\n{}\n{end}\nwith love\n", lines(96, "\n")),
        format!("{begin}{padded}{end}"),
        format!("> {}", text.replace('\n', "\u{a0}\n> ")),
        format!("{text}\n{text}"),
    ] {
        let contents = opened(&text, PASSPHRASE).await.unwrap();
        let entries = contents.entries().unwrap();
        assert_eq!(entries.len(), 3, "{text}");
        for (entry, made) in entries.iter().zip(&made) {
            assert_eq!(entry.get(), serde_json::to_string(made).unwrap());
        }
    }
}

/// A backup has each key under the id that messages name, which has no padding.
#[tokio::test]
async fn ids_and_keys_that_an_app_has_padded_are_those_without() {
    let made = made::make(3, 2);
    let mut entries = serde_json::to_value(&made).unwrap();
    for entry in entries.as_array_mut().unwrap() {
        for field in ["session_id", "sender_key"] {
            entry[field] = format!("{}=", entry[field].as_str().unwrap()).into();
        }
    }
    let file = file_of(entries.to_string().as_bytes(), 10).await;
    let contents = opened(&file, PASSPHRASE).await.unwrap();
    let (keys, found) = import::read(&[contents], &Cell::new(false), &|_, _| ()).await.unwrap();
    assert_eq!((found.new, found.unreadable), (3, 0));
    assert!(made.iter().all(|key| keys.get(&key.room_id, &key.session_id).is_some()));
}

#[tokio::test]
async fn every_export_of_a_file_is_read_and_one_that_breaks_off_is_damage() {
    let (one, other) = (made::make(2, 1), made::make(3, 1));
    let text = [export(&one, 10), export(&other, 20)].join("\n");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for text in [text.as_bytes(), &utf16] {
        let mut file = Receiving::default();
        text.chunks(7).for_each(|piece| file.add(piece));
        let exports = file.finish().unwrap();
        let mut counts = Vec::new();
        for export in &exports {
            let contents = export.open(&Secret::from(PASSPHRASE), &Cell::new(false)).await.unwrap().unwrap();
            counts.push(contents.entries().unwrap().len());
        }
        assert_eq!(counts, [2, 3]);
    }
    assert_eq!(refused(&text.as_bytes()[..text.len() - 1]), KeyFileError::Damaged);
}

/// A keyboard of another system gives the same letters in another form than the one with which the file was saved.
#[tokio::test]
async fn a_passphrase_opens_a_file_in_whatever_form_its_letters_come() {
    let (composed, decomposed, mixed) = (
        "gr\u{f6}\u{df}er \u{e9}t\u{e9}",
        "gro\u{308}\u{df}er e\u{301}te\u{301}",
        "gr\u{f6}\u{df}er e\u{301}t\u{e9}",
    );
    for saved in [composed, decomposed] {
        let file = encrypt_room_key_export(&made::make(2, 1), saved, 10).unwrap();
        for entered in [composed, decomposed, mixed] {
            assert!(opened(&file, entered).await.is_some(), "{saved} {entered}");
        }
        assert!(opened(&file, "gro\u{df}er ete").await.is_none());
    }
    // As it was entered, if that is what it was saved with.
    let file = encrypt_room_key_export(&made::make(2, 1), mixed, 10).unwrap();
    assert!(opened(&file, mixed).await.is_some());
}

/// Each of them would hold memory before its passphrase is known.
#[test]
fn a_file_has_no_more_exports_than_anybody_puts_together() {
    let one = payload(&[&[1][..], &[7; 32], &1_u32.to_be_bytes(), &[7; 32]].concat());
    for (count, is_taken) in [(100, true), (101, false), (5_000, false)] {
        let text = vec![one.as_str(); count].join("\n");
        let mut file = Receiving::default();
        text.as_bytes().chunks(1_000).for_each(|piece| file.add(piece));
        let error = file.finish().err();
        assert_eq!(error, (!is_taken).then_some(KeyFileError::TooLarge), "{count}");
    }
}

#[test]
fn a_recovery_key_in_the_place_of_a_file_is_called_one() {
    let key = "Key: EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d";
    assert_eq!(refused(key.as_bytes()), KeyFileError::RecoveryKey);
}

#[tokio::test]
async fn a_file_may_come_in_pieces_of_any_length() {
    let made = made::make(40, 2);
    let text = export(&made, 10);
    let code = received(&[text.as_bytes()]).unwrap().code();
    for length in [1, 2, 3, 7, 64, 1_000] {
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(length).collect();
        let locked = received(&pieces).unwrap();
        assert_eq!(locked.code(), code);
        let contents = locked.open(&Secret::from(PASSPHRASE), &Cell::new(false)).await.unwrap().unwrap();
        assert_eq!(contents.entries().unwrap().len(), 40, "{length}");
    }
}

#[test]
fn where_pieces_end_does_not_matter_to_where_a_file_may_begin() {
    let text = export(&made::make(1, 1), 10);
    for (before, is_file) in [(16 * 1024 - 20, true), (16 * 1024, true), (16 * 1024 + 1, false)] {
        let text = [" ".repeat(before), text.clone()].concat();
        for length in [7, 1_000, text.len()] {
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(length).collect();
            let read = received(&pieces).map(|_| ()).err();
            assert_eq!(read, (!is_file).then_some(KeyFileError::NotAnExport), "{before} {length}");
        }
    }
}

#[tokio::test]
async fn a_wrong_passphrase_or_a_changed_file_opens_nothing() {
    let text = export(&made::make(2, 1), 10);
    for passphrase in ["", "glass otter, fifty moon", "Glass otter, fifty moons"] {
        assert!(opened(&text, passphrase).await.is_none(), "{passphrase}");
    }
    let at = text.len() / 2;
    let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
    let mut changed = text.clone();
    changed.replace_range(at..=at, other);
    assert!(opened(&changed, PASSPHRASE).await.is_none());
    let stopped = received(&[text.as_bytes()]).unwrap();
    let stopped = stopped.open(&Secret::from(PASSPHRASE), &Cell::new(true)).await.err();
    assert_eq!(stopped, Some(Interruption::Stopped));
}

#[test]
fn what_is_no_export_or_only_a_part_of_one_is_told_apart() {
    let text = export(&made::make(2, 1), 10);
    let without_begin = text.replace("BEGIN", "BEGINNING");
    for text in ["", "\n", "{\"rooms\":{}}", "%PDF-1.7", "-----BEGIN PGP MESSAGE-----", &without_begin] {
        assert_eq!(refused(text.as_bytes()), KeyFileError::NotAnExport, "{text}");
    }
    assert_eq!(refused(&[0; 40_000]), KeyFileError::NotAnExport);
    let late = format!("{}{text}", " ".repeat(20_000));
    assert_eq!(refused(late.as_bytes()), KeyFileError::NotAnExport);
    for length in [BEGIN.len(), 60, text.len() / 2, text.len() - END.len(), text.len() - 1] {
        assert_eq!(refused(&text.as_bytes()[..length]), KeyFileError::Damaged, "{length}");
    }
    for (from, to) in [("END", "DNE"), ("\n", "!\n"), ("\n-----END", "=A\n-----END")] {
        assert_eq!(refused(text.replacen(from, to, 2).as_bytes()), KeyFileError::Damaged, "{from} {to}");
    }
}

#[tokio::test]
async fn hostile_numbers_and_lengths_are_refused_before_they_cost_anything() {
    let start = Instant::now();
    for rounds in [10_000_001, u32::MAX] {
        let text = file_of_rounds(rounds);
        assert_eq!(refused(text.as_bytes()), KeyFileError::TooManyRounds { rounds });
    }
    assert_eq!(refused(file_of_rounds(0).as_bytes()), KeyFileError::Damaged);
    for version in [0, 2, 255] {
        let mut bytes = [0; 100];
        bytes[0] = version;
        assert_eq!(refused(payload(&bytes).as_bytes()), KeyFileError::UnknownVersion { version });
    }
    // Payloads of 37 to 68 bytes make the SDK panic if their HMAC is right.
    for length in 0..69 {
        let mut bytes = vec![0; length];
        bytes.iter_mut().take(1).for_each(|version| *version = VERSION);
        assert_eq!(refused(payload(&bytes).as_bytes()), KeyFileError::Damaged, "{length}");
    }
    assert!(start.elapsed().as_millis() < 1_000);
    let mut endless = Receiving::default();
    endless.add(BEGIN);
    let piece = vec![b'A'; 1_000_000];
    (0..300).for_each(|_| endless.add(&piece));
    assert_eq!(endless.finish().err(), Some(KeyFileError::TooLarge));
}

fn file_of_rounds(rounds: u32) -> String {
    payload(&[&[VERSION][..], &[7; 32], &rounds.to_be_bytes(), &[0; 50]].concat())
}

#[tokio::test]
async fn whatever_was_encrypted_is_a_list_or_refused() {
    for (text, expected) in [
        (&b""[..], Err(KeyFileError::Damaged)),
        (b"{}", Err(KeyFileError::Damaged)),
        (b"null", Err(KeyFileError::Damaged)),
        (b"[{}", Err(KeyFileError::Damaged)),
        (b"[\"\xff\"]", Err(KeyFileError::Damaged)),
        (b"[]", Ok(0)),
        (b"[7,null,{\"a\":[]}]", Ok(3)),
    ] {
        let contents = opened(&file_of(text, 3).await, PASSPHRASE).await.unwrap();
        assert_eq!(contents.entries().map(|entries| entries.len()), expected, "{text:?}");
    }
    let endless = format!("[{}0]", "0,".repeat(1_000_000));
    let contents = opened(&file_of(endless.as_bytes(), 3).await, PASSPHRASE).await.unwrap();
    assert_eq!(contents.entries().err(), Some(KeyFileError::TooLarge));
}

#[tokio::test]
async fn what_is_sealed_the_sdk_opens() {
    // A file that is empty, small, or of several pieces.
    for count in [0, 1, 3_000] {
        let made = made::make(count, 3);
        let mut file = Sealing::with_rounds(&Secret::from(PASSPHRASE), 10).await.unwrap();
        made.iter().for_each(|key| file.add(&serde_json::to_vec(key).unwrap()));
        let pieces: Vec<_> = file.finish().into();
        assert_eq!(pieces.len() > 2, count > 2_000);
        assert!(pieces.iter().all(|piece| piece.len() <= 1024 * 1024));
        let text = String::from_utf8(pieces.concat()).unwrap();
        assert!(text.lines().all(|line| line.len() <= 96));
        let read = decrypt_room_key_export(Cursor::new(text), PASSPHRASE).unwrap();
        assert_eq!(read.len(), count);
        for (read, made) in read.iter().zip(&made) {
            assert_eq!(serde_json::to_string(read).unwrap(), serde_json::to_string(made).unwrap());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// No bytes in a file make reading it panic.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), framed: bool, cut in 0_usize..300) {
        let text = if framed { payload(&bytes).into_bytes() } else { bytes };
        let (a, b) = text.split_at(cut.min(text.len()));
        let whole = received(&[&text]).map(|locked| locked.code());
        prop_assert_eq!(received(&[a, b]).map(|locked| locked.code()), whole);
    }
}
