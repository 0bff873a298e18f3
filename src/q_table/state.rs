//! The states of the Q-table: contexts in coarse levels.

use crate::context::{ContentType, Context, Extras, Level, Mood, TRAITS, TimeOfDay};
use crate::sorted::Map;
use crate::value::written;

/// A discretised context: every trait as low, medium or high, the rest as it
/// is. Packed into the bits of one number; ordered by personality first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateKey(pub(super) u128);

// How many bits each part takes. An extra is one of 16 declared values or unknown.
const LEVEL: u32 = 2;
const CONTENT_TYPE: u32 = 3;
const MOOD: u32 = 4;
const TIME_OF_DAY: u32 = 2;
const EXTRA: u32 = 5;

impl StateKey {
    /// The key of `context`.
    #[must_use]
    pub fn of(context: &Context) -> Self {
        let mut key = 0_u128;
        let mut put = |bits: u32, part: usize| key = key << bits | part as u128;
        for score in context.personality.scores() {
            put(LEVEL, Level::of(score) as usize);
        }
        put(CONTENT_TYPE, context.content_type as usize);
        put(MOOD, context.mood as usize);
        put(TIME_OF_DAY, context.time_of_day as usize);
        for extra in &context.extras {
            put(EXTRA, extra.map_or(0, |value| usize::from(value) + 1));
        }
        Self(key)
    }

    /// The key as a number, to be stored.
    #[must_use]
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// The key that [`StateKey::bits`] gave.
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// The state in words.
    #[must_use]
    pub fn describe(self, declared: &Extras) -> State {
        let mut rest = self.0;
        let mut take = |bits: u32| {
            let part = rest as usize & ((1 << bits) - 1);
            rest >>= bits;
            part
        };
        let mut extras = Map::new();
        for category in declared.categories().iter().rev() {
            let value = take(EXTRA).checked_sub(1);
            if let Some(value) = value.and_then(|v| category.values.get(v)) {
                extras.insert(category.name.clone(), value.clone());
            }
        }
        let time_of_day = TimeOfDay::from_index(take(TIME_OF_DAY));
        let mood = Mood::from_index(take(MOOD));
        let content_type = ContentType::from_index(take(CONTENT_TYPE));
        let mut personality = Map::new();
        for name in TRAITS.iter().rev() {
            let level = match take(LEVEL) {
                0 => Level::Low,
                1 => Level::Medium,
                _ => Level::High,
            };
            personality.insert(*name, level);
        }
        State {
            personality,
            content_type: content_type.unwrap_or(ContentType::Music),
            mood: mood.unwrap_or(Mood::Neutral),
            time_of_day: time_of_day.unwrap_or(TimeOfDay::Morning),
            extras,
        }
    }
}

/// A discretised context in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Each trait's level.
    pub personality: Map<&'static str, Level>,
    /// The content type.
    pub content_type: ContentType,
    /// The mood.
    pub mood: Mood,
    /// The time of day.
    pub time_of_day: TimeOfDay,
    /// Declared extras whose value was known.
    pub extras: Map<String, String>,
}

written!(State { personality, content_type, mood, time_of_day, ?extras });

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Personality;

    #[test]
    fn a_key_says_again_what_it_was_made_of() {
        let context = Context {
            mood: Mood::Relaxed,
            personality: Personality::from_scores([85.0, 50.0, 35.0, 50.0, 25.0]),
            ..Context::neutral(ContentType::Music, TimeOfDay::Evening)
        };
        let said = StateKey::of(&context).describe(&Extras::default());
        assert_eq!(said.personality.get("openness"), Some(&Level::High));
        assert_eq!(said.personality.get("extraversion"), Some(&Level::Low));
        assert_eq!(said.personality.get("agreeableness"), Some(&Level::Medium));
        assert_eq!(
            (said.mood, said.time_of_day),
            (Mood::Relaxed, TimeOfDay::Evening)
        );
    }
}
