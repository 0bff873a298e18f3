//! How much of one visitor a week's evidence takes (SPEC section 5).

/// What a crowd may bring in a week before anybody's share is cut, in pairs of
/// all together.
const SMALL: u64 = 1000;

/// The most pairs of one visitor that the evidence of a week takes: a quarter
/// more than the visitor in the middle brings, so that nobody moves what all
/// share much more than the middle of the crowd does. What is beyond teaches the
/// visitor's own layer only. In a small crowd it is more: one voice among few
/// is no sign of a lie.
///
/// `crowd` counts the week's visitors by how many pairs they bring: (pairs,
/// visitors). It is a function of the whole week, so that neither the order of
/// folding nor anybody who has left shows in it.
#[must_use]
pub fn fair_share(crowd: &[(u64, u64)]) -> u64 {
    let mut crowd = crowd.to_vec();
    crowd.sort_unstable();
    let all: u64 = crowd.iter().map(|&(_, visitors)| visitors).sum();
    let mut so_far = 0;
    let middle = crowd.iter().find(|&&(_, visitors)| {
        so_far += visitors;
        2 * so_far > all
    });
    let middle = middle.map_or(0, |&(pairs, _)| pairs);
    (middle + middle / 4).max(SMALL.div_ceil(all.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_visitor_in_the_middle_says_how_much() {
        assert_eq!(fair_share(&[(500, 10), (12, 600), (9, 390)]), 15);
        assert_eq!(
            fair_share(&[(30, 500), (10, 500)]),
            37,
            "of two, the louder and a quarter more"
        );
    }

    #[test]
    fn a_small_crowd_is_heard_out() {
        assert_eq!(fair_share(&[(400, 1)]), 1000);
        assert_eq!(fair_share(&[(8, 2), (400, 1)]), 334);
        assert_eq!(fair_share(&[]), 1000);
    }
}
