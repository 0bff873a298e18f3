//! Kinds of audiences: how much whom likes which strategy in which situation.

use super::draws::Draws;

/// A structure of tastes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Traits, mood, time and content each shift every main contrast.
    Additive,
    /// Hidden types of people, with tastes per mood of their own.
    Interaction,
    /// Additive, and everybody a taste of their own on top.
    Personal,
    /// As personal; everything changes half-way.
    Drift,
    /// Additive with weak effects, and every fourth round random.
    Noisy,
    /// Threshold rules set an ideal level per dimension.
    Rules,
    /// The same strategies are best for everybody.
    Null,
    /// Deep decision trees over the whole context.
    Trees,
    /// Smooth curves and bumps over the traits, shifted by mood.
    Smooth,
}

impl Kind {
    /// All kinds, the seven linear or nearly linear ones first.
    pub const ALL: [Self; 9] = [
        Self::Additive,
        Self::Interaction,
        Self::Personal,
        Self::Drift,
        Self::Noisy,
        Self::Rules,
        Self::Null,
        Self::Trees,
        Self::Smooth,
    ];

    /// The name in tables and file names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Additive => "additive",
            Self::Interaction => "interaction",
            Self::Personal => "personal",
            Self::Drift => "drift",
            Self::Noisy => "noisy",
            Self::Rules => "rules",
            Self::Null => "null",
            Self::Trees => "trees",
            Self::Smooth => "smooth",
        }
    }

    /// The kind called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How many moods, parts of the day and content types an audience knows.
pub const MOODS: usize = 8;
pub const TIMES: usize = 4;
pub const CONTENTS: usize = 5;
const MAINS: usize = 6;
const PAIRS: usize = 12;
const TYPES: usize = 6;
/// Scales all effects, so that choosing well earns about 0.8 more than blindly.
const SCALE: f64 = 0.5;

/// A visit as the tastes see it.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    pub user: usize,
    /// Traits in standard deviations from the middle.
    pub z: &'a [f64; 5],
    pub mood: usize,
    pub time: usize,
    pub content: usize,
}

/// `if trait > cut and (mood in moods) and (time in times): ideal = level`.
#[derive(Debug)]
struct Rule {
    dimension: usize,
    of: usize,
    cut: f64,
    moods: Option<[bool; MOODS]>,
    times: Option<[bool; TIMES]>,
    level: f64,
}

/// A tree of depth 3: seven questions, eight leaves.
#[derive(Debug)]
struct Tree {
    questions: Vec<Question>,
    leaves: Vec<Vec<f64>>,
}

#[derive(Debug)]
enum Question {
    Trait(usize, f64),
    Mood([bool; MOODS]),
    Time([bool; TIMES]),
    Content([bool; CONTENTS]),
}

/// A wave over the traits.
#[derive(Debug)]
struct Wave {
    direction: Vec<f64>,
    phase: Vec<f64>,
    effect: Vec<f64>,
}

/// A hidden type of people.
#[derive(Debug)]
struct Type {
    mains: Vec<f64>,
    pairs: Vec<f64>,
    by_mood: Vec<Vec<f64>>,
}

/// The tastes of one audience.
#[derive(Debug)]
pub struct Tastes {
    kind: Kind,
    main: Vec<f64>,
    pair: Vec<f64>,
    /// Effects on the mains, of each trait, mood, time and content.
    traits: Vec<Vec<f64>>,
    moods: Vec<Vec<f64>>,
    times: Vec<Vec<f64>>,
    contents: Vec<Vec<f64>>,
    /// Everybody's hidden type.
    type_of: Vec<usize>,
    types: Vec<Type>,
    own: Vec<(Vec<f64>, Vec<f64>)>,
    ideals: Vec<Vec<f64>>,
    rules: Vec<Rule>,
    trees: Vec<Tree>,
    waves: Vec<Wave>,
}

fn subset<const N: usize>(draws: &mut Draws, share: f64) -> [bool; N] {
    [(); N].map(|()| draws.uniform() < share)
}

fn table(draws: &mut Draws, rows: usize, columns: usize, sd: f64) -> Vec<Vec<f64>> {
    (0..rows).map(|_| draws.normals(columns, sd)).collect()
}

