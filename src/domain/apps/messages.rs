//! Sentences on the screens of apps that make people look for help, with what each means.
//!
//! The first screen has them. Its program is small, so they are few and short.

use crate::words::{self, Word};

/// A sentence that an app shows, and sentences on what it means and how this page helps.
pub struct Message {
    /// The sentence, and others that mean the same.
    pub shown: Word,
    /// The meaning, and what comes next.
    pub meaning: Word,
}

/// Each message, the most pressing first.
pub const MESSAGES: [Message; 4] = [
    Message {
        shown: words::apps_messages_enable_your_key_storage_before,
        meaning: words::apps_messages_element_classic_has_no_key,
    },
    Message {
        shown: words::apps_messages_your_key_storage_is_out,
        meaning: words::apps_messages_this_app_lacks_a_key,
    },
    Message {
        shown: words::apps_messages_verify_this_device_verify_this,
        meaning: words::apps_messages_the_app_wants_your_recovery,
    },
    Message {
        shown: words::apps_messages_turn_on_key_storage_back,
        meaning: words::apps_messages_nothing_is_backed_up_or,
    },
];
