//! Everything that reads what others wrote, against damage: what fuzzing once
//! broke, and some thousand mutations of good inputs. `cargo xtask soak --fuzz`
//! runs the same readers under libFuzzer.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed assumption should fail the test"
)]

#[path = "fuzz/src/readers.rs"]
mod readers;
#[path = "fuzz/src/seeds.rs"]
mod seeds;

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;

/// What is done to a good input.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Set(Index, u8),
    Cut(Index),
    Drop(Index, u8),
    Repeat(Index, u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        (at(), 0u8..8).prop_map(|(i, bit)| Damage::Flip(i, bit)),
        (at(), any::<u8>()).prop_map(|(i, byte)| Damage::Set(i, byte)),
        at().prop_map(Damage::Cut),
        (at(), 1u8..9).prop_map(|(i, n)| Damage::Drop(i, n)),
        (at(), 1u8..9).prop_map(|(i, n)| Damage::Repeat(i, n)),
    ]
}

/// Applies damage behind the byte that names the reader, mostly near the front, where structure is.
fn apply(input: &mut Vec<u8>, damage: &Damage) {
    let reach = (input.len() - 1).min(400);
    if reach == 0 {
        return;
    }
    let place = |index: &Index| 1 + index.index(reach);
    match damage {
        Damage::Flip(i, bit) => input[place(i)] ^= 1 << bit,
        Damage::Set(i, byte) => input[place(i)] = *byte,
        Damage::Cut(i) => input.truncate(1 + i.index(input.len() - 1)),
        Damage::Drop(i, n) => {
            let at = place(i);
            let end = (at + usize::from(*n)).min(input.len());
            input.drain(at..end);
        }
        Damage::Repeat(i, n) => {
            let at = place(i);
            let end = (at + usize::from(*n)).min(input.len());
            let part = input[at..end].to_vec();
            input.splice(at..at, part);
        }
    }
}

#[test]
fn a_good_input_is_read_by_each() {
    let seeds = seeds::seeds();
    assert_eq!(seeds.len(), readers::READERS.len());
    for seed in seeds {
        readers::read(&seed);
    }
}

#[test]
fn what_fuzzing_broke_stays_mended() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/crashers");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none() {
            readers::read(&fs::read(path).unwrap());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn any_damage_is_a_value_or_an_error(
        which in any::<Index>(),
        damages in proptest::collection::vec(damage(), 1..6),
    ) {
        let seeds = seeds::seeds();
        let mut input = which.get(&seeds).clone();
        for damage in &damages {
            apply(&mut input, damage);
        }
        readers::read(&input);
    }
}
