//! The messages between the page and the engine's worker.
//!
//! [`messages`] lists them, [`wire`] turns them into bytes. Every message carries the run it belongs to, so that what
//! arrives late from an ended run is ignored.

pub mod bytes;
pub mod messages;
pub mod wire;

#[cfg(test)]
mod tests;
