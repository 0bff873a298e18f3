//! Further categories that a model may declare: day type, activity, weather.

use serde::Serialize;

use crate::error::{Code, Error, Result};
use crate::text::join;
use crate::value::{Field, quote};

/// The most categories a model may declare, and the most values each may have.
const LIMIT: usize = 16;

/// One declared category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Category {
    /// The field name, such as `day_type`.
    pub name: String,
    /// What it may be, such as `weekday`, `weekend`.
    pub values: Vec<String>,
}

/// The categories of a model, fixed at its creation; the default has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Extras(Vec<Category>);

impl Extras {
    /// The declared categories, in declared order.
    #[must_use]
    pub fn categories(&self) -> &[Category] {
        &self.0
    }

    /// Reads a declaration such as `{"day_type": ["weekday", "weekend"]}`.
    ///
    /// # Errors
    /// The field's code for more than 16 categories, fewer than 2 or more than
    /// 16 values, or a value named twice.
    pub fn parse(field: &Field<'_>) -> Result<Self> {
        let mut categories = Vec::new();
        for (name, values) in field.fields()?.entries() {
            let mut category = Category {
                name: name.to_owned(),
                values: Vec::new(),
            };
            for value in values.list(LIMIT)? {
                let word = value.text(32)?;
                if category.values.iter().any(|v| v == word) {
                    return Err(value.must_be("a value not named before"));
                }
                category.values.push(word.to_owned());
            }
            if category.values.len() < 2 || name.is_empty() || name.len() > 32 {
                return Err(values.must_be("2 to 16 values under a name of 1 to 32 characters"));
            }
            categories.push(category);
        }
        if categories.len() > LIMIT {
            return Err(field.must_be("at most 16 categories"));
        }
        Ok(Self(categories))
    }

    /// Reads a context's `extras` object against the declaration: a missing
    /// category is unknown (`None`).
    ///
    /// # Errors
    /// `invalid_context` for an undeclared category or value.
    pub fn read(&self, given: Option<&Field<'_>>) -> Result<Vec<Option<u8>>> {
        let mut found = vec![None; self.0.len()];
        let Some(given) = given else {
            return Ok(found);
        };
        for (name, value) in given.fields()?.entries() {
            let slot = found
                .iter_mut()
                .zip(&self.0)
                .find(|(_, category)| category.name == name);
            let Some((slot, category)) = slot else {
                let names: Vec<&str> = self.0.iter().map(|c| c.name.as_str()).collect();
                let declared = if names.is_empty() {
                    "none".to_owned()
                } else {
                    join(&names, ", ")
                };
                return Err(Error::new(
                    Code::InvalidContext,
                    join(
                        &[
                            &quote(name),
                            " is not a declared extra; declared: ",
                            &declared,
                        ],
                        "",
                    ),
                ));
            };
            *slot = u8::try_from(value.word(&category.values)?).ok();
        }
        Ok(found)
    }
}
