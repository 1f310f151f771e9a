//! Writes a file: takes entries one after the other, and gives them out encrypted.

use std::{collections::VecDeque, mem};

use matrix_sdk_crypto::vodozemac::base64_encode;
use rand::Rng as _;
use zeroize::Zeroizing;

use super::{BEGIN, END, HEADER_LENGTH, VERSION, locks::Locks};
use crate::domain::secret::Secret;

/// The rounds of key derivation, the same as Element's.
const ROUNDS: u32 = 500_000;
/// The bytes in one line; Element writes as many.
const PER_LINE: usize = 72;
/// The bytes in one piece: whole lines, and less than a megabyte as text.
const PER_PIECE: usize = PER_LINE * 10_000;

/// A file that is partly written.
pub(in crate::engine) struct Sealing {
    locks: Locks,
    /// The text that is not encrypted yet.
    text: Zeroizing<Vec<u8>>,
    /// The ciphertext that is not a whole piece yet.
    bytes: Vec<u8>,
    pieces: VecDeque<Vec<u8>>,
}

impl Sealing {
    /// Begins a file with a passphrase. `None` never happens: every length is right.
    pub(in crate::engine) async fn new(passphrase: &Secret) -> Option<Self> {
        Self::with_rounds(passphrase, ROUNDS).await
    }

    /// Begins a file with other rounds, for tests: a real file must not have fewer.
    pub(in crate::engine) async fn with_rounds(passphrase: &Secret, rounds: u32) -> Option<Self> {
        let mut random = rand::rng();
        let (mut salt, mut initialization_vector) = ([0; 16], [0; 16]);
        random.fill_bytes(&mut salt);
        random.fill_bytes(&mut initialization_vector);
        // "Bit 63 set to zero" (specification): some implementations count in too few bits.
        initialization_vector[8] &= 0x7f;
        let mut locks = Locks::derive(passphrase, &salt, &initialization_vector, rounds).await?;
        let mut bytes = Vec::with_capacity(PER_PIECE + HEADER_LENGTH);
        bytes.push(VERSION);
        bytes.extend(salt);
        bytes.extend(initialization_vector);
        bytes.extend(rounds.to_be_bytes());
        locks.authenticate(&bytes);
        let pieces = VecDeque::from([[BEGIN, b"\n"].concat()]);
        let mut text = Zeroizing::new(Vec::with_capacity(PER_PIECE));
        text.push(b'[');
        Some(Self { locks, text, bytes, pieces })
    }

    /// Adds an entry, which must be JSON.
    pub(in crate::engine) fn add(&mut self, entry: &[u8]) {
        // The buffer never grows, which would leave a copy of the secret.
        for part in [entry, b","] {
            let mut part = part;
            while !part.is_empty() {
                if self.text.len() == PER_PIECE {
                    self.encrypt();
                }
                let (here, later) = part.split_at(part.len().min(PER_PIECE - self.text.len()));
                self.text.extend_from_slice(here);
                part = later;
            }
        }
    }

    fn encrypt(&mut self) {
        self.locks.turn(&mut self.text);
        self.locks.authenticate(&self.text);
        self.bytes.extend_from_slice(&self.text);
        self.text.clear();
        while self.bytes.len() >= PER_PIECE {
            let rest = self.bytes.split_off(PER_PIECE);
            let whole = mem::replace(&mut self.bytes, rest);
            self.pieces.push_back(lines(&whole));
        }
    }

    /// Ends the file; returns its pieces in order.
    pub(in crate::engine) fn finish(mut self) -> VecDeque<Vec<u8>> {
        // The last entry's comma becomes the end of the list.
        let end = self.text.last_mut();
        match end {
            Some(comma @ b',') => *comma = b']',
            _ => self.text.push(b']'),
        }
        self.encrypt();
        self.bytes.extend(self.locks.code());
        let mut last = lines(&self.bytes);
        last.extend_from_slice(END);
        last.push(b'\n');
        self.pieces.push_back(last);
        self.pieces
    }
}

/// Writes base64 in lines, padded at the end, as most clients do.
fn lines(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len() / PER_LINE * 97 + 200);
    for line in bytes.chunks(PER_LINE) {
        let line = base64_encode(line);
        text.extend_from_slice(line.as_bytes());
        text.resize(text.len() + (4 - line.len() % 4) % 4, b'=');
        text.push(b'\n');
    }
    text
}
