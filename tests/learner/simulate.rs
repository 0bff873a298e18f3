//! The simulator, and that learners do on it what they promise.

use moodloop::simulate::{Conditions, Kind, Learning, Size, Taste, Uniform, World, make, run};
use moodloop::taste::TasteConfig;

#[test]
fn a_written_world_is_read_back() {
    let world = make(Kind::Trees, Size::S1, 5);
    let (header, columns) = world.write();
    let header = serde_json::from_str(&serde_json::to_string(&header).unwrap()).unwrap();
    let back = World::read(&header, &columns).unwrap();
    assert_eq!(back.len(), 500);
    for (a, b) in world.rounds().zip(back.rounds()) {
        assert_eq!(a, b);
    }
    assert!(World::read(&header, &columns[..columns.len() - 1]).is_err());
}

#[test]
fn the_same_seed_makes_the_same_world_and_kinds_differ() {
    let worlds = Kind::ALL.map(|kind| make(kind, Size::S45, 3));
    assert_eq!(worlds[0], make(Kind::Additive, Size::S45, 3));
    for (i, world) in worlds.iter().enumerate() {
        let expected =
            |w: &World| -> Vec<f32> { w.rounds().flat_map(|r| r.expected.to_vec()).collect() };
        let same = worlds[..i]
            .iter()
            .any(|other| expected(other) == expected(world));
        assert!(!same, "{}", world.kind);
    }
}

#[test]
fn the_taste_model_learns_every_kind_and_choosing_blindly_scores_zero() {
    for kind in Kind::ALL {
        let world = make(kind, Size::S45, 200);
        let conditions = Conditions::default();
        let blind = run(&world, &mut Uniform, conditions, 1).unwrap().score();
        assert!(blind.abs() < 0.12, "{}: {blind}", kind.name());
        let mut taste = Taste::new(TasteConfig::default(), true, Learning::Online);
        let report = run(&world, &mut taste, conditions, 1).unwrap();
        assert!(report.score() > 0.15, "{}: {}", kind.name(), report.score());
        assert!(
            report.tail_score() > report.score() - 0.1,
            "{}",
            kind.name()
        );
    }
}

#[test]
fn it_learns_from_late_sparse_and_weekly_feedback() {
    let world = make(Kind::Additive, Size::S1, 201);
    let bad = Conditions {
        delay: 20,
        response: 0.5,
    };
    let mut taste = Taste::new(TasteConfig::default(), true, Learning::Online);
    assert!(run(&world, &mut taste, bad, 1).unwrap().score() > 0.2);
    let weekly = |world: &World, learning| {
        let mut weekly = Taste::new(TasteConfig::default(), true, learning);
        let report = run(world, &mut weekly, Conditions::default(), 1).unwrap();
        report.score()
    };
    let score = weekly(&world, Learning::Batches);
    assert!(score > 0.2, "{score}");
    // Before the first training nothing is known; visitors' own layers learn all the same.
    let blind = make(Kind::Additive, Size::S45, 201);
    let score = weekly(&blind, Learning::Batches);
    assert!(score.abs() < 0.15, "{score}");
    let score = weekly(&blind, Learning::Trained);
    assert!(score > 0.15, "{score}");
}
