//! The context of a decision (SPEC section 1): who, in what mood, when, for what.

mod content_type;
mod extras;
mod mood;
mod personality;
mod time_of_day;

pub use content_type::ContentType;
pub use extras::{Category, Extras};
pub use mood::{Mood, MoodTarget};
pub use personality::{Level, Personality, TRAITS};
pub use time_of_day::TimeOfDay;

use crate::sorted::Map;

use crate::error::{Code, Result};
use crate::value::{Field, Value, written};

/// What is known when a strategy is chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    /// The visitor's Big Five scores, or the neutral profile.
    pub personality: Personality,
    /// What kind of content is asked for.
    pub content_type: ContentType,
    /// The mood the visitor reported; neutral when none was.
    pub mood: Mood,
    /// The part of the visitor's local day.
    pub time_of_day: TimeOfDay,
    /// One entry per declared category, in declared order: the position of its
    /// value, or `None` for unknown.
    pub extras: Vec<Option<u8>>,
}

impl Context {
    /// A neutral visitor asking for `content_type` at `time_of_day`.
    #[must_use]
    pub fn neutral(content_type: ContentType, time_of_day: TimeOfDay) -> Self {
        Self {
            personality: Personality::NEUTRAL,
            content_type,
            mood: Mood::Neutral,
            time_of_day,
            extras: Vec::new(),
        }
    }

    /// The context as on the wire, extras by their declared names.
    #[must_use]
    pub fn named(&self, declared: &Extras) -> NamedContext {
        let extras = declared.categories().iter().zip(&self.extras);
        NamedContext {
            content_type: self.content_type,
            time_of_day: self.time_of_day,
            mood: self.mood,
            personality: self.personality,
            extras: extras
                .filter_map(|(category, value)| {
                    let word = category.values.get(usize::from((*value)?))?;
                    Some((category.name.clone(), word.clone()))
                })
                .collect(),
        }
    }

    /// Reads `{content_type, time_of_day, mood?, personality?, extras?}`.
    ///
    /// # Errors
    /// `invalid_context` for a missing, unknown, out-of-range or undeclared value.
    pub fn parse(value: &Value, declared: &Extras) -> Result<Self> {
        let mut fields = Field::root(Code::InvalidContext, "context", value).fields()?;
        let context = Self::read(&mut fields, declared)?;
        fields.finish()?;
        Ok(context)
    }

    /// Reads the context's own fields out of an object that may hold others.
    ///
    /// # Errors
    /// As [`Context::parse`], but unknown fields are left to the caller.
    pub fn read(fields: &mut crate::value::Fields<'_>, declared: &Extras) -> Result<Self> {
        Ok(Self {
            content_type: ContentType::read(&fields.required("content_type")?)?,
            time_of_day: TimeOfDay::read(&fields.required("time_of_day")?)?,
            mood: match fields.optional("mood") {
                Some(field) => Mood::read(&field)?,
                None => Mood::Neutral,
            },
            personality: match fields.optional("personality") {
                Some(field) => Personality::read(&field)?,
                None => Personality::NEUTRAL,
            },
            extras: declared.read(fields.optional("extras").as_ref())?,
        })
    }
}

/// What [`Context::parse`] reads, for writing.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedContext {
    /// The content type.
    pub content_type: ContentType,
    /// The time of day.
    pub time_of_day: TimeOfDay,
    /// The mood.
    pub mood: Mood,
    /// The five scores.
    pub personality: Personality,
    /// Known extras by category.
    pub extras: Map<String, String>,
}

written!(NamedContext { content_type, time_of_day, mood, personality, ?extras });

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Context> {
        Context::parse(&serde_json::from_str(text).unwrap(), &Extras::default())
    }

    #[test]
    fn absent_mood_and_traits_are_neutral() {
        let context = parse(
            r#"{"content_type": "music", "time_of_day": "evening", "personality": {"openness": 75}}"#,
        )
        .unwrap();
        assert_eq!(context.mood, Mood::Neutral);
        assert_eq!(context.personality.openness, 75.0);
        assert_eq!(context.personality.neuroticism, 50.0);
    }

    #[test]
    fn errors_name_field_value_and_what_is_allowed() {
        let error = parse(r#"{"content_type": "musik", "time_of_day": "night"}"#).unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid_context: `context.content_type` must be one of music, video, game, podcast, article, got `musik`"
        );
        let error = parse(
            r#"{"content_type": "music", "time_of_day": "night", "personality": {"openness": 101}}"#,
        )
        .unwrap_err();
        assert_eq!(
            error.message(),
            "`context.personality.openness` must be a number from 0 to 100, got `101`"
        );
    }
}
