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
    chosen: Option<Chosen>,
    /// Counts the files that are sent: only the last one goes on.
    number: u32,
    made: Vec<Blob>,
}

/// The file that the person chose last.
struct Chosen {
    file: File,
    /// Set while it, or the one chosen before it, is being sent.
    sending: Option<Sending>,
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
        let sending = self.chosen.take().and_then(|before| before.sending);
        self.chosen = Some(Chosen { file, sending });
    }

    /// Begins to send the chosen file. Returns the number for [`Self::is_sending`], and the file; `None` if none
    /// was chosen.
    pub fn begin(&mut self, run: Run) -> Option<(u32, File)> {
        let Chosen { file, sending } = self.chosen.as_mut()?;
        self.number += 1;
        *sending = Some(Sending { run, later: Vec::new() });
        Some((self.number, file.clone()))
    }

    /// Tells whether the file with this number is still being sent, in this run.
    pub fn is_sending(&self, number: u32, run: Run) -> bool {
        let sending = self.chosen.as_ref().and_then(|chosen| chosen.sending.as_ref());
        self.number == number && sending.is_some_and(|sending| sending.run == run)
    }

    /// Decides about a command. A stop, or another run, ends the sending at once: neither has a use for the rest
    /// of the file.
    pub fn turn(&mut self, run: Run, command: Command) -> Turn {
        let Some(Chosen { sending, .. }) = &mut self.chosen else { return Turn::Now(command) };
        match sending {
            Some(now) if now.run == run => {
                if matches!(command, Command::Stop) {
                    *sending = None;
                    return Turn::Stopped;
                }
                now.later.push(command);
                Turn::Later
            }
            _ => {
                *sending = None;
                Turn::Now(command)
            }
        }
    }

    /// Ends the sending, and returns the commands that waited.
    pub fn end(&mut self) -> Vec<Command> {
        let sending = self.chosen.as_mut().and_then(|chosen| chosen.sending.take());
        sending.map(|sending| sending.later).unwrap_or_default()
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
