//! Receives a file piece by piece and decodes it at once: its text is never held whole.

use std::mem;

use matrix_sdk_crypto::vodozemac::base64_decode;

use super::{HEADER_LENGTH, Locked, MAC_LENGTH, MOST_ROUNDS};
use crate::domain::key_file::{
    KeyFileError, LARGEST_FILE,
    blocks::{Blocks, LATEST_BEGIN, Part},
};

/// The text that is decoded at once, in bytes.
const DECODED_AT_ONCE: usize = 256 * 1024;
/// The most exports in one file; people put two or three together.
const MOST_EXPORTS: usize = 100;
/// The size of a piece in bytes: no piece ever grows, which would hold it twice.
const PIECE: usize = 4 * 1024 * 1024;

/// A file that is not complete yet.
#[derive(Default)]
pub(in crate::engine) struct Receiving {
    text: Blocks,
    /// The length of all pieces so far, in bytes.
    length: u64,
    /// The beginning of the file, which tells what it is if it is no export.
    beginning: Vec<u8>,
    /// Base64 that is not decoded yet.
    pending: Vec<u8>,
    payload: Payload,
    /// The rounds of key derivation that these exports ask for together.
    rounds: u32,
    /// The exports of which all is there.
    whole: Vec<Locked>,
    /// The first error.
    error: Option<KeyFileError>,
}

impl Receiving {
    /// Takes the next piece.
    pub(in crate::engine) fn add(&mut self, piece: &[u8]) {
        self.length = self.length.saturating_add(piece.len() as u64);
        let room = LATEST_BEGIN.saturating_sub(self.beginning.len());
        self.beginning.extend_from_slice(piece.get(..room).unwrap_or(piece));
        if self.error.is_none() && self.length > LARGEST_FILE {
            self.error = Some(KeyFileError::TooLarge);
        }
        if self.error.is_none() {
            self.error = self.read(piece).err();
        }
        // A file with an error is not kept.
        if self.error.is_some() {
            self.pending = Vec::new();
            self.payload = Payload::default();
            self.whole = Vec::new();
        }
    }

    fn read(&mut self, piece: &[u8]) -> Result<(), KeyFileError> {
        for &byte in piece {
            match self.text.take(byte)? {
                Some(Part::Letter(letter)) => {
                    self.pending.push(letter);
                    if self.pending.len() == DECODED_AT_ONCE {
                        self.decode()?;
                    }
                }
                Some(Part::End) => self.end()?,
                None => {}
            }
        }
        Ok(())
    }

    fn decode(&mut self) -> Result<(), KeyFileError> {
        self.payload.extend(&base64_decode(&self.pending).map_err(|_| KeyFileError::Damaged)?);
        self.pending.clear();
        Ok(())
    }

    /// Checks what can be of one export without its passphrase.
    fn end(&mut self) -> Result<(), KeyFileError> {
        self.decode()?;
        let mut payload = mem::take(&mut self.payload);
        if payload.len() < HEADER_LENGTH + MAC_LENGTH {
            return Err(KeyFileError::Damaged);
        }
        let code = payload.take_end().ok_or(KeyFileError::Damaged)?;
        let header = payload.take_beginning().ok_or(KeyFileError::Damaged)?;
        if let Some(last) = payload.0.last_mut() {
            last.shrink_to_fit();
        }
        let export = Locked::new(header, payload.0, code)?;
        // All of them are derived, one after the other: in no more rounds than one may ask for.
        self.rounds = self.rounds.saturating_add(export.rounds());
        self.whole.push(export);
        if self.whole.len() > MOST_EXPORTS {
            return Err(KeyFileError::TooLarge);
        }
        let rounds = self.rounds;
        if rounds > MOST_ROUNDS { Err(KeyFileError::TooManyRounds { rounds }) } else { Ok(()) }
    }

    /// The exports in the file, once all of it has come: one at least.
    ///
    /// # Errors
    /// The first error that was found.
    pub(in crate::engine) fn finish(self) -> Result<Vec<Locked>, KeyFileError> {
        match self.error.map_or_else(|| self.text.finish(), Err) {
            Ok(()) => Ok(self.whole),
            Err(KeyFileError::NotAnExport) => Err(KeyFileError::of_another_file(&self.beginning)),
            Err(error) => Err(error),
        }
    }
}

/// Bytes in pieces.
#[derive(Default)]
struct Payload(Vec<Vec<u8>>);

impl Payload {
    fn extend(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = match self.0.last() {
                Some(block) => PIECE - block.len(),
                None => 0,
            };
            if room == 0 {
                self.0.push(Vec::with_capacity(PIECE));
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
