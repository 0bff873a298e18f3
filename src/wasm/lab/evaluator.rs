//! Policies judged on a log, as a JavaScript class.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::{ended, on_bad_line, options_of, policy_of};
use crate::context::Extras;
use crate::error::Code;
use crate::evaluate::{Actions, CLIP, Candidate, LogOptions, Panel, Stored};
use crate::strategy::ActionSpace;
use crate::value::{Field, Value};
use crate::wasm::{JsResult, face, input, output};

/// The longest name of a policy, which may be a path.
const NAME_CHARS: usize = 4096;

/// Several policies on one log.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Evaluator(Option<Panel>);

fn panel_of(options: &Value) -> crate::Result<Panel> {
    let mut fields = Field::root(Code::InvalidOptions, "options", options).fields()?;
    let actions = match fields.optional("actions") {
        Some(field) => Actions::Numbered(field.integer(1, 4096)? as usize),
        None => Actions::Strategies(ActionSpace::default()),
    };
    let extras = match fields.optional("extras") {
        Some(field) => Extras::parse(&field)?,
        None => Extras::default(),
    };
    let clip = match fields.optional("clip") {
        Some(field) => field.number(1.0, 1e6)?,
        None => CLIP,
    };
    let on_bad = on_bad_line(&mut fields)?;
    fields.finish()?;
    Ok(Panel::new(LogOptions::new(actions, extras)?, clip, on_bad))
}

#[wasm_bindgen]
impl Evaluator {
    /// An evaluator without policies; options `{actions?, extras?, clip?,
    /// skip_bad_lines?}`.
    ///
    /// # Errors
    /// `invalid_options`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> JsResult<Evaluator> {
        face(panel_of(&options_of(options)?)).map(|panel| Self(Some(panel)))
    }

    fn panel(&mut self) -> JsResult<&mut Panel> {
        face(self.0.as_mut().ok_or_else(ended))
    }

    fn add(&mut self, name: &JsValue, candidate: Candidate) -> JsResult<()> {
        let name = text(name)?;
        face(self.panel()?.add(&name, candidate))
    }

    /// Adds `uniform`, `baseline`, `logged` or a strategy.
    ///
    /// # Errors
    /// `invalid_options`.
    #[wasm_bindgen(js_name = addNamed)]
    pub fn add_named(&mut self, name: &JsValue) -> JsResult<()> {
        let candidate = face(Candidate::named(&text(name)?))?;
        self.add(name, candidate)
    }

    /// Adds a stored policy under a name.
    ///
    /// # Errors
    /// `invalid_options`, `corrupt_model`, `unsupported_version`.
    #[wasm_bindgen(js_name = addPolicy)]
    pub fn add_policy(&mut self, name: &JsValue, policy: &[u8]) -> JsResult<()> {
        let candidate = Candidate::Stored(Stored::new(Rc::new(policy_of(policy)?)));
        self.add(name, candidate)
    }

    /// Adds the Q-table of a stored policy under a name.
    ///
    /// # Errors
    /// `invalid_options`, `corrupt_model`, `unsupported_version`.
    #[wasm_bindgen(js_name = addQTable)]
    pub fn add_q_table(&mut self, name: &JsValue, policy: &[u8]) -> JsResult<()> {
        let candidate = Candidate::QTable(Rc::new(policy_of(policy)?));
        self.add(name, candidate)
    }

    /// Takes the next bytes of the log.
    ///
    /// # Errors
    /// `corrupt_log`, `unsupported_version`, naming the line; `invalid_options`.
    pub fn push(&mut self, bytes: &[u8]) -> JsResult<()> {
        face(self.panel()?.push(bytes))
    }

    /// Ends the log and says what it shows.
    ///
    /// # Errors
    /// As [`Evaluator::push`].
    pub fn finish(&mut self) -> JsResult<JsValue> {
        let panel = face(self.0.take().ok_or_else(ended))?;
        output(&face(panel.finish())?)
    }
}

/// A policy's name.
fn text(name: &JsValue) -> JsResult<String> {
    let value = input(Code::InvalidOptions, "policy", name)?;
    let field = Field::root(Code::InvalidOptions, "policy", &value);
    face(field.text(NAME_CHARS).map(str::to_owned))
}
