//! Labels and menus of other apps, as the page quotes them, each with the version in which they were seen.
//!
//! Labels stand between “ and ”. Nothing here may send a person to one of [`NEVER`].

use super::App;
use crate::words::{self, Word, nothing};

/// A way through one app, or one generation of it.
pub struct Walk {
    /// The app.
    pub app: App,
    /// The app, and its generation.
    pub title: Word,
    /// A sentence by which a person recognises it; may be empty.
    pub recognise: Word,
    /// The version whose screens have these labels, and the words for those that were only read; empty if the walk
    /// quotes no app.
    pub seen: Word,
    /// The place in the app that the person has to find first; none where the first step finds nothing.
    pub spot: Option<Spot>,
    /// The labels at that place. Versions differ: the person finds one of them.
    pub finds: &'static [Word],
    /// The instructions, in order.
    pub steps: &'static [Word],
}

/// A place in an app, as the app's generation shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The box at the top left of Element since version 1.12, whose list of rooms has no sections.
    NewBox,
    /// The box at the top left of Element before, whose list of rooms has sections.
    OldBox,
    /// The settings of Element since 2025, behind the person's picture at the top left.
    NewSettings,
    /// The menu at the person's name, at the top left of Element before 2025.
    OldMenu,
    /// The settings behind the person's picture at the bottom left.
    SettingsBelow,
    /// The settings, wherever the app has them.
    Settings,
    /// The bar under the person's name, at the top left.
    Bar,
    /// A question in the middle of the window.
    Question,
    /// The settings on a phone.
    PhoneSettings,
    /// The buttons at the bottom of a phone's screen.
    PhoneQuestion,
    /// A box that shows the new recovery key.
    Key,
    /// The same, filling a phone.
    PhoneKey,
    /// A field for the recovery key.
    Entry,
    /// The same, on a phone.
    PhoneEntry,
}

impl Spot {
    /// Says where the place is.
    pub fn words(self) -> &'static str {
        match self {
            Self::NewBox | Self::OldBox => words::app_spot_at_the_top_left(),
            Self::NewSettings => words::app_spot_in_the_settings_behind_your(),
            Self::OldMenu => words::app_spot_in_the_menu_at_your(),
            Self::SettingsBelow => words::app_spot_behind_your_picture_at_the(),
            Self::Settings | Self::PhoneSettings => words::app_spot_in_the_settings(),
            Self::Bar => words::app_spot_under_your_name(),
            Self::Question => words::app_spot_in_a_box_of_its(),
            Self::PhoneQuestion => words::app_spot_at_the_bottom(),
            // It comes by itself.
            Self::Key | Self::PhoneKey | Self::Entry | Self::PhoneEntry => words::nothing(),
        }
    }
}

const fn walk(
    app: App,
    [title, recognise, seen]: [Word; 3],
    spot: Spot,
    finds: &'static [Word],
    steps: &'static [Word],
) -> Walk {
    Walk { app, title, recognise, seen, spot: Some(spot), finds, steps }
}

/// Labels that delete the backup in an app that is not verified.
pub const NEVER: [Word; 6] = [
    words::apps_walks_reset,
    words::apps_walks_reset_all,
    words::apps_walks_proceed_with_reset,
    words::apps_walks_forgot_recovery_key,
    words::apps_walks_cant_confirm,
    words::apps_walks_allow_key_storage,
];

/// The warning of these, for wherever a person is sent into an app.
pub const WARNING: Word = words::apps_walks_in_the_app_never_choose;

/// Takes a text apart at its labels, which stand between “ and ”: returns each piece, and whether it is a label.
pub fn pieces(text: &'static str) -> impl Iterator<Item = (&'static str, bool)> {
    text.split_inclusive(['“', '”']).map(|piece| match piece.strip_suffix('”') {
        Some(label) => (label, true),
        None => (piece.trim_end_matches('“'), false),
    })
}

const NEW: [Word; 3] = [
    words::apps_walks_element_of_2025_or_newer,
    words::apps_walks_you_have_this_one_if,
    words::apps_walks_element_1_12_2_texts,
];
const OLD: [Word; 3] = [
    words::apps_walks_element_of_2024_or_older,
    words::apps_walks_you_have_this_one_if_its_settings,
    words::apps_walks_element_1_11_89,
];
const CLASSIC: [Word; 3] = [
    words::apps_walks_element_classic_on_a_phone,
    words::apps_walks_you_have_this_one_if_element_x,
    words::apps_walks_texts_of_2026_not_tried,
];
const ELEMENT_X: [Word; 3] =
    [words::apps_walks_element_x_android_or_ios, nothing, words::apps_walks_texts_of_2026_not_tried];
