//! The taste model as bytes: the shared part on its own, visitors' layers apart.

use super::{TasteConfig, TasteModel};
use crate::codec::{Reader, Writer, unreadable};
use crate::error::{Error, Result};
use crate::features::Layout;
use crate::user_layer::UserLayer;

fn corrupt(why: &str) -> Error {
    unreadable("model", why)
}

impl TasteModel {
    /// Appends the shared part, without visitors. Right after a solve the
    /// covariance is exact in 32 bits a number; with previews it takes 64, so
    /// that a restored model goes on bit for bit either way.
    pub fn encode(&self, out: &mut Writer) {
        out.uint(self.solved);
        out.uint(self.previews);
        out.byte(u8::from(self.several));
        out.float(self.own);
        out.float(self.posterior.noise);
        for &mean in &self.posterior.mean {
            out.float(mean);
        }
        let mut bytes = Vec::new();
        for i in 0..self.posterior.mean.len() {
            for value in self.posterior.covariance.row(i).iter().take(i + 1) {
                if self.previews == 0 {
                    bytes.extend((*value as f32).to_le_bytes());
                } else {
                    bytes.extend(value.to_le_bytes());
                }
            }
        }
        out.bytes(&bytes);
    }

    /// Reads what [`TasteModel::encode`] wrote, for the same layout and settings.
    ///
    /// # Errors
    /// `corrupt_model` for anything else.
    pub fn decode(layout: &Layout, config: &TasteConfig, input: &mut Reader<'_>) -> Result<Self> {
        let solved = input.uint()?;
        let previews = input.uint()?;
        let several = input.byte()? != 0;
        let (own, noise) = (input.float()?, input.float()?);
        if !(own > 0.0 && noise > 0.0) || solved.checked_add(previews).is_none() {
            return Err(corrupt("a variance is not positive"));
        }
        let size = layout.model_len();
        let mean: Vec<f64> = (0..size).map(|_| input.float()).collect::<Result<_>>()?;
        let bytes = input.bytes()?;
        let values: Vec<f64> = if previews == 0 {
            let numbers = bytes.as_chunks::<4>().0.iter();
            numbers.map(|b| f64::from(f32::from_le_bytes(*b))).collect()
        } else {
            let numbers = bytes.as_chunks::<8>().0.iter();
            numbers.map(|b| f64::from_le_bytes(*b)).collect()
        };
        let width = if previews == 0 { 4 } else { 8 };
        if bytes.len() != size * (size + 1) / 2 * width || !values.iter().all(|v| v.is_finite()) {
            return Err(corrupt("a covariance"));
        }
        let mut model = Self::new(layout, config);
        let mut values = values.into_iter();
        for i in 0..size {
            for (j, value) in values.by_ref().take(i + 1).enumerate() {
                if i == j && value < 0.0 {
                    return Err(corrupt("a variance is negative"));
                }
                model.posterior.covariance.set(i, j, value);
                model.posterior.covariance.set(j, i, value);
            }
        }
        model.posterior.mean = mean;
        model.posterior.noise = noise;
        model.own = own;
        model.several = several;
        model.solved = solved;
        model.previews = previews;
        Ok(model)
    }

    /// Appends all visitors' layers.
    pub fn encode_users(&self, out: &mut Writer) {
        out.uint(self.users.len() as u64);
        for (user, layer) in &self.users {
            out.text(user);
            layer.encode(out);
        }
    }

    /// Reads what [`TasteModel::encode_users`] wrote, in place of the present ones.
    ///
    /// # Errors
    /// `corrupt_model` for anything else; the model is unchanged then.
    pub fn decode_users(&mut self, input: &mut Reader<'_>) -> Result<()> {
        let mut users = crate::sorted::Map::new();
        for _ in 0..input.count(2)? {
            let user = input.text()?.to_owned();
            let layer = UserLayer::decode(self.layout.crossed_len(), input)?;
            if users.insert(user, layer).is_some() {
                return Err(corrupt("a user twice"));
            }
        }
        self.users = users;
        Ok(())
    }
}