impl Tastes {
    /// Draws the tastes of `people`, given by their traits.
    pub fn draw(kind: Kind, draws: &mut Draws, people: &[[f64; 5]]) -> Self {
        let linear = match kind {
            Kind::Additive => 1.0,
            Kind::Interaction => 0.5,
            Kind::Personal | Kind::Drift => 0.7,
            Kind::Noisy => 0.35,
            Kind::Rules | Kind::Null | Kind::Trees | Kind::Smooth => 0.0,
        };
        let centres = table(draws, TYPES, 5, 1.0);
        let type_of = people.iter().map(|z| nearest(&centres, z, draws)).collect();
        let personal = matches!(kind, Kind::Personal | Kind::Drift);
        let own = if personal { people.len() } else { 0 };
        let main = if kind == Kind::Null { 0.45 } else { 0.25 };
        Self {
            kind,
            main: draws.normals(MAINS, main),
            pair: draws.normals(PAIRS, 0.08),
            traits: table(draws, 5, MAINS, 0.30 * linear),
            moods: table(draws, MOODS, MAINS, 0.32 * linear),
            times: table(draws, TIMES, MAINS, 0.25 * linear),
            contents: table(draws, CONTENTS, MAINS, 0.20 * linear),
            type_of,
            types: (0..TYPES)
                .map(|_| Type {
                    mains: draws.normals(MAINS, 0.75),
                    pairs: draws.normals(PAIRS, 0.25),
                    by_mood: table(draws, MOODS, MAINS, 0.35),
                })
                .collect(),
            own: (0..own)
                .map(|_| (draws.normals(MAINS, 0.6), draws.normals(PAIRS, 0.12)))
                .collect(),
            ideals: table(draws, people.len(), 3, 0.35),
            rules: (0..15).map(|i| Rule::draw(i % 3, draws)).collect(),
            trees: (0..4).map(|_| Tree::draw(draws)).collect(),
            waves: (0..6).map(|_| Wave::draw(draws)).collect(),
        }
    }

    /// These tastes after a change: half of what they were, and new ones.
    pub fn changed(&self, mut new: Self) -> Self {
        let blend = |new: &mut [f64], old: &[f64]| {
            for (n, o) in new.iter_mut().zip(old) {
                *n = 0.5 * o + 0.87 * *n;
            }
        };
        blend(&mut new.main, &self.main);
        blend(&mut new.pair, &self.pair);
        let tables = [
            (&mut new.traits, &self.traits),
            (&mut new.moods, &self.moods),
            (&mut new.times, &self.times),
            (&mut new.contents, &self.contents),
        ];
        for (new, old) in tables {
            for (n, o) in new.iter_mut().zip(old) {
                blend(n, o);
            }
        }
        new
    }

    /// The utility of every strategy, given its levels and its contrasts
    /// `[1, mains, pairs]`, both in index order.
    pub fn utilities(
        &self,
        visit: Visit<'_>,
        levels: &[Vec<usize>],
        bases: &[Vec<f64>],
    ) -> Vec<f64> {
        if self.kind == Kind::Rules {
            return self.by_rules(visit, levels);
        }
        let mut mains = self.main.clone();
        let mut pairs = self.pair.clone();
        let mut shift = |by: Option<&Vec<f64>>, factor: f64| {
            for (m, b) in mains.iter_mut().zip(by.into_iter().flatten()) {
                *m += factor * b;
            }
        };
        for (effect, z) in self.traits.iter().zip(visit.z) {
            shift(Some(effect), *z);
        }
        shift(self.moods.get(visit.mood), 1.0);
        shift(self.times.get(visit.time), 1.0);
        shift(self.contents.get(visit.content), 1.0);
        let mut also = None;
        if self.kind == Kind::Interaction {
            let hidden = self
                .type_of
                .get(visit.user)
                .and_then(|&t| self.types.get(t));
            if let Some(hidden) = hidden {
                shift(Some(&hidden.mains), 1.0);
                shift(hidden.by_mood.get(visit.mood), 1.0);
                also = Some(&hidden.pairs);
            }
        }
        if let Some((own, pairs)) = self.own.get(visit.user) {
            shift(Some(own), 1.0);
            also = Some(pairs);
        }
        if self.kind == Kind::Trees {
            for tree in &self.trees {
                shift(tree.leaf(visit), 1.0);
            }
        }
        if self.kind == Kind::Smooth {
            for wave in &self.waves {
                shift(Some(&wave.effect), wave.height(visit));
            }
        }
        for (p, a) in pairs.iter_mut().zip(also.into_iter().flatten()) {
            *p += a;
        }
        let dot = |basis: &Vec<f64>| {
            let weights = mains.iter().chain(&pairs);
            let sum: f64 = basis.iter().skip(1).zip(weights).map(|(b, w)| b * w).sum();
            SCALE * sum
        };
        bases.iter().map(dot).collect()
    }

