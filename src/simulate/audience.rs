//! Making a world: people, their habits, their visits, and what follows.

use super::draws::Draws;
use super::events::{Luck, expected};
use super::size::Size;
use super::taste::{CONTENTS, Kind, MOODS, TIMES, Tastes, Visit};
use super::world::World;
use crate::context::{ContentType, Extras, Mood, Personality, TimeOfDay};
use crate::features::Layout;
use crate::strategy::ActionSpace;

/// The moods that occur, by our table.
const KNOWN_MOODS: [Mood; MOODS] = [
    Mood::Neutral,
    Mood::Happy,
    Mood::Sad,
    Mood::Energetic,
    Mood::Relaxed,
    Mood::Anxious,
    Mood::Focused,
    Mood::Angry,
];

/// What every round shares with the others.
struct Base {
    moods: Vec<f64>,
    contents: Vec<f64>,
    people: Vec<f64>,
}

/// Makes a world; the same arguments give the same world.
#[must_use]
pub fn make(kind: Kind, size: Size, seed: u64) -> World {
    make_changing(kind, size, seed, kind == Kind::Drift)
}

/// Makes a world in which, if `changes`, tastes of any kind change half-way as
/// those of [`Kind::Drift`] do.
#[must_use]
pub fn make_changing(kind: Kind, size: Size, seed: u64, changes: bool) -> World {
    let space = ActionSpace::default();
    let layout = Layout::new(&space, &Extras::default());
    let levels: Vec<Vec<usize>> = space.strategies().map(|s| space.levels(s)).collect();
    let mut draws = Draws::new(seed, 1);
    let scores: Vec<[f64; 5]> = (0..size.users)
        .map(|_| [(); 5].map(|()| libm::rint((50.0 + draws.normal(20.0)).clamp(0.0, 100.0))))
        .collect();
    let z: Vec<[f64; 5]> = (scores.iter())
        .map(|s| s.map(|score| (score - 50.0) / 20.0))
        .collect();
    let activity = draws.habit(size.users, 0.9);
    let habits: Vec<[Vec<f64>; 3]> = (0..size.users)
        .map(|_| {
            [
                draws.habit(CONTENTS, 0.8),
                draws.habit(MOODS, 0.8),
                draws.habit(TIMES, 0.5),
            ]
        })
        .collect();
    let base = Base {
        moods: draws.normals(MOODS, 0.25),
        contents: draws.normals(CONTENTS, 0.2),
        people: draws.normals(size.users, 0.35),
    };
    let first = Tastes::draw(kind, &mut Draws::new(seed, 2), &z);
    let second = changes.then(|| first.changed(Tastes::draw(kind, &mut Draws::new(seed, 3), &z)));
    let people = scores
        .iter()
        .map(|s| Personality::from_scores(*s))
        .collect();
    let mut world = World::new(size, kind.name(), seed, people);
    // The average reward of a round that has nothing to do with the choice.
    let junk_mean = mean_of_junk();
    for t in 0..size.rounds {
        let user = draws.pick(&activity);
        let blank = [const { Vec::new() }; 3];
        let [contents, moods, times] = habits.get(user).unwrap_or(&blank);
        let (content, mood, time) = (draws.pick(contents), draws.pick(moods), draws.pick(times));
        let visit = Visit {
            user,
            z: z.get(user).unwrap_or(&[0.0; 5]),
            mood,
            time,
            content,
        };
        let luck = Luck::draw(&mut draws);
        let (junk, other) = (draws.uniform() < 0.25, draws.normal(1.2));
        let tastes = match &second {
            Some(second) if t >= size.rounds / 2 => second,
            _ => &first,
        };
        let shared = base.of(visit);
        let noisy = kind == Kind::Noisy;
        let utilities = tastes.utilities(visit, &levels, layout.bases());
        let outcomes = utilities.into_iter().map(|u| {
            let utility = u + shared;
            let mean = expected(utility);
            match (noisy, junk) {
                (false, _) => (utility, mean),
                (true, true) => (other, 0.75 * mean + 0.25 * junk_mean),
                (true, false) => (utility, 0.75 * mean + 0.25 * junk_mean),
            }
        });
        let visit = (
            user as u32,
            ContentType::from_index(content).unwrap_or(ContentType::Music),
            KNOWN_MOODS.get(mood).copied().unwrap_or(Mood::Neutral),
            TimeOfDay::from_index(time).unwrap_or(TimeOfDay::Morning),
        );
        world.push(visit, luck, outcomes);
    }
    world
}

impl Base {
    fn of(&self, visit: Visit<'_>) -> f64 {
        let at = |values: &[f64], i: usize| values.get(i).copied().unwrap_or(0.0);
        at(&self.moods, visit.mood)
            + at(&self.contents, visit.content)
            + at(&self.people, visit.user)
    }
}

/// The expected reward at a utility that is normal with deviation 1.2, by the
/// trapezoidal rule.
fn mean_of_junk() -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    for i in -600..=600 {
        let z = f64::from(i) / 100.0;
        let w = libm::exp(-0.5 * z * z);
        sum += w * expected(1.2 * z);
        weight += w;
    }
    sum / weight
}
