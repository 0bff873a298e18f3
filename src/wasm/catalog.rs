//! A site's own catalog as a JavaScript class.

use wasm_bindgen::prelude::*;

use super::{JsResult, face, input};
use crate::error::Code;
use crate::rank::{ITEMS, Index, Item};

/// An index of items, built once and ranked many times (see [`Agent::rank`](super::Agent::rank)).
#[wasm_bindgen]
#[derive(Debug)]
pub struct Catalog(pub(super) Index);

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

    /// How many items it holds.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.items().len()
    }
}
