//! Who may ask: admin keys and user tokens (SPEC section 8).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::config::Config;
use crate::error::{Failure, Result};

/// The longest token that is looked at, in bytes.
const TOKEN_BYTES: usize = 4096;

/// Lets an admin in by the `X-Admin-Key` header.
///
/// # Errors
/// `forbidden` when this deployment has no usable key, `unauthorized` for a
/// missing or another key.
pub fn admin(config: &Config, given: Option<&str>) -> Result<()> {
    let Some(key) = &config.admin_key else {
        return Err(Failure::forbidden(
            "admin routes are closed: this deployment has no usable admin key",
        ));
    };
    // Equal lengths, so that the comparison tells nothing about the key's.
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    let same = digest(key).ct_eq(&digest(given.unwrap_or_default()));
    if bool::from(same) {
        Ok(())
    } else {
        Err(Failure::unauthorized("a valid `X-Admin-Key` is needed"))
    }
}

/// Lets the user `user_id` in by the `Authorization` header: a JWT signed with
/// HS256 whose `sub` is the user. In development nobody needs one.
///
/// # Errors
/// `unauthorized` for a missing, malformed, wrongly signed, expired or not yet
/// valid token; `forbidden` for another user's, or without a token secret.
pub fn user(config: &Config, given: Option<&str>, user_id: &str, now: i64) -> Result<()> {
    if config.development {
        return Ok(());
    }
    let Some(secret) = &config.token_secret else {
        return Err(Failure::forbidden(
            "user routes are closed: this deployment has no usable token secret",
        ));
    };
    let token = given
        .and_then(|header| header.strip_prefix("Bearer "))
        .filter(|token| token.len() <= TOKEN_BYTES)
        .ok_or_else(|| Failure::unauthorized("a bearer token is needed"))?;
    let claims = verify(token, secret.as_bytes())
        .ok_or_else(|| Failure::unauthorized("the bearer token is not valid"))?;
    let seconds = now as f64 / 1000.0;
    let time = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => Ok(number.as_f64()),
        Some(_) => Err(Failure::unauthorized("the bearer token is not valid")),
    };
    if time("exp")?.is_none_or(|end| end <= seconds) {
        return Err(Failure::unauthorized("the bearer token has expired"));
    }
    if time("nbf")?.is_some_and(|start| start > seconds) {
        return Err(Failure::unauthorized("the bearer token is not valid yet"));
    }
    if claims.get("sub").and_then(Value::as_str) == Some(user_id) {
        Ok(())
    } else {
        Err(Failure::forbidden("the bearer token is another user's"))
    }
}

/// The claims of a token that is signed with HS256 by `secret`.
fn verify(token: &str, secret: &[u8]) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let header: Value = serde_json::from_slice(&decode(header)?).ok()?;
    if header.get("alg")?.as_str()? != "HS256" || header.get("crit").is_some() {
        return None;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(signed.as_bytes());
    mac.verify_slice(&decode(signature)?).ok()?;
    serde_json::from_slice(&decode(claims)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Providers;

    fn config(development: bool, secret: Option<&str>) -> Config {
        Config {
            development,
            admin_key: Some("an admin key of 32 characters...".into()),
            token_secret: secret.map(Into::into),
            allowed_origins: Vec::new(),
            providers: Providers::read(|_| None),
            user_limit: None,
            address_limit: None,
        }
    }

    fn token(header: &str, claims: &str, secret: &str) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", encode(header), encode(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        format!("Bearer {signed}.{signature}")
    }

    const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
    const GOOD: &str = r#"{"sub":"ada","exp":2000}"#;

    fn outcome(token: Option<&str>) -> &'static str {
        match user(&config(false, Some("secret")), token, "ada", 1_000_000) {
            Ok(()) => "in",
            Err(failure) => failure.code(),
        }
    }

    #[test]
    fn only_the_users_own_signed_and_current_token_opens() {
        let cases = [
            (token(HEADER, GOOD, "secret"), "in"),
            (token(HEADER, GOOD, "other"), "unauthorized"),
            (
                token(HEADER, r#"{"sub":"bob","exp":2000}"#, "secret"),
                "forbidden",
            ),
            (
                token(HEADER, r#"{"sub":"ada","exp":1000}"#, "secret"),
                "unauthorized",
            ),
            (
                token(HEADER, r#"{"sub":"ada","exp":"x"}"#, "secret"),
                "unauthorized",
            ),
            (token(HEADER, r#"{"sub":"ada"}"#, "secret"), "unauthorized"),
            (
                token(HEADER, r#"{"sub":"ada","exp":2000,"nbf":1500}"#, "secret"),
                "unauthorized",
            ),
            (token(r#"{"alg":"none"}"#, GOOD, "secret"), "unauthorized"),
            (token(r#"{"alg":"HS512"}"#, GOOD, "secret"), "unauthorized"),
            ("Bearer x".into(), "unauthorized"),
            ("Basic x".into(), "unauthorized"),
        ];
        for (given, expected) in cases {
            assert_eq!(outcome(Some(&given)), expected, "{given}");
        }
        assert_eq!(outcome(None), "unauthorized");
        assert!(user(&config(true, None), None, "ada", 0).is_ok());
        let closed = user(&config(false, None), None, "ada", 0).unwrap_err();
        assert_eq!(closed.code(), "forbidden");
    }

    #[test]
    fn an_admin_needs_exactly_the_key() {
        let config = config(false, None);
        assert!(admin(&config, Some("an admin key of 32 characters...")).is_ok());
        for wrong in [None, Some(""), Some("an admin key of 32 characters..")] {
            assert_eq!(admin(&config, wrong).unwrap_err().code(), "unauthorized");
        }
    }
}
