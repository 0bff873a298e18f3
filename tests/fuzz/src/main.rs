//! libFuzzer over the readers of readers.rs.

#![no_main]

mod readers;

libfuzzer_sys::fuzz_target!(|input: &[u8]| readers::read(input));
