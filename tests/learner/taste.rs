//! The taste model as a whole.

use moodloop::codec::{Reader, Writer};
use moodloop::evidence::{Evidence, Observation};
use moodloop::taste::{Bulk, Replay, TasteConfig, TasteModel};
use proptest::prelude::*;

use crate::{Draws, layout};

fn solve(all: &[(String, Observation)]) -> TasteModel {
    let layout = layout();
    let mut evidence = Evidence::new(&layout);
    for (_, o) in all {
        evidence.add(o).unwrap();
    }
    let replay = all
        .iter()
        .enumerate()
        .map(|(i, (user, observation))| Replay {
            user: Some(user),
            observation,
            decided_at: i as i64 * 1000,
        });
    TasteModel::solve(&layout, &TasteConfig::default(), &evidence, replay).unwrap()
}

fn bytes(model: &TasteModel) -> Vec<u8> {
    let mut out = Writer::default();
    model.encode(&mut out);
    model.encode_users(&mut out);
    out.into_bytes()
}

fn restored(model: &TasteModel) -> TasteModel {
    let encoded = bytes(model);
    let mut input = Reader::new(&encoded);
    let mut back = TasteModel::decode(&layout(), &TasteConfig::default(), &mut input).unwrap();
    back.decode_users(&mut input).unwrap();
    input.finish().unwrap();
    back
}

#[test]
fn in_bulk_a_model_says_what_it_says_one_by_one() {
    let layout = layout();
    // One visitor alone has no layer; several have, and strangers a blank one.
    for visitors in [1, 6] {
        let all = Draws::new(13).observations(&layout, 200, visitors, 2);
        let (seen, later) = all.split_at(150);
        let model = solve(seen);
        let bulk = Bulk::new(&model);
        for (user, o) in later {
            for user in [Some(user.as_str()), Some("a stranger"), None] {
                let one = model.predict(&o.features, user);
                let many = bulk.predict(&model, &o.features, user);
                for (a, b) in (one.mean.iter().zip(&many.mean)).chain(one.sd.iter().zip(&many.sd)) {
                    assert!((a - b).abs() < 1e-12, "{a} {b}");
                }
            }
        }
    }
}

#[test]
fn a_restored_model_goes_on_bit_for_bit() {
    let layout = layout();
    let all = Draws::new(11).observations(&layout, 120, 6, 2);
    let (first, rest) = all.split_at(80);
    let mut model = solve(first);
    let mut copy = restored(&model);
    for (i, (user, o)) in rest.iter().enumerate() {
        for m in [&mut model, &mut copy] {
            m.learn(o, Some(user));
            m.revise(o, o.reward - 300, Some(user));
        }
        if i == 20 {
            copy = restored(&copy);
        }
        let (a, b) = (
            model.predict(&o.features, Some(user)),
            copy.predict(&o.features, Some(user)),
        );
        assert_eq!(a, b);
    }
    assert_eq!(bytes(&model), bytes(&copy));
}

#[test]
fn a_published_policy_and_a_user_layer_are_small() {
    let model = solve(&Draws::new(12).observations(&layout(), 200, 6, 2));
    let mut out = Writer::default();
    model.encode(&mut out);
    let size = out.into_bytes().len();
    assert!(size <= 250_000, "{size} bytes");
    for (_, layer) in model.users() {
        let mut out = Writer::default();
        layer.encode(&mut out);
        assert!(out.into_bytes().len() <= 200);
    }
}

#[test]
fn explanations_are_exact() {
    let layout = layout();
    let all = Draws::new(13).observations(&layout, 300, 6, 2);
    let model = solve(&all);
    for (user, o) in all.iter().take(20) {
        let prediction = model.predict(&o.features, Some(user));
        let average = prediction.mean.iter().sum::<f64>() / 27.0;
        let why = model.explain(&o.features, Some(user), o.action);
        let want = prediction.mean[o.action.index()] - average;
        assert!((why.total - want).abs() < 1e-9, "{} {want}", why.total);
        let sum = why.contributions.iter().map(|c| c.value).sum::<f64>();
        assert!((sum + why.strategy + why.visitor - why.total).abs() < 1e-12);
    }
}

#[test]
fn confidence_agrees_with_draws_of_the_difference() {
    let all = Draws::new(14).observations(&layout(), 400, 6, 2);
    let model = solve(&all);
    let o = &all[0].1;
    let [a, b] = [0, 26].map(|i| layout().space().get(i).unwrap());
    let (ab, ba) = (
        model.beats(&o.features, None, a, b),
        model.beats(&o.features, None, b, a),
    );
    assert!((ab + ba - 1.0).abs() < 1e-12);
    assert_eq!(model.beats(&o.features, None, a, a), 0.5);
    let mean = model.predict(&o.features, None).mean;
    assert_eq!(ab > 0.5, mean[0] > mean[26]);
}

