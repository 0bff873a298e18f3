//! Learners on a simulated audience, as a JavaScript class.

use wasm_bindgen::prelude::*;

use super::options_of;
use crate::simulate::{self, Options};
use crate::wasm::{JsResult, face, output};

/// A simulation, as far as it was taken.
#[wasm_bindgen]
pub struct Simulation(simulate::Simulation);

impl std::fmt::Debug for Simulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Simulation")
    }
}

#[wasm_bindgen]
impl Simulation {
    /// Makes the audience; options as [`Options::parse`] reads them.
    ///
    /// # Errors
    /// `invalid_options`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> JsResult<Simulation> {
        let options = face(Options::parse(&options_of(options)?))?;
        Ok(Self(simulate::Simulation::new(&options)))
    }

    /// Takes every learner through up to `rounds` more rounds.
    ///
    /// # Errors
    /// `evidence_full`, `corrupt_model`.
    pub fn advance(&mut self, rounds: u32) -> JsResult<()> {
        face(self.0.advance(rounds as usize, None))
    }

    /// As `advance`; gives the first learner's decisions as lines of a log.
    ///
    /// # Errors
    /// As [`Simulation::advance`].
    #[wasm_bindgen(js_name = advanceLogged)]
    pub fn advance_logged(&mut self, rounds: u32) -> JsResult<String> {
        let mut log = String::new();
        face(self.0.advance(rounds as usize, Some(&mut log)))?;
        Ok(log)
    }

    /// How far it is and how everyone did.
    ///
    /// # Errors
    /// None.
    pub fn report(&self) -> JsResult<JsValue> {
        output(&self.0.report())
    }
}
