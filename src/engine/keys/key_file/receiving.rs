//! Receives a file piece by piece and decodes it at once: its text is never held whole.

use std::mem;

use matrix_sdk_crypto::vodozemac::base64_decode;

use super::{BEGIN, END, HEADER_LENGTH, Locked, MAC_LENGTH};
use crate::domain::key_file::{KeyFileError, LARGEST_FILE};

/// The last place at which the first line may begin, in bytes. Text before it is skipped, as other clients do.
const LATEST_BEGIN: usize = 16 * 1024;
/// The text that is decoded at once, in bytes.
const DECODED_AT_ONCE: usize = 256 * 1024;
/// The size of a block in bytes: no block ever grows, which would hold it twice.
const BLOCK: usize = 4 * 1024 * 1024;

/// A file that is not complete yet.
#[derive(Default)]
pub(in crate::engine) struct Receiving {
    place: Place,
    /// The length of all pieces so far, in bytes.
    length: u64,
    /// Text that is not decoded yet: before the first line was found, all of it; then base64.
    pending: Vec<u8>,
    payload: Blocks,
    /// The first error.
    error: Option<KeyFileError>,
}

/// The part of the file that comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// The first line.
    #[default]
    Before,
    /// Base64 in lines of any length.
    Body,
    /// Padding; only the last line may follow.
    Padding,
    /// The last line, of which this many bytes have come.
    End(usize),
    /// Nothing: the file is complete.
    After,
}

impl Receiving {
    /// Takes the next piece.
    pub(in crate::engine) fn add(&mut self, piece: &[u8]) {
        self.length = self.length.saturating_add(piece.len() as u64);
        if self.error.is_none() && self.length > LARGEST_FILE {
            self.error = Some(KeyFileError::TooLarge);
        }
        if self.error.is_none() {
            self.error = self.read(piece).err();
        }
        // A file with an error is not kept.
        if self.error.is_some() {
            self.pending = Vec::new();
            self.payload = Blocks::default();
        }
    }

    fn read(&mut self, piece: &[u8]) -> Result<(), KeyFileError> {
        if self.place != Place::Before {
            return self.read_body(piece);
        }
        self.pending.extend_from_slice(piece);
        let found = self.pending.windows(BEGIN.len()).position(|text| text == BEGIN);
        match found {
            Some(at) if at <= LATEST_BEGIN => {
                let pending = mem::take(&mut self.pending);
                self.place = Place::Body;
                self.read_body(pending.get(at + BEGIN.len()..).unwrap_or_default())
            }
            // The first line may have begun in time, and its rest come with the next piece.
            None if self.pending.len() < LATEST_BEGIN + BEGIN.len() => Ok(()),
            Some(_) | None => Err(KeyFileError::NotAnExport),
        }
    }

    fn read_body(&mut self, text: &[u8]) -> Result<(), KeyFileError> {
        for &byte in text {
            self.place = match (self.place, byte) {
                (Place::After, _) => return Ok(()),
                (Place::Body, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/') => {
                    self.pending.push(byte);
                    Place::Body
                }
                (Place::Body | Place::Padding, b'=') => Place::Padding,
                (place @ (Place::Body | Place::Padding), b' ' | b'\t' | b'\r' | b'\n') => place,
                (Place::Body | Place::Padding, b'-') => Place::End(1),
                (Place::End(come), _) if END.get(come) == Some(&byte) => {
                    if come + 1 == END.len() {
                        Place::After
                    } else {
                        Place::End(come + 1)
                    }
                }
                (Place::Before | Place::Body | Place::Padding | Place::End(_), _) => {
                    return Err(KeyFileError::Damaged);
                }
            };
            if self.pending.len() == DECODED_AT_ONCE {
                self.decode()?;
            }
        }
        Ok(())
    }

    fn decode(&mut self) -> Result<(), KeyFileError> {
        self.payload.extend(&base64_decode(&self.pending).map_err(|_| KeyFileError::Damaged)?);
        self.pending.clear();
        Ok(())
    }

    /// Returns the complete file, with everything checked that can be without its passphrase.
    ///
    /// # Errors
    /// The first error that was found.
    pub(in crate::engine) fn finish(mut self) -> Result<Locked, KeyFileError> {
        match (self.error, self.place) {
            (Some(error), _) => return Err(error),
            (None, Place::Before) => return Err(KeyFileError::of_another_file(&self.pending)),
            (None, Place::Body | Place::Padding | Place::End(_)) => return Err(KeyFileError::Damaged),
            (None, Place::After) => {}
        }
        self.decode()?;
        if self.payload.len() < HEADER_LENGTH + MAC_LENGTH {
            return Err(KeyFileError::Damaged);
        }
        let code = self.payload.take_end().ok_or(KeyFileError::Damaged)?;
        let header = self.payload.take_beginning().ok_or(KeyFileError::Damaged)?;
        Locked::new(header, self.payload.0, code)
    }
}

/// Bytes in blocks.
#[derive(Default)]
struct Blocks(Vec<Vec<u8>>);

impl Blocks {
    fn extend(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = match self.0.last() {
                Some(block) => BLOCK - block.len(),
                None => 0,
            };
            if room == 0 {
                self.0.push(Vec::with_capacity(BLOCK));
                continue;
            }
            let (here, later) = bytes.split_at(room.min(bytes.len()));
            if let Some(block) = self.0.last_mut() {
                block.extend_from_slice(here);
            }
            bytes = later;
        }
    }

    fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// Takes the HMAC off the end.
    fn take_end(&mut self) -> Option<[u8; MAC_LENGTH]> {
        let mut end = [0; MAC_LENGTH];
        for byte in end.iter_mut().rev() {
            // The last block may hold only a part of it.
            while self.0.last().is_some_and(Vec::is_empty) {
                self.0.pop();
            }
            *byte = self.0.last_mut()?.pop()?;
        }
        Some(end)
    }

    /// Takes the header off the beginning; a block is longer than it.
    fn take_beginning(&mut self) -> Option<[u8; HEADER_LENGTH]> {
        let first = self.0.first_mut()?;
        let beginning = first.get(..HEADER_LENGTH)?.try_into().ok()?;
        first.drain(..HEADER_LENGTH);
        Some(beginning)
    }
}
