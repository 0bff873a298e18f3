//! moodloop: an agent that decides *how* to recommend and learns from feedback.
//!
//! The core is a pure function of its inputs: no clock, no I/O, no randomness
//! and no JavaScript that it was not handed. The same bytes in give the same
//! bytes out natively, in a browser and in workerd.

pub mod agent;
pub mod brief;
pub mod codec;
pub mod config;
pub mod context;
pub mod convert;
pub mod error;
pub mod evaluate;
pub mod evidence;
pub mod experiment;
pub mod explain;
pub mod features;
pub mod fold;
pub mod genres;
pub mod inspect;
pub mod linear;
pub mod log;
pub mod moments;
pub mod params;
pub mod policy;
pub mod posterior;
pub mod propensity;
pub mod providers;
pub mod q_table;
pub mod rank;
pub mod recommendation;
pub mod reward;
pub mod rng;
pub mod sorted;
pub mod stats;
pub mod strategy;
pub mod taste;
pub mod text;
pub mod training;
pub mod user_layer;
pub mod value;

pub use error::{Code, Error, Result};

#[cfg(feature = "wasm")]
pub mod wasm;

#[cfg(feature = "simulate")]
pub mod simulate;
