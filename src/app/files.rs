//! The file the person chose, on its way to the engine in pieces; and the one the engine made, put together.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use super::keep;
use crate::protocol::{
    bytes::Bytes,
    messages::{Command, Run},
};

/// How much of a file is read and sent at a time, in bytes.
const PIECE: f64 = 1_048_576.0;

/// What the page holds of files. Everything in them is encrypted.
#[derive(Default)]
pub struct Files {
    chosen: Option<File>,
    sending: Option<Sending>,
    /// Counts what is sent: only the last may go on.
    number: u32,
    made: Vec<Blob>,
}

/// A file that is being sent, and what has to wait for its last piece.
struct Sending {
    run: Run,
    later: Vec<Command>,
}

/// What becomes of a command while a file is being sent.
pub enum Turn {
    /// It is told now.
    Now(Command),
    /// It waits.
    Later,
    /// There is nothing to tell: the file is not sent any further.
    Stopped,
}

impl Files {
    /// Keeps the file that was chosen.
    pub fn choose(&mut self, file: File) {
        self.chosen = Some(file);
    }

    /// Begins to send the chosen file; the number goes with every piece.
    pub fn begin(&mut self, run: Run) -> Option<(u32, File)> {
        let file = self.chosen.clone()?;
        self.number += 1;
        self.sending = Some(Sending { run, later: Vec::new() });
        Some((self.number, file))
    }

    /// Whether this is still being sent, in the run that is under way.
    pub fn is_sending(&self, number: u32, run: Run) -> bool {
        self.number == number && self.sending.as_ref().is_some_and(|sending| sending.run == run)
    }

    /// Whether a command may be told now. Another run has no use for the file; and whoever wants to stop
    /// need not wait until all of it was sent.
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

    /// The last piece was sent, or none will follow: what had to wait.
    pub fn end(&mut self) -> Vec<Command> {
        self.sending.take().map(|sending| sending.later).unwrap_or_default()
    }

    /// Keeps a piece of the file that the engine makes. As blobs, which a browser may hold outside of its
    /// memory.
    pub fn collect(&mut self, bytes: &Bytes) {
        let piece = Uint8Array::from(bytes.as_slice());
        self.made.extend(Blob::new_with_u8_array_sequence(&Array::of1(&piece)));
    }

    /// Offers the file that the engine made; answers whether the browser took it.
    pub fn save(&self, name: &str) -> bool {
        let parts: Array = self.made.iter().map(JsValue::from).collect();
        keep::offer(name, &parts)
    }

    /// Lets go of everything.
    pub fn forget(&mut self) {
        let number = self.number;
        *self = Self { number, ..Self::default() };
    }
}

/// The piece that begins at some place, and where the next one does; `None` if the browser cannot read it.
pub async fn piece(file: &File, from: f64) -> Option<(Bytes, f64)> {
    let to = (from + PIECE).min(file.size());
    let slice = file.slice_with_f64_and_f64(from, to).ok()?;
    let buffer = JsFuture::from(slice.array_buffer()).await.ok()?;
    let bytes = Uint8Array::new(buffer.dyn_ref::<js_sys::ArrayBuffer>()?).to_vec();
    Some((bytes.into(), to))
}
