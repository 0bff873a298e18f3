//! Simulated audiences (feature `simulate`): whole worlds in which every
//! strategy's outcome is known, to measure how well a learner does.

mod world;

pub use world::{Round, World};