const CINNY: [Word; 3] = [words::apps_walks_cinny, nothing, words::apps_walks_cinny_4_8_1];
const NHEKO: [Word; 3] = [words::apps_walks_nheko, nothing, words::apps_walks_nheko_0_11_3];
const HYDROGEN: [Word; 3] = [words::apps_walks_hydrogen, nothing, words::apps_walks_hydrogen_0_5_1];
const FLUFFYCHAT: [Word; 3] = [words::apps_walks_fluffychat, nothing, words::apps_walks_its_texts_not_tried];
const ANOTHER: [Word; 3] = [words::apps_walks_another_app, nothing, nothing];

/// Making a new recovery key in an app that holds every secret.
pub const CHANGE_KEY: [Walk; 2] = [
    walk(
        App::Element,
        NEW,
        Spot::NewSettings,
        &[words::apps_walks_encryption],
        &[
            words::apps_walks_open_the_settings_and_choose,
            words::apps_walks_under_recovery_in_newer_ones,
            words::apps_walks_the_key_is_on_the,
            words::apps_walks_enter_it_once_more_and,
        ],
    ),
    Walk {
        spot: None,
        ..walk(App::Element, OLD, Spot::OldMenu, &[], &[words::apps_walks_update_this_app_first_and])
    },
];

/// Giving the new recovery key to an app that still holds the old messages' keys.
pub const ENTER_KEY: [Walk; 8] = [
    walk(
        App::Element,
        NEW,
        Spot::NewBox,
        &[words::apps_walks_verify_this_device, words::apps_walks_verify_this_session],
        &[
            words::apps_walks_look_for_the_box_verify,
            words::apps_walks_on_the_page_confirm_your,
            words::apps_walks_put_your_key_under_enter,
        ],
    ),
    walk(
        App::Element,
        OLD,
        Spot::OldBox,
        &[words::apps_walks_verify_this_session],
        &[
            words::apps_walks_look_for_the_box_verify_this_session,
            words::apps_walks_choose_verify_with_security_key,
            words::apps_walks_if_the_field_wants_a,
        ],
    ),
    walk(
        App::ElementX,
        ELEMENT_X,
        Spot::PhoneQuestion,
        &[words::apps_walks_use_recovery_key],
        &[words::apps_walks_at_confirm_your_digital_identity, words::apps_walks_put_your_key_under_enter],
    ),
    walk(
        App::ElementClassic,
        CLASSIC,
        Spot::PhoneSettings,
        &[words::apps_walks_security_privacy, words::apps_walks_security],
        &[
            words::apps_walks_open_its_settings_security_privacy,
            words::apps_walks_tap_the_current_session_and,
            words::apps_walks_then_open_element_x_it,
        ],
    ),
    walk(
        App::Cinny,
        CINNY,
        Spot::SettingsBelow,
        &[words::apps_walks_devices],
        &[
            words::apps_walks_choose_your_picture_at_the,
            words::apps_walks_choose_verify_manually_and_recovery,
        ],
    ),
    walk(
        App::Nheko,
        NHEKO,
        Spot::Bar,
        &[words::apps_walks_unverified_login],
        &[
            words::apps_walks_choose_the_yellow_bar_unverified,
            words::apps_walks_choose_enter_passphrase_and_enter,
        ],
    ),
    walk(
        App::Hydrogen,
        HYDROGEN,
        Spot::Settings,
        &[words::apps_walks_key_backup_security],
        &[words::apps_walks_open_the_settings_and_find, words::apps_walks_enter_the_key_or_choose],
    ),
    walk(
        App::Unknown,
        ANOTHER,
        Spot::Question,
        &[words::apps_walks_verify],
        &[words::apps_walks_look_for_verify_or_for],
    ),
];

