//! The place in our source at which a defect of this page showed.

use std::{borrow::Cow, fmt, panic::Location};

use serde::{Deserialize, Serialize};

use super::Problem;

/// A file and a line of ours, for whoever mends the defect; there is nothing of the account in it.
///
/// Any two are equal, since a problem is the same one wherever it showed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Site {
    /// The path from the folder of the package on.
    file: Cow<'static, str>,
    line: u32,
}

impl Site {
    #[track_caller]
    fn here() -> Self {
        let here = Location::caller();
        Self { file: Cow::Borrowed(here.file()), line: here.line() }
    }

    /// Names the file and the line, as compilers do.
    pub fn text(&self) -> String {
        [&*self.file, ":", &self.line.to_string()].concat()
    }
}

impl PartialEq for Site {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Site {}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl Problem {
    /// Returns [`Problem::EngineStopped`] with the caller's place.
    #[track_caller]
    pub fn engine_stopped() -> Self {
        Self::EngineStopped(Site::here())
    }

    /// Returns [`Problem::OutOfOrder`] with the caller's place.
    #[track_caller]
    pub fn out_of_order() -> Self {
        Self::OutOfOrder(Site::here())
    }
}
