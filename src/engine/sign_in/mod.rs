//! Signs in, from an entered name to a signed-in device, by each of the ways that servers offer. Also gives the proof
//! that a server asks for later (User-Interactive Authentication).

pub(in crate::engine) mod admitted;
pub(in crate::engine) mod attempt;
pub(in crate::engine) mod halt;
pub(in crate::engine) mod remembered;
pub(in crate::engine) mod uia;
