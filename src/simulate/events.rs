//! What a visitor does with what was recommended, given how much they like it.

use super::draws::Draws;

/// Feedback to one recommendation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Events {
    /// Left early.
    pub skip: bool,
    /// Finished.
    pub complete: bool,
    /// How much was consumed, 0..=100.
    pub percentage: f64,
    /// Liked.
    pub like: bool,
    /// Disliked.
    pub dislike: bool,
    /// Shared.
    pub share: bool,
    /// Whether wellbeing rose (1), fell (−1) or stayed (0).
    pub wellbeing: i8,
}

impl Events {
    /// The reward in reward units, by the default weights of SPEC section 4.
    #[must_use]
    pub fn reward(&self) -> f64 {
        let count = |happened: bool, weight: f64| if happened { weight } else { 0.0 };
        count(self.like, 1.0) - count(self.dislike, 1.0) + count(self.share, 0.8)
            - count(self.skip, 0.3)
            + count(self.complete, 0.5)
            + self.percentage * 0.005
            + f64::from(self.wellbeing) * 0.3
    }
}

/// The luck of one round, shared by all strategies, so that they are compared
/// under the same circumstances.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Luck([f32; 6]);

impl Luck {
    pub fn draw(draws: &mut Draws) -> Self {
        Self([(); 6].map(|()| draws.uniform() as f32))
    }
}

/// Probabilities of the events at one utility.
struct Odds {
    skip: f64,
    complete: f64,
    like: f64,
    dislike: f64,
    share: f64,
    up: f64,
    down: f64,
    skip_dislike: f64,
    skip_down: f64,
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// What is consumed of something skipped, on average.
const SKIPPED_SHARE: f64 = 0.15;

impl Odds {
    fn at(u: f64) -> Self {
        let like = logistic(-1.6 + 1.2 * u);
        let up = logistic(-1.5 + 0.8 * u);
        Self {
            skip: logistic(-1.0 - 1.3 * u),
            complete: logistic(0.2 + 0.9 * u),
            like,
            dislike: (1.0 - like) * logistic(-3.0 - 1.2 * u),
            share: logistic(-2.5 + 0.6 * u),
            up,
            down: (1.0 - up) * logistic(-2.5 - 0.8 * u),
            skip_dislike: logistic(-1.5 - 0.8 * u),
            skip_down: logistic(-1.5 - 0.5 * u),
        }
    }
}

/// The average reward at utility `u`.
pub fn expected(u: f64) -> f64 {
    let p = Odds::at(u);
    let consumed = p.complete + (1.0 - p.complete) * 0.5;
    let stay = p.like * (1.0 + 0.8 * p.share) - p.dislike
        + 0.5 * p.complete
        + 0.5 * consumed
        + 0.3 * (p.up - p.down);
    let leave = -0.3 + 0.5 * SKIPPED_SHARE - p.skip_dislike - 0.3 * p.skip_down;
    p.skip * leave + (1.0 - p.skip) * stay
}

/// What happens at utility `u` with this luck.
pub fn realise(u: f64, luck: Luck) -> Events {
    let p = Odds::at(u);
    let [skip, complete, consumed, like, share, mood] = luck.0.map(f64::from);
    if skip < p.skip {
        let power = (1.0 - SKIPPED_SHARE) / SKIPPED_SHARE;
        return Events {
            skip: true,
            complete: false,
            percentage: 100.0 * libm::pow(consumed, power),
            like: false,
            dislike: like > 1.0 - p.skip_dislike,
            share: false,
            wellbeing: -i8::from(mood > 1.0 - p.skip_down),
        };
    }
    let liked = like < p.like;
    let complete = complete < p.complete;
    Events {
        skip: false,
        complete,
        percentage: if complete { 100.0 } else { 100.0 * consumed },
        like: liked,
        dislike: like > 1.0 - p.dislike,
        share: liked && share < p.share,
        wellbeing: i8::from(mood < p.up) - i8::from(mood > 1.0 - p.down),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_of_events_is_the_expectation() {
        let mut draws = Draws::new(1, 1);
        for u in [-1.5, 0.0, 1.2] {
            let n = 40_000;
            let sum: f64 = (0..n)
                .map(|_| realise(u, Luck::draw(&mut draws)).reward())
                .sum();
            let difference = sum / f64::from(n) - expected(u);
            assert!(difference.abs() < 0.02, "{u}: {difference}");
        }
    }
}
