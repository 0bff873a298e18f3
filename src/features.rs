//! The features of the taste model (SPEC section 5): the one place that knows
//! their layout, and its hash.
//!
//! A context becomes a short list of small integers `c`; a strategy becomes a
//! row `h` of contrasts. The model's features are `h_j · c` for the intercept
//! and the main contrasts (each crossed with the whole context), and `h_j` alone
//! for the products of mains of two dimensions.

mod basis;

use crate::codec::{self, Reader, Writer, unreadable};
use crate::context::{ContentType, Context, Extras, Mood, TRAITS, TimeOfDay};
use crate::error::Result;
use crate::strategy::{ActionSpace, Strategy};
use crate::text::join;

/// The divisor that brings a centred trait (−50..=50) to about unit variance.
const TRAIT_SCALE: f64 = 20.0;

/// How many of the first context columns last from one visit to the next: the constant
/// and the traits.
pub const LASTING: usize = 1 + TRAITS.len();

/// What a group of context columns stands for; each has a prior of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The constant 1.
    Intercept,
    /// Five centred traits.
    Trait,
    /// One-hot mood.
    Mood,
    /// One-hot part of the day.
    Time,
    /// One-hot content type.
    Content,
    /// One-hot declared extras.
    Extra,
}

/// One context column.
#[derive(Clone, Debug)]
struct Column {
    group: Group,
    name: String,
    /// What multiplies the integer to give a standardised value.
    scale: f64,
    /// The one-hot set the column belongs to, for columns that are 0 or 1.
    one_hot: Option<u16>,
}

/// The layout of context columns and action contrasts.
#[derive(Clone, Debug)]
pub struct Layout {
    space: ActionSpace,
    columns: Vec<Column>,
    /// Per strategy: 1, standardised mains, standardised products of mains.
    basis: Vec<Vec<f64>>,
    mains: usize,
    pairs: usize,
    hash: u64,
}

/// A context as integers: `(column, value)` in ascending column order, zeros
/// left out. Traits enter as score − 50, everything else as 0 or 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Features(Vec<(u16, i16)>);

impl Features {
    /// The non-zero entries, ascending by column.
    pub fn iter(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.0.iter().map(|&(i, v)| (usize::from(i), i64::from(v)))
    }

    /// Appends the features: 10 to 25 bytes.
    pub fn encode(&self, out: &mut Writer) {
        out.uint(self.0.len() as u64);
        let mut last = 0;
        for &(column, value) in &self.0 {
            out.uint(u64::from(column - last));
            out.int(i64::from(value));
            last = column;
        }
    }
}

impl Layout {
    /// The layout for a table of actions and the declared extras.
    #[must_use]
    pub fn new(space: &ActionSpace, extras: &Extras) -> Self {
        let mut columns = vec![Column {
            group: Group::Intercept,
            name: "always".into(),
            scale: 1.0,
            one_hot: None,
        }];
        columns.extend(TRAITS.iter().map(|name| Column {
            group: Group::Trait,
            name: (*name).into(),
            scale: 1.0 / TRAIT_SCALE,
            one_hot: None,
        }));
        let mut set = 0;
        let mut one_hot = |group, field: &str, values: &[&str]| {
            columns.extend(values.iter().map(|value| Column {
                group,
                name: join(&[field, value], " "),
                scale: 1.0,
                one_hot: Some(set),
            }));
            set += 1;
        };
        one_hot(Group::Mood, "mood", &Mood::NAMES);
        one_hot(Group::Time, "time_of_day", &TimeOfDay::NAMES);
        one_hot(Group::Content, "content_type", &ContentType::NAMES);
        for category in extras.categories() {
            let values: Vec<&str> = category.values.iter().map(String::as_str).collect();
            one_hot(Group::Extra, &category.name, &values);
        }
        let basis = space.strategies().map(|s| basis::row(space, s)).collect();
        let mains = 2 * space.dimensions().len();
        let mut table = String::new();
        for column in &columns {
            table.push_str(&column.name);
            table.push('\n');
        }
        for dimension in space.dimensions() {
            table.push_str(dimension.name);
            table.push_str(&join(&dimension.levels, ","));
            table.push('\n');
        }
        Self {
            space: space.clone(),
            columns,
            basis,
            mains,
            pairs: mains * (mains - 2) / 2,
            hash: codec::hash(table.as_bytes(), 0),
        }
    }

