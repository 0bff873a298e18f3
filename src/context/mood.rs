//! The fourteen moods and what each does to energy and valence (SPEC section 3).

use crate::value::words;

/// What a mood asks of the content. Integers, so that rounding is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoodTarget {
    /// Wellbeing in tenths, −10..=10; a mood change is a change of this.
    pub wellbeing: i64,
    /// Target valence in hundredths.
    pub valence: i64,
    /// Energy band that the mood pulls towards, in hundredths.
    pub band: (i64, i64),
    /// How strongly it pulls, in thirds: 0, 1 or 2.
    pub pull: i64,
}

macro_rules! moods {
    ($($name:ident $word:literal $wellbeing:literal $valence:literal ($low:literal, $high:literal) $pull:literal;)*) => {
        words! {
            /// A mood as the visitor reports it.
            pub enum Mood {
                $(#[doc = concat!("`", $word, "`")] $name = $word,)*
            }
        }

        impl Mood {
            /// The mood's row in the table of SPEC section 3.
            #[must_use]
            pub const fn target(self) -> MoodTarget {
                match self {
                    $(Self::$name => MoodTarget {
                        wellbeing: $wellbeing,
                        valence: $valence,
                        band: ($low, $high),
                        pull: $pull,
                    },)*
                }
            }
        }
    };
}

moods! {
    Neutral   "neutral"    0 50 ( 0,   0) 0;
    Happy     "happy"      8 80 (50,  90) 1;
    Excited   "excited"    7 80 (60, 100) 2;
    Energetic "energetic"  6 70 (60, 100) 2;
    Focused   "focused"    3 50 (30,  60) 1;
    Relaxed   "relaxed"    5 60 (15,  40) 2;
    Calm      "calm"       4 60 (10,  40) 2;
    Peaceful  "peaceful"   9 60 ( 5,  35) 2;
    Bored     "bored"     -2 60 (50,  90) 1;
    Tired     "tired"     -3 50 ( 0,  40) 1;
    Sad       "sad"       -7 25 (10,  50) 1;
    Anxious   "anxious"   -6 40 (10,  50) 1;
    Stressed  "stressed"  -5 45 (10,  50) 1;
    Angry     "angry"     -8 35 (40,  80) 1;
}
