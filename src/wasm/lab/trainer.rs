//! A policy from a log, as a JavaScript class.

use wasm_bindgen::prelude::*;

use super::{ended, on_bad_line, options_of};
use crate::config::Config;
use crate::error::Code;
use crate::evaluate::LogReader;
use crate::params::Mapping;
use crate::training;
use crate::value::{Field, Value};
use crate::wasm::{JsResult, face, output};

/// A log on its way to a policy.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Trainer(Option<(training::Trainer, LogReader)>);

fn trainer_of(options: &Value) -> crate::Result<(training::Trainer, LogReader)> {
    let mut fields = Field::root(Code::InvalidOptions, "options", options).fields()?;
    let on_bad = on_bad_line(&mut fields)?;
    let config = Config::read(&mut fields)?;
    fields.finish()?;
    let trainer = training::Trainer::new(config, Mapping::default())?;
    let reader = LogReader::new(trainer.log_options()?, on_bad);
    Ok((trainer, reader))
}

#[wasm_bindgen]
impl Trainer {
    /// A trainer that has seen nothing; options are those of a model, and
    /// `skip_bad_lines?`.
    ///
    /// # Errors
    /// `invalid_options`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> JsResult<Trainer> {
        face(trainer_of(&options_of(options)?)).map(|pair| Self(Some(pair)))
    }

    /// Learns from the next bytes.
    ///
    /// # Errors
    /// `corrupt_log`, `unsupported_version`, naming the line; `evidence_full`;
    /// `invalid_options` after the end.
    pub fn push(&mut self, bytes: &[u8]) -> JsResult<()> {
        let (trainer, reader) = face(self.0.as_mut().ok_or_else(ended))?;
        face(reader.push(bytes, |line| trainer.learn(line)))
    }

    /// Ends the log: `[policy, counts]`, the policy as bytes.
    ///
    /// # Errors
    /// As [`Trainer::push`]; `corrupt_model`.
    pub fn finish(&mut self) -> JsResult<js_sys::Array> {
        let (mut trainer, reader) = face(self.0.take().ok_or_else(ended))?;
        let counts = face(reader.finish(|line| trainer.learn(line)))?;
        let policy = face(trainer.finish())?.encode();
        let bytes = js_sys::Uint8Array::from(policy.as_slice());
        Ok(js_sys::Array::of2(&bytes, &output(&counts)?))
    }
}