    /// The hash of the feature table: equal for layouts that mean the same.
    #[must_use]
    pub const fn hash(&self) -> u64 {
        self.hash
    }

    /// The table of actions.
    #[must_use]
    pub const fn space(&self) -> &ActionSpace {
        &self.space
    }

    /// How many context columns there are.
    #[must_use]
    pub fn context_len(&self) -> usize {
        self.columns.len()
    }

    /// How many action rows are crossed with the whole context: 1 + two main
    /// contrasts per dimension.
    #[must_use]
    pub const fn crossed_len(&self) -> usize {
        1 + self.mains
    }

    /// How many products of mains stand alone.
    #[must_use]
    pub const fn pairs_len(&self) -> usize {
        self.pairs
    }

    /// How many weights the model has.
    #[must_use]
    pub fn model_len(&self) -> usize {
        self.crossed_len() * self.context_len() + self.pairs
    }

    /// The row of `strategy`: 1, mains, products of mains; contrasts have mean
    /// square 1 over all strategies.
    #[must_use]
    pub fn basis(&self, strategy: Strategy) -> &[f64] {
        self.basis.get(strategy.index()).map_or(&[], Vec::as_slice)
    }

    /// The rows of all strategies in index order.
    #[must_use]
    pub fn bases(&self) -> &[Vec<f64>] {
        &self.basis
    }

    /// The group of a context column.
    #[must_use]
    pub fn group(&self, column: usize) -> Group {
        self.columns
            .get(column)
            .map_or(Group::Intercept, |c| c.group)
    }

    /// The name of a context column, such as `mood relaxed` or `openness`.
    #[must_use]
    pub fn name(&self, column: usize) -> &str {
        self.columns.get(column).map_or("", |c| c.name.as_str())
    }

    /// What multiplies a column's integer to give its standardised value.
    #[must_use]
    pub fn scale(&self, column: usize) -> f64 {
        self.columns.get(column).map_or(1.0, |c| c.scale)
    }

    /// The one-hot set of a column of zeros and ones; at most one column of a
    /// set is 1.
    #[must_use]
    pub fn one_hot(&self, column: usize) -> Option<u16> {
        self.columns.get(column).and_then(|c| c.one_hot)
    }

    /// The integers of a context.
    #[must_use]
    pub fn features(&self, context: &Context) -> Features {
        let mut entries = vec![(0, 1)];
        let traits = context.personality.centred();
        let mut at = 1u16;
        for value in traits {
            if value != 0 {
                entries.push((at, value as i16));
            }
            at += 1;
        }
        let mut hot = |position: Option<usize>, size: usize| {
            if let Some(p) = position.filter(|&p| p < size) {
                entries.push((at + p as u16, 1));
            }
            at += size as u16;
        };
        hot(Some(context.mood as usize), Mood::NAMES.len());
        hot(Some(context.time_of_day as usize), TimeOfDay::NAMES.len());
        hot(
            Some(context.content_type as usize),
            ContentType::NAMES.len(),
        );
        let extras = self.extra_sizes();
        for (i, size) in extras.into_iter().enumerate() {
            let value = context.extras.get(i).copied().flatten();
            hot(value.map(usize::from), size);
        }
        Features(entries)
    }

    fn extra_sizes(&self) -> Vec<usize> {
        let mut sizes: Vec<usize> = Vec::new();
        let mut last = None;
        for column in self.columns.iter().filter(|c| c.group == Group::Extra) {
            if column.one_hot == last
                && let Some(size) = sizes.last_mut()
            {
                *size += 1;
            } else {
                sizes.push(1);
                last = column.one_hot;
            }
        }
        sizes
    }

