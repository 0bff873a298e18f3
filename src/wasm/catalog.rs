//! A site's own catalog as a JavaScript class.

use wasm_bindgen::prelude::*;

use super::{JsResult, face, input, output};
use crate::brief::Brief;
use crate::error::Code;
use crate::rank::{ITEMS, Index, Item, Ranking, recommend};

/// An index of items, built once and ranked many times.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Catalog(Index);

#[wasm_bindgen]
impl Catalog {
    /// An index of up to 100,000 items.
    ///
    /// # Errors
    /// `invalid_item`, naming the position of the first bad one.
    #[wasm_bindgen(constructor)]
    pub fn new(items: &JsValue) -> JsResult<Catalog> {
        let value = input(Code::InvalidItem, "items", items)?;
        let items = face(Item::parse_list(&value, ITEMS))?;
        face(Index::build(items)).map(Self)
    }

    /// The best items for a decision: `brief` is what `Agent.brief` gave,
    /// `request` is `{limit?, seen?, exclude?, seed?}`.
    ///
    /// # Errors
    /// `invalid_options`, `invalid_params`.
    pub fn rank(&self, brief: &JsValue, request: &JsValue) -> JsResult<JsValue> {
        let brief = input(Code::InvalidOptions, "brief", brief)?;
        let brief = face(Brief::parse(&brief))?;
        let ranking = if request.is_undefined() {
            Ranking::default()
        } else {
            face(Ranking::parse(&input(
                Code::InvalidOptions,
                "request",
                request,
            )?))?
        };
        output(&face(recommend(&self.0, &brief, &ranking))?)
    }

    /// How many items it holds.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.items().len()
    }
}
