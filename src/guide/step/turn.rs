//! A turn of the guide: the step that follows, and what the page has to do.

use super::Step;
use crate::guide::Effect;

/// The step that follows an input, and what the page has to do.
#[derive(Debug)]
pub(in crate::guide) struct Turn {
    /// The step.
    pub step: Step,
    /// The things to do, in this order.
    pub effects: Vec<Effect>,
}

impl Turn {
    /// Goes to a step.
    pub fn to(step: impl Into<Step>) -> Self {
        Self { step: step.into(), effects: Vec::new() }
    }

    /// Has the page do this before everything else.
    #[must_use]
    pub fn after(mut self, mut effects: Vec<Effect>) -> Self {
        effects.append(&mut self.effects);
        Self { effects, ..self }
    }

    /// Has the page do this last.
    #[must_use]
    pub fn then(mut self, effects: Vec<Effect>) -> Self {
        self.effects.extend(effects);
        self
    }
}
