//! The part of the visitor's local day.

use crate::error::Result;
use crate::value::{Field, serialize_as_word};

/// A part of the day, by local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeOfDay {
    /// 05:00 to 11:59.
    Morning,
    /// 12:00 to 16:59.
    Afternoon,
    /// 17:00 to 21:59.
    Evening,
    /// 22:00 to 04:59.
    Night,
}

serialize_as_word!(TimeOfDay);

impl TimeOfDay {
    /// All parts in the order every table, vector and file uses.
    pub const ALL: [Self; 4] = [Self::Morning, Self::Afternoon, Self::Evening, Self::Night];
    /// Their names, in the same order.
    pub const NAMES: [&'static str; 4] = ["morning", "afternoon", "evening", "night"];

    /// The part that holds `hour`, 0..=23 local time; hours beyond wrap.
    #[must_use]
    pub const fn of_hour(hour: u8) -> Self {
        match hour % 24 {
            5..=11 => Self::Morning,
            12..=16 => Self::Afternoon,
            17..=21 => Self::Evening,
            _ => Self::Night,
        }
    }

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES.get(self as usize).copied().unwrap_or_default()
    }

    /// The part at `index` of [`TimeOfDay::ALL`].
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// Reads a part's name.
    ///
    /// # Errors
    /// The field's code for any other value.
    pub fn read(field: &Field<'_>) -> Result<Self> {
        let index = field.word(&Self::NAMES)?;
        Ok(Self::from_index(index).unwrap_or(Self::Morning))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_cut_at_5_12_17_and_22() {
        let cut = |h| TimeOfDay::of_hour(h).as_str();
        assert_eq!((cut(4), cut(5), cut(11)), ("night", "morning", "morning"));
        assert_eq!((cut(12), cut(16)), ("afternoon", "afternoon"));
        assert_eq!((cut(17), cut(21), cut(22)), ("evening", "evening", "night"));
    }
}
