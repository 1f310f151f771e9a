//! Key files on their way, in pieces: the one that the person chose goes to the engine, the one that the engine made
//! comes from it.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use super::keep;
use crate::protocol::{
    bytes::Bytes,
    messages::{Command, Run},
};

/// Size of the pieces in which a file is sent, in bytes.
const PIECE: f64 = 1_048_576.0;

/// Key files that the page holds. Their content is encrypted.
#[derive(Default)]
pub struct Files {
    chosen: Option<File>,
    sending: Option<Sending>,
    /// Counts the files that are sent: only the last one goes on.
    number: u32,
    made: Vec<Blob>,
}

/// A file that is being sent, and the commands that wait for its last piece.
struct Sending {
    run: Run,
    later: Vec<Command>,
}

/// Says what to do with a command while a file may be under way.
pub enum Turn {
    /// Tell it now.
    Now(Command),
    /// Tell it after the last piece.
    Later,
    /// Tell nothing: the command was a stop, and the file is not sent any further.
    Stopped,
}

impl Files {
    /// Keeps the file that the person chose.
    pub fn choose(&mut self, file: File) {
        self.chosen = Some(file);
    }

    /// Begins to send the chosen file. Returns the number for [`Self::is_sending`], and the file; `None` if none
    /// was chosen.
    pub fn begin(&mut self, run: Run) -> Option<(u32, File)> {
        let file = self.chosen.clone()?;
        self.number += 1;
        self.sending = Some(Sending { run, later: Vec::new() });
        Some((self.number, file))
    }

    /// Tells whether the file with this number is still being sent, in this run.
    pub fn is_sending(&self, number: u32, run: Run) -> bool {
        self.number == number && self.sending.as_ref().is_some_and(|sending| sending.run == run)
    }

    /// Decides about a command. A stop, or another run, ends the sending at once: neither has a use for the rest
    /// of the file.
    pub fn turn(&mut self, run: Run, command: Command) -> Turn {
        match &mut self.sending {
            Some(sending) if sending.run == run => {
                if matches!(command, Command::Stop) {
                    self.sending = None;
                    return Turn::Stopped;
                }
                sending.later.push(command);
                Turn::Later
            }
            _ => {
                self.sending = None;
                Turn::Now(command)
            }
        }
    }

    /// Ends the sending, and returns the commands that waited.
    pub fn end(&mut self) -> Vec<Command> {
        self.sending.take().map(|sending| sending.later).unwrap_or_default()
    }

    /// Keeps a piece of the file that the engine makes. It becomes a blob, which a browser may hold outside
    /// of its memory.
    pub fn collect(&mut self, bytes: &Bytes) {
        let piece = Uint8Array::from(bytes.as_slice());
        self.made.extend(Blob::new_with_u8_array_sequence(&Array::of1(&piece)));
    }

    /// Offers the file that the engine made as a download. Returns `false` if none could be started.
    pub fn save(&self, name: &str) -> bool {
        let parts: Array = self.made.iter().map(JsValue::from).collect();
        keep::offer(name, &parts)
    }

    /// Forgets the file that the person chose.
    pub fn forget_chosen(&mut self) {
        self.chosen = None;
        self.sending = None;
    }

    /// Forgets the file that the engine made.
    pub fn forget_made(&mut self) {
        self.made.clear();
    }
}

/// Reads the piece that begins at byte `from`. Returns it and where the next one begins; `None` if the browser cannot
/// read the file.
pub async fn piece(file: &File, from: f64) -> Option<(Bytes, f64)> {
    let to = (from + PIECE).min(file.size());
    let slice = file.slice_with_f64_and_f64(from, to).ok()?;
    let buffer = JsFuture::from(slice.array_buffer()).await.ok()?;
    let bytes = Uint8Array::new(buffer.dyn_ref::<js_sys::ArrayBuffer>()?).to_vec();
    Some((bytes.into(), to))
}