    /// Reads what [`Features::encode`] wrote for this layout.
    ///
    /// # Errors
    /// `corrupt_model` for anything that [`Layout::features`] cannot give.
    pub fn decode(&self, input: &mut Reader<'_>) -> Result<Features> {
        let bad = || unreadable("model", "impossible features");
        let count = input.count(2)?;
        let mut entries = Vec::with_capacity(count);
        let mut last = 0u64;
        let mut last_set = None;
        for i in 0..count {
            let step = input.uint()?;
            let value = input.int()?;
            last = last.checked_add(step).ok_or_else(bad)?;
            let column = usize::try_from(last).map_err(|_| bad())?;
            let info = self.columns.get(column).ok_or_else(bad)?;
            let fits = match info.group {
                Group::Intercept => value == 1,
                Group::Trait => (-50..=50).contains(&value) && value != 0,
                _ => value == 1 && (info.one_hot != last_set),
            };
            if !fits || (i == 0) != (column == 0) || (i > 0 && step == 0) {
                return Err(bad());
            }
            last_set = info.one_hot.or(last_set);
            entries.push((column as u16, value as i16));
        }
        if entries.is_empty() {
            return Err(bad());
        }
        Ok(Features(entries))
    }

    /// The standardised entries of `features`, ascending by column.
    #[must_use]
    pub fn standardised(&self, features: &Features) -> Vec<(usize, f64)> {
        features
            .iter()
            .map(|(i, v)| (i, v as f64 * self.scale(i)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Personality;
    use crate::strategy::Dimension;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    fn layout() -> Layout {
        Layout::new(&ActionSpace::default(), &Extras::default())
    }

    fn context() -> impl proptest::strategy::Strategy<Value = Context> {
        let scores = proptest::array::uniform5(0.0..=100.0f64);
        let parts = (scores, 0usize..14, 0usize..4, 0usize..5);
        proptest::strategy::Strategy::prop_map(parts, |(scores, mood, time, content)| Context {
            personality: Personality::from_scores(scores),
            content_type: ContentType::ALL[content],
            mood: Mood::ALL[mood],
            time_of_day: TimeOfDay::ALL[time],
            extras: Vec::new(),
        })
    }

    #[test]
    fn the_guides_space_has_215_weights() {
        assert_eq!(layout().context_len(), 29);
        assert_eq!(layout().model_len(), 215);
    }

    #[test]
    fn a_fourth_dimension_is_one_entry() {
        let tempo = Dimension {
            name: "tempo",
            levels: ["slow", "moderate", "fast"],
        };
        let wide = Layout::new(
            &ActionSpace::default().with(tempo).unwrap(),
            &Extras::default(),
        );
        assert_eq!(wide.bases().len(), 81);
        assert_eq!(wide.crossed_len(), 9);
        assert_eq!(wide.pairs_len(), 24);
        assert_ne!(wide.hash(), layout().hash());
    }

    proptest! {
        #[test]
        fn features_survive_their_bytes(context in context()) {
            let layout = layout();
            let features = layout.features(&context);
            let mut out = Writer::default();
            features.encode(&mut out);
            let bytes = out.into_bytes();
            prop_assert!(bytes.len() <= 32);
            let mut input = Reader::new(&bytes);
            prop_assert_eq!(layout.decode(&mut input).unwrap(), features);
            input.finish().unwrap();
        }

        #[test]
        fn decoding_any_bytes_is_total(bytes in proptest::collection::vec(any::<u8>(), 0..48)) {
            let layout = layout();
            if let Ok(features) = layout.decode(&mut Reader::new(&bytes)) {
                prop_assert!(features.iter().all(|(i, _)| i < layout.context_len()));
            }
        }
    }
}
