//! Sums of integers: exact whatever the order.

use moodloop::Code;
use moodloop::codec::{Reader, Writer};
use moodloop::evidence::{Evidence, Week};
use moodloop::features::Layout;
use proptest::prelude::*;

use crate::{Draws, layout};

fn bytes(layout: &Layout, evidence: &Evidence) -> Vec<u8> {
    let mut out = Writer::default();
    evidence.encode(layout, &mut out);
    out.into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_order_split_merge_and_erasure_gives_the_same_bytes(seed in any::<u64>(), count in 2usize..60) {
        let layout = layout();
        let mut draws = Draws::new(seed);
        let all = draws.observations(&layout, count, 4, 3);
        let kept: Vec<_> = all.iter().filter(|(user, _)| user != "u0").collect();
        let mut want = Evidence::new(&layout);
        for (_, observation) in &kept {
            want.add(observation).unwrap();
        }
        // Two writers, everything in reverse, revisions, then u0 is erased.
        let mut writers = [Evidence::new(&layout), Evidence::new(&layout)];
        let mut places = Vec::new();
        for (user, observation) in all.iter().rev() {
            let place = draws.below(2);
            let mut first = observation.clone();
            first.reward += draws.below(500) as i64;
            writers[place].add(&first).unwrap();
            writers[place].subtract(&first).unwrap();
            writers[place].add(observation).unwrap();
            places.push((user, observation));
        }
        let [mut merged, second] = writers;
        merged.merge(&second).unwrap();
        prop_assert_eq!(merged.total(), count as i64);
        for (user, observation) in places {
            if user == "u0" {
                merged.subtract(observation).unwrap();
            }
        }
        prop_assert_eq!(bytes(&layout, &merged), bytes(&layout, &want));
        prop_assert_eq!(&merged, &want);
        let encoded = bytes(&layout, &want);
        let mut input = Reader::new(&encoded);
        prop_assert_eq!(Evidence::decode(&layout, &mut input).unwrap(), want);
        input.finish().unwrap();
    }

    #[test]
    fn decoding_any_bytes_is_total(noise in proptest::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), flip in any::<u8>()) {
        let layout = layout();
        let _ = Evidence::decode(&layout, &mut Reader::new(&noise));
        let mut evidence = Evidence::new(&layout);
        for (_, observation) in Draws::new(3).observations(&layout, 5, 2, 2) {
            evidence.add(&observation).unwrap();
        }
        let mut damaged = bytes(&layout, &evidence);
        let at = at.index(damaged.len());
        damaged[at] ^= flip;
        if let Ok(read) = Evidence::decode(&layout, &mut Reader::new(&damaged)) {
            prop_assert!(read.total() >= 1);
        }
    }
}

#[test]
fn a_week_of_a_small_site_is_small() {
    let layout = layout();
    let mut evidence = Evidence::new(&layout);
    for (_, observation) in Draws::new(1).observations(&layout, 523, 45, 1) {
        evidence.add(&observation).unwrap();
    }
    let size = bytes(&layout, &evidence).len();
    assert!(size <= 30_000, "{size} bytes");
}

#[test]
fn what_was_never_added_is_not_taken_out() {
    let layout = layout();
    let mut evidence = Evidence::new(&layout);
    let all = Draws::new(1).observations(&layout, 2, 2, 1);
    let error = evidence.subtract(&all[0].1).unwrap_err();
    assert_eq!(error.code(), Code::CorruptLog);
    evidence.add(&all[0].1).unwrap();
    let mut other = all[0].1.clone();
    other.reward += 1;
    let before = evidence.clone();
    assert_eq!(
        evidence.subtract(&other).unwrap_err().code(),
        Code::CorruptLog
    );
    assert_eq!(evidence, before);
    evidence.subtract(&all[0].1).unwrap();
    assert_eq!(evidence, Evidence::new(&layout));
}

#[test]
fn an_overflow_changes_nothing() {
    let layout = layout();
    let mut evidence = Evidence::new(&layout);
    let mut one = Draws::new(1).observations(&layout, 1, 1, 1)[0].1.clone();
    one.reward = 2_000_000_000;
    let error = std::iter::repeat_with(|| {
        let before = evidence.clone();
        evidence.add(&one).map_err(|error| (error, before))
    })
    .take(10)
    .find_map(Result::err);
    let (error, before) = error.unwrap();
    assert_eq!(error.code(), Code::EvidenceFull);
    assert_eq!(evidence, before);
}

#[test]
fn weeks_start_on_monday_in_utc() {
    // 1970-01-01 was a Thursday; 2024-01-01 a Monday.
    assert_eq!(Week::of(0), Week(0));
    assert_eq!(Week::of(-4 * 86_400_000), Week(-1));
    let monday = 1_704_067_200_000;
    assert_eq!(Week::of(monday).0, Week::of(monday - 1).0 + 1);
    assert_eq!(Week::of(monday), Week::of(monday + 7 * 86_400_000 - 1));
}