#[test]
fn tastes_that_change_for_good_are_forgotten_and_steady_ones_are_not() {
    let mut all = Draws::new(16).observations(&layout(), 1_200, 6, 8);
    let favours = |all: &[(String, Observation)], change: f64| -> f64 {
        let layout = layout();
        let mut evidence = Evidence::new(&layout);
        for (_, o) in all {
            evidence.add(o).unwrap();
        }
        let config = TasteConfig {
            change,
            ..TasteConfig::default()
        };
        let model = TasteModel::solve(&layout, &config, &evidence, std::iter::empty()).unwrap();
        let mean = model.predict(&all[0].1.features, None).mean;
        mean[26] - mean[0]
    };
    let reward = |o: &Observation, turned: bool| {
        let level = o.action.index() as i64 / 9 - 1;
        let taste = if turned { -600 } else { 600 };
        o.reward / 4 + taste * level
    };
    for (_, o) in &mut all {
        o.reward = reward(o, false);
    }
    let steady = favours(&all, 0.1);
    assert!((steady - favours(&all, 0.0)).abs() < 0.01);
    assert!(steady > 1.0);
    for (_, o) in &mut all[750..] {
        o.reward = reward(o, true);
    }
    // Three in eight observations are new: without forgetting the old ones win.
    let (kept, forgotten) = (favours(&all, 0.0), favours(&all, 0.1));
    assert!(kept > 0.0, "{kept}");
    assert!(forgotten < -0.3, "{forgotten}");
}

#[test]
fn it_is_due_more_rarely_the_more_it_knows() {
    let all = Draws::new(17).observations(&layout(), 400, 6, 2);
    let mut solves = 0;
    let mut known = Vec::new();
    let mut model = solve(&known);
    for (user, o) in &all {
        model.learn(o, Some(user));
        known.push((user.clone(), o.clone()));
        if model.due() {
            model = solve(&known);
            solves += 1;
            assert!(!model.due());
        }
    }
    assert!((5..=15).contains(&solves), "{solves}");
    assert_eq!(model.learned(), 400);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn erasing_a_person_leaves_no_trace_in_the_policy(seed in any::<u64>(), late in any::<u64>()) {
        let layout = layout();
        let all = Draws::new(seed).observations(&layout, 70, 4, 3);
        let kept: Vec<_> = all.iter().filter(|(user, _)| user != "u1").cloned().collect();
        let want = solve(&kept);
        // Everything arrives in another order, some rewards twice, then u1 goes.
        let mut order: Vec<usize> = (0..all.len()).collect();
        let mut draws = Draws::new(late);
        order.sort_by_cached_key(|_| (draws.uniform() * 1e9) as u64);
        let mut evidence = Evidence::new(&layout);
        for i in order {
            let mut first = all[i].1.clone();
            first.reward = draws.below(2_000) as i64 - 1_000;
            evidence.add(&first).unwrap();
            evidence.subtract(&first).unwrap();
            evidence.add(&all[i].1).unwrap();
        }
        for (_, o) in all.iter().filter(|(user, _)| user == "u1") {
            evidence.subtract(o).unwrap();
        }
        let replay = kept.iter().enumerate().map(|(i, (user, observation))| Replay {
            user: Some(user),
            observation,
            decided_at: i as i64 * 1000,
        });
        let got = TasteModel::solve(&layout, &TasteConfig::default(), &evidence, replay).unwrap();
        prop_assert_eq!(bytes(&got), bytes(&want));
    }

    #[test]
    fn any_finite_rewards_keep_it_finite(rewards in proptest::collection::vec(-100_000i64..=100_000, 40)) {
        let mut all = Draws::new(15).observations(&layout(), 40, 3, 2);
        for (slot, reward) in all.iter_mut().zip(rewards) {
            slot.1.reward = reward;
        }
        let mut model = solve(&all[..20]);
        for (user, o) in &all[20..] {
            model.learn(o, Some(user));
        }
        for model in [model, solve(&all)] {
            let prediction = model.predict(&all[0].1.features, Some("u0"));
            prop_assert!(prediction.mean.iter().chain(&prediction.sd).all(|v| v.is_finite()));
            let p = model.propensities(&prediction);
            prop_assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!(p.iter().all(|&p| p > 0.0));
        }
    }

    #[test]
    fn decoding_any_bytes_is_total(noise in proptest::collection::vec(any::<u8>(), 0..300)) {
        let read = TasteModel::decode(&layout(), &TasteConfig::default(), &mut Reader::new(&noise));
        prop_assert!(read.is_err());
    }
}
