//! libFuzzer over the readers of readers.rs. Puts their seeds into the directory
//! that `MOODLOOP_SEEDS` names before it starts.

#![no_main]

mod readers;
mod seeds;

use std::path::Path;

libfuzzer_sys::fuzz_target!(init: put_seeds(), |input: &[u8]| readers::read(input));

fn put_seeds() {
    let Some(folder) = std::env::var_os("MOODLOOP_SEEDS") else {
        return;
    };
    for (seed, (name, _)) in seeds::seeds().iter().zip(readers::READERS) {
        let path = Path::new(&folder).join(name);
        if let Err(error) = std::fs::write(&path, seed) {
            eprintln!("{} cannot be written: {error}", path.display());
        }
    }
}
