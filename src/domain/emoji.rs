//! The words for the emoji that two devices compare, in the person's language.
//!
//! Source: the specification's own translations (`data-definitions/sas-emoji.json` of matrix-spec, Apache-2.0, read in
//! November 2026).

use crate::words::{self, Word};

/// Each emoji by its English name in the specification, in its order.
const WORDS: [(&str, Word); 64] = [
    ("Dog", words::emoji_dog),
    ("Cat", words::emoji_cat),
    ("Lion", words::emoji_lion),
    ("Horse", words::emoji_horse),
    ("Unicorn", words::emoji_unicorn),
    ("Pig", words::emoji_pig),
    ("Elephant", words::emoji_elephant),
    ("Rabbit", words::emoji_rabbit),
    ("Panda", words::emoji_panda),
    ("Rooster", words::emoji_rooster),
    ("Penguin", words::emoji_penguin),
    ("Turtle", words::emoji_turtle),
    ("Fish", words::emoji_fish),
    ("Octopus", words::emoji_octopus),
    ("Butterfly", words::emoji_butterfly),
    ("Flower", words::emoji_flower),
    ("Tree", words::emoji_tree),
    ("Cactus", words::emoji_cactus),
    ("Mushroom", words::emoji_mushroom),
    ("Globe", words::emoji_globe),
    ("Moon", words::emoji_moon),
    ("Cloud", words::emoji_cloud),
    ("Fire", words::emoji_fire),
    ("Banana", words::emoji_banana),
    ("Apple", words::emoji_apple),
    ("Strawberry", words::emoji_strawberry),
    ("Corn", words::emoji_corn),
    ("Pizza", words::emoji_pizza),
    ("Cake", words::emoji_cake),
    ("Heart", words::emoji_heart),
    ("Smiley", words::emoji_smiley),
    ("Robot", words::emoji_robot),
    ("Hat", words::emoji_hat),
    ("Glasses", words::emoji_glasses),
    ("Spanner", words::emoji_spanner),
    ("Santa", words::emoji_santa),
    ("Thumbs Up", words::emoji_thumbs_up),
    ("Umbrella", words::emoji_umbrella),
    ("Hourglass", words::emoji_hourglass),
    ("Clock", words::emoji_clock),
    ("Gift", words::emoji_gift),
    ("Light Bulb", words::emoji_light_bulb),
    ("Book", words::emoji_book),
    ("Pencil", words::emoji_pencil),
    ("Paperclip", words::emoji_paperclip),
    ("Scissors", words::emoji_scissors),
    ("Lock", words::emoji_lock),
    ("Key", words::emoji_key),
    ("Hammer", words::emoji_hammer),
    ("Telephone", words::emoji_telephone),
    ("Flag", words::emoji_flag),
    ("Train", words::emoji_train),
    ("Bicycle", words::emoji_bicycle),
    ("Aeroplane", words::emoji_aeroplane),
    ("Rocket", words::emoji_rocket),
    ("Trophy", words::emoji_trophy),
    ("Ball", words::emoji_ball),
    ("Guitar", words::emoji_guitar),
    ("Trumpet", words::emoji_trumpet),
    ("Bell", words::emoji_bell),
    ("Anchor", words::emoji_anchor),
    ("Headphones", words::emoji_headphones),
    ("Folder", words::emoji_folder),
    ("Pin", words::emoji_pin),
];

/// Returns the word for the emoji with this English name; a name that the specification does not have stays as it is.
pub fn word(name: &str) -> &str {
    WORDS.iter().find(|(english, _)| *english == name).map_or(name, |(_, word)| word())
}
