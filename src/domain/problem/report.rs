//! Writes a defect of this page as text that the person passes on: “Copy for support”. It is in English in every language
//! of the page: whoever mends it need not read the person's.

use super::Problem;

/// Begins such a text: this page, its version, and a title.
pub fn entitled(title: &str) -> String {
    ["Key backup for Matrix ", env!("CARGO_PKG_VERSION"), ": ", title].concat()
}

impl Problem {
    /// Writes it with its place in our source; `None` unless it is a defect of this page. There is nothing of the
    /// account in it, and nothing that a server or a browser said.
    pub fn report(&self) -> Option<String> {
        let (Self::EngineStopped(site) | Self::OutOfOrder(site)) = self else { return None };
        let has_stopped = matches!(self, Self::EngineStopped(_));
        let title = if has_stopped { "The page stopped to be safe" } else { "The page lost its place" };
        Some([&*entitled(title), "\nPlace in the code: ", &site.text()].concat())
    }
}
