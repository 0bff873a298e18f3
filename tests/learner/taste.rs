//! The taste model as a whole.

use moodloop::codec::{Reader, Writer};
use moodloop::evidence::{Evidence, Observation};
use moodloop::taste::{Replay, TasteConfig, TasteModel};
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

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
