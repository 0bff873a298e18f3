//! The part of the visitor's local day.

use crate::value::words;

words! {
    /// A part of the day, by local time.
    pub enum TimeOfDay {
        /// 05:00 to 11:59.
        Morning = "morning",
        /// 12:00 to 16:59.
        Afternoon = "afternoon",
        /// 17:00 to 21:59.
        Evening = "evening",
        /// 22:00 to 04:59.
        Night = "night",
    }
}

impl TimeOfDay {
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
