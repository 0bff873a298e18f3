//! How large an audience is.

/// How many people come how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The name in tables and file names.
    pub name: &'static str,
    /// Visitors.
    pub users: usize,
    /// Rounds in all.
    pub rounds: usize,
    /// Rounds in a week.
    pub rounds_per_week: usize,
}

impl Size {
    /// One visitor for seven weeks.
    pub const S1: Self = Self {
        name: "s1",
        users: 1,
        rounds: 500,
        rounds_per_week: 70,
    };
    /// A small site for a week.
    pub const S45: Self = Self {
        name: "s45",
        users: 45,
        rounds: 523,
        rounds_per_week: 523,
    };
    /// A thousand visitors for four weeks.
    pub const S1K: Self = Self {
        name: "s1k",
        users: 1_000,
        rounds: 50_000,
        rounds_per_week: 12_500,
    };
    /// The three sizes of the benchmark.
    pub const ALL: [Self; 3] = [Self::S1, Self::S45, Self::S1K];
}
