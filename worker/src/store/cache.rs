//! What providers answered, kept in KV for a while and shared by all isolates.
//! Nothing in it says who asked.

use super::Store;
use crate::error::Result;

/// Something kept.
#[derive(Debug)]
pub struct Kept {
    /// The bytes.
    pub body: Vec<u8>,
    /// The time that was noted with them, in milliseconds since 1970.
    pub at: i64,
}

impl Store {
    /// What is kept under `key`, if it has not expired.
    ///
    /// # Errors
    /// `unavailable` when KV does not answer.
    pub async fn kept(&self, key: &str) -> Result<Option<Kept>> {
        let (body, at) = self.policies.get(key).bytes_with_metadata::<f64>().await?;
        let pair = body.zip(at);
        Ok(pair.map(|(body, at)| Kept {
            body,
            at: at as i64,
        }))
    }

    /// Keeps bytes, with a time to note, for `seconds`, at least 60.
    ///
    /// # Errors
    /// `unavailable` when KV does not answer.
    pub async fn keep(&self, key: &str, body: &[u8], at: i64, seconds: u64) -> Result<()> {
        self.policies
            .put_bytes(key, body)?
            .metadata(at as f64)?
            .expiration_ttl(seconds.max(60))
            .execute()
            .await?;
        Ok(())
    }
}