/// Finding this page's verification request in an app, and accepting it.
pub const ANSWER: [Walk; 8] = [
    walk(
        App::Element,
        NEW,
        Spot::NewBox,
        &[
            words::apps_walks_verify_this_device,
            words::apps_walks_verify_this_session,
            words::apps_walks_verification_requested,
        ],
        &[
            words::apps_walks_does_it_show_verify_this,
            words::apps_walks_otherwise_look_for_the_box,
            words::apps_walks_if_it_asks_how_choose,
        ],
    ),
    walk(
        App::Element,
        OLD,
        Spot::OldBox,
        &[words::apps_walks_verify_this_session, words::apps_walks_older_verification_requested],
        &[
            words::apps_walks_does_it_show_verify_this_session_choose,
            words::apps_walks_otherwise_look_for_the_box_verification_requested,
            words::apps_walks_choose_verify_by_emoji_or,
        ],
    ),
    walk(
        App::ElementX,
        ELEMENT_X,
        Spot::PhoneQuestion,
        &[words::apps_walks_use_another_device, words::apps_walks_start_verification],
        &[
            words::apps_walks_does_it_show_confirm_your,
            words::apps_walks_otherwise_it_asks_verification_requested,
        ],
    ),
    walk(
        App::Cinny,
        CINNY,
        Spot::Question,
        &[words::apps_walks_device_verification],
        &[words::apps_walks_the_box_device_verification_opens, words::apps_walks_when_the_emoji_are_the],
    ),
    walk(
        App::Nheko,
        NHEKO,
        Spot::Question,
        &[words::apps_walks_has_requested_to_be_verified],
        &[words::apps_walks_a_window_says_that_your, words::apps_walks_when_the_emoji_are_the_same_choose],
    ),
    walk(
        App::FluffyChat,
        FLUFFYCHAT,
        Spot::PhoneQuestion,
        &[words::apps_walks_new_verification_request],
        &[words::apps_walks_open_the_app_it_asks],
    ),
    walk(
        App::Hydrogen,
        HYDROGEN,
        Spot::Settings,
        &[words::apps_walks_key_backup_security],
        &[words::apps_walks_it_may_not_answer_enter],
    ),
    walk(App::Unknown, ANOTHER, Spot::Question, &[], &[words::apps_walks_open_the_app_and_look]),
];

/// Starting the verification in an app that does not show this page's request.
pub const BEGIN_THERE: [Walk; 4] = [
    walk(
        App::Element,
        [words::apps_walks_element_not_verified, words::apps_walks_you_have_this_one_if_it_says, NEW[2]],
        Spot::NewBox,
        &[words::apps_walks_verify_this_device, words::apps_walks_verify_this_session],
        &[words::apps_walks_choose_verify_then_use_another, words::apps_walks_this_page_then_says_that],
    ),
    walk(
        App::Element,
        [words::apps_walks_element_verified, nothing, NEW[2]],
        Spot::NewSettings,
        &[words::apps_walks_sessions, words::apps_walks_older_security],
        &[
            words::apps_walks_open_the_settings_and_choose_sessions_or,
            words::apps_walks_find_key_backup_page_temporary,
        ],
    ),
    walk(
        App::FluffyChat,
        FLUFFYCHAT,
        Spot::PhoneSettings,
        &[words::apps_walks_fluffychat_devices],
        &[
            words::apps_walks_open_the_settings_and_choose_devices,
            words::apps_walks_tap_key_backup_page_temporary,
        ],
    ),
    walk(App::Unknown, ANOTHER, Spot::Settings, &[], &[words::apps_walks_look_in_its_settings_for]),
];

/// Exporting an app's room keys to a file.
pub const EXPORT: [Walk; 6] = [
    walk(
        App::Element,
        NEW,
        Spot::NewSettings,
        &[words::apps_walks_encryption],
        &[words::apps_walks_it_has_to_be_verified, words::apps_walks_under_advanced_choose_export_keys],
    ),
    walk(
        App::Element,
        OLD,
        Spot::OldMenu,
        &[words::apps_walks_older_security],
        &[words::apps_walks_open_the_menu_at_your, words::apps_walks_choose_export_e2e_room_keys],
    ),
    walk(
        App::ElementClassic,
        CLASSIC,
        Spot::PhoneSettings,
        &[words::apps_walks_security_privacy, words::apps_walks_security],
        &[
            words::apps_walks_open_its_settings_and_choose,
            words::apps_walks_choose_export_e2e_room_keys_on_an,
        ],
    ),
    walk(
        App::Cinny,
        CINNY,
        Spot::SettingsBelow,
        &[words::apps_walks_devices],
        &[
            words::apps_walks_choose_your_picture_at_the,
            words::apps_walks_under_local_backup_at_export,
            words::apps_walks_make_up_a_passphrase_enter,
        ],
    ),
    walk(
        App::Nheko,
        NHEKO,
        Spot::Settings,
        &[words::apps_walks_nheko_encryption],
        &[words::apps_walks_open_the_settings_with_the, words::apps_walks_at_session_keys_choose_export],
    ),
    walk(
        App::Unknown,
        ANOTHER,
        Spot::Settings,
        &[words::apps_walks_export],
        &[words::apps_walks_look_in_its_settings_for_export_near],
    ),
];
