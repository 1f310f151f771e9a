//! Names the recovery keys that the person saved and that are in no use.

use super::Guide;
use crate::words;

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
        let names = words::list(unused.iter().map(|mark| words::kit_name(mark)));
        (!unused.is_empty()).then(|| words::unused_keys(unused.len() as u64, &names))
    }
}
