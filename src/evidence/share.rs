//! How much of one visitor a week's evidence takes (SPEC section 5).

/// What a crowd may bring in a week before anybody's share is cut, in pairs of
/// all together.
const SMALL: u64 = 1000;

/// A whole pair, in thousandths.
const PAIR: u64 = 1000;

/// The most pairs of one visitor that the evidence of a week takes, in thousandths: a
/// quarter more than the middle half of the visitors bring on average, so that nobody
/// moves what all share much more than the middle of the crowd does. What is beyond
/// teaches the visitor's own layer only. In a small crowd it is more: one voice among
/// few is no sign of a lie.
///
/// A fraction is the probability of one pair more. Were it rounded off, a few visitors
/// could tip it over to the next number, and so decide about a pair of everybody who
/// brings more than that.
///
/// `crowd` counts the week's visitors by how many pairs they bring: (pairs,
/// visitors). It is a function of the whole week, so that neither the order of
/// folding nor anybody who has left shows in it.
#[must_use]
pub fn fair_share(crowd: &[(u64, u64)]) -> u64 {
    let mut crowd = crowd.to_vec();
    crowd.sort_unstable();
    let all: u64 = crowd.iter().map(|&(_, visitors)| visitors).sum();
    // In quarters of a visitor: the middle half begins after `all` of them.
    let (mut so_far, mut sum) = (0, 0);
    for (pairs, visitors) in crowd {
        let end = so_far + 4 * visitors;
        sum += pairs * end.min(3 * all).saturating_sub(so_far.max(all));
        so_far = end;
    }
    let all = all.max(1);
    // The mean is sum / (2 · all).
    (5 * sum * PAIR / (8 * all)).max(SMALL * PAIR / all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A share in pairs.
    fn pairs(crowd: &[(u64, u64)]) -> f64 {
        fair_share(crowd) as f64 / PAIR as f64
    }

    #[test]
    fn the_middle_half_says_how_much() {
        assert_eq!(pairs(&[(500, 10), (12, 980), (1, 10)]), 15.0);
        assert_eq!(pairs(&[(30, 500), (10, 500)]), 25.0);
        // Of ranks 250 to 750 the first 140 bring 9, the others 12.
        let middle = (140.0 * 9.0 + 360.0 * 12.0) / 500.0;
        let share = pairs(&[(500, 10), (12, 600), (9, 390)]);
        assert!((share - 1.25 * middle).abs() < 0.001, "{share}");
    }

    #[test]
    fn one_in_a_hundred_decide_about_hardly_anybody_elses_pairs() {
        for loudest in [1, 12, 13, 500] {
            let crowd = |others| pairs(&[(12, 495), (13, 495), (others, 10)]);
            assert!((crowd(loudest) - crowd(12)).abs() < 0.03, "{loudest}");
        }
    }

    #[test]
    fn a_small_crowd_is_heard_out() {
        assert_eq!(pairs(&[(400, 1)]), 1000.0);
        assert!((pairs(&[(8, 2), (400, 1)]) - 1000.0 / 3.0).abs() < 0.001);
        assert_eq!(pairs(&[]), 1000.0);
    }
}
