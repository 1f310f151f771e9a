//! Writes a defect of this page as text that the person passes on: “Copy for support”.

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
        let title = self.words().title;
        Some([&*entitled(title.trim_end_matches('.')), "\nPlace in the code: ", &site.text()].concat())
    }
}
