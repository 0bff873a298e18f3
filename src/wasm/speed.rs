//! The speed benchmark's work for JavaScript, which has the clock.

use wasm_bindgen::prelude::*;

use super::{JsResult, face};
use crate::simulate::Workload;

/// A workload; each method does its work `calls` times, `first` being the first
/// visit it is done with.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Speed(Workload);

#[wasm_bindgen]
impl Speed {
    /// A week of a small site, learned.
    ///
    /// # Errors
    /// None in practice.
    #[wasm_bindgen(constructor)]
    pub fn new() -> JsResult<Speed> {
        face(Workload::new()).map(Self)
    }

    /// Dense products.
    pub fn product(&self, _first: usize, calls: usize) {
        (0..calls).for_each(|_| self.0.product());
    }

    /// Decisions of the taste model.
    pub fn decide(&self, first: usize, calls: usize) {
        (first..first + calls).for_each(|i| self.0.decide(i));
    }

    /// Decisions of the Q-table.
    pub fn decide_by_table(&self, first: usize, calls: usize) {
        (first..first + calls).for_each(|i| self.0.decide_by_table(i));
    }

    /// Solutions from scratch.
    pub fn solve(&self, _first: usize, calls: usize) {
        (0..calls).for_each(|_| self.0.solve());
    }

    /// Learned rewards.
    pub fn learn(&mut self, first: usize, calls: usize) {
        (first..first + calls).for_each(|i| self.0.learn(i));
    }

    /// Rewards added to the evidence.
    pub fn train(&mut self, first: usize, calls: usize) {
        (first..first + calls).for_each(|i| self.0.train(i));
    }
}