    fn by_rules(&self, visit: Visit<'_>, levels: &[Vec<usize>]) -> Vec<f64> {
        let mut ideal = [1.0; 3];
        for rule in &self.rules {
            if let Some(slot) = ideal.get_mut(rule.dimension)
                && rule.holds(visit)
            {
                *slot = rule.level;
            }
        }
        let own = self.ideals.get(visit.user);
        for (slot, shift) in ideal.iter_mut().zip(own.into_iter().flatten()) {
            *slot += shift;
        }
        let utility = |levels: &Vec<usize>| {
            let away = levels.iter().zip(ideal).map(|(&l, i)| (l as f64 - i).abs());
            1.3 * SCALE * away.map(|d| 0.8 - 1.1 * d.min(1.2)).sum::<f64>()
        };
        levels.iter().map(utility).collect()
    }
}

/// The hidden type: the nearest centre, seen through a blur.
fn nearest(centres: &[Vec<f64>], z: &[f64; 5], draws: &mut Draws) -> usize {
    let blurred = z.map(|z| z + draws.normal(0.5));
    let distance = |centre: &Vec<f64>| -> f64 {
        let pairs = centre.iter().zip(blurred);
        pairs.map(|(c, z)| (c - z) * (c - z)).sum()
    };
    let ranked = centres.iter().map(distance).enumerate();
    let best = ranked.min_by(|a, b| a.1.total_cmp(&b.1));
    best.map_or(0, |(i, _)| i)
}

impl Rule {
    fn draw(dimension: usize, draws: &mut Draws) -> Self {
        let how = draws.below(3);
        Self {
            dimension,
            of: draws.below(5),
            cut: draws.normal(0.6),
            moods: (how > 0).then(|| subset(draws, 0.45)),
            times: (how > 1).then(|| subset(draws, 0.5)),
            level: 2.0 * draws.uniform(),
        }
    }

    fn holds(&self, visit: Visit<'_>) -> bool {
        visit.z.get(self.of).is_some_and(|z| *z > self.cut)
            && self
                .moods
                .is_none_or(|set| set.get(visit.mood) == Some(&true))
            && self
                .times
                .is_none_or(|set| set.get(visit.time) == Some(&true))
    }
}

impl Tree {
    fn draw(draws: &mut Draws) -> Self {
        Self {
            questions: (0..7).map(|_| Question::draw(draws)).collect(),
            leaves: table(draws, 8, MAINS, 0.4),
        }
    }

    fn leaf(&self, visit: Visit<'_>) -> Option<&Vec<f64>> {
        let mut at = 0;
        while let Some(question) = self.questions.get(at) {
            at = 2 * at + 1 + usize::from(question.answer(visit));
        }
        self.leaves.get(at - self.questions.len())
    }
}

impl Question {
    fn draw(draws: &mut Draws) -> Self {
        match draws.below(6) {
            0 => Self::Mood(subset(draws, 0.5)),
            1 => Self::Time(subset(draws, 0.5)),
            2 => Self::Content(subset(draws, 0.5)),
            _ => Self::Trait(draws.below(5), draws.normal(0.5)),
        }
    }

    fn answer(&self, visit: Visit<'_>) -> bool {
        match self {
            Self::Trait(of, cut) => visit.z.get(*of).is_some_and(|z| z > cut),
            Self::Mood(set) => set.get(visit.mood) == Some(&true),
            Self::Time(set) => set.get(visit.time) == Some(&true),
            Self::Content(set) => set.get(visit.content) == Some(&true),
        }
    }
}

impl Wave {
    fn draw(draws: &mut Draws) -> Self {
        Self {
            direction: draws.normals(5, 1.0),
            phase: draws.normals(MOODS, 1.0),
            effect: draws.normals(MAINS, 0.45),
        }
    }

    fn height(&self, visit: Visit<'_>) -> f64 {
        let along: f64 = self.direction.iter().zip(visit.z).map(|(d, z)| d * z).sum();
        let phase = self.phase.get(visit.mood).copied().unwrap_or(0.0);
        libm::sin(along + phase)
    }
}
