//! Names the recovery keys that the person saved and that are in no use.

use super::Guide;

impl Guide {
    /// The marks of the keys that the person saved and that are in no use. The one under way is not among them.
    fn unused(&self) -> &[String] {
        let saved = &self.memory.saved;
        let is_under_way = self.step.holds_saved_key();
        saved.get(..saved.len().saturating_sub(usize::from(is_under_way))).unwrap_or_default()
    }

    /// Says of the keys that the person saved, and that are in no use, that they are not.
    pub fn unused_words(&self) -> Option<String> {
        let unused = self.unused();
        let names: Vec<_> = unused.iter().map(|mark| ["Kit ", mark].concat()).collect();
        let names = names.join(", ");
        match unused.len() {
            0 => None,
            1 => Some(
                [
                    "The recovery key you saved before (",
                    &*names,
                    ") is not in use. Don't rely on that copy: mark it as not used.",
                ]
                .concat(),
            ),
            _ => Some(
                [
                    "The recovery keys you saved before (",
                    &*names,
                    ") are not in use. Don't rely on these copies: mark them as not used.",
                ]
                .concat(),
            ),
        }
    }
}
