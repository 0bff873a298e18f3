//! What the environment sets: variables, secrets and bindings.

mod providers;

use std::cell::OnceCell;
use std::rc::Rc;

use worker::{Env, RateLimiter};

pub use providers::{Providers, Spotify, YouTube};

/// The admin key of the guide's curl lines. It opens admin routes in
/// development only.
pub const DEVELOPMENT_KEY: &str = "admin-dev-key-change-in-production";
/// The shortest admin key or token secret that counts outside development, in bytes.
const SECRET_BYTES: usize = 24;

/// Settings of this deployment.
pub struct Config {
    /// `ENVIRONMENT` is exactly `development`: no user tokens, the guide's key.
    pub development: bool,
    /// The admin key, if there is one that may be used.
    pub admin_key: Option<String>,
    /// The secret of user tokens, if there is one that may be used.
    pub token_secret: Option<String>,
    /// Origins that browsers may call from, beside this one.
    pub allowed_origins: Vec<String>,
    /// Outside providers of items.
    pub providers: Providers,
    /// How often one user may call, where that is bound.
    pub user_limit: Option<RateLimiter>,
    /// How often one address may call, where that is bound.
    pub address_limit: Option<RateLimiter>,
}

thread_local! {
    static READ: OnceCell<Rc<Config>> = const { OnceCell::new() };
}

impl Config {
    /// What the environment sets, read once: it does not change while an
    /// isolate lives.
    pub fn of(env: &Env) -> Rc<Self> {
        READ.with(|cell| cell.get_or_init(|| Rc::new(Self::read(env))).clone())
    }

    /// Reads the environment. What is missing, short or public closes its door.
    fn read(env: &Env) -> Self {
        let text = |name: &str| env.var(name).ok().map(|value| value.to_string());
        let development = text("ENVIRONMENT").as_deref() == Some("development");
        let secret = |name: &str| {
            text(name).filter(|value| {
                development || (value.len() >= SECRET_BYTES && value != DEVELOPMENT_KEY)
            })
        };
        Self {
            development,
            admin_key: secret("ADMIN_KEY")
                .or_else(|| development.then(|| DEVELOPMENT_KEY.to_owned())),
            token_secret: secret("TOKEN_SECRET"),
            allowed_origins: text("ALLOWED_ORIGINS")
                .unwrap_or_default()
                .split(',')
                .map(|origin| origin.trim().to_owned())
                .filter(|origin| !origin.is_empty())
                .collect(),
            providers: Providers::read(text),
            user_limit: env.rate_limiter("USER_LIMIT").ok(),
            address_limit: env.rate_limiter("ADDRESS_LIMIT").ok(),
        }
    }
}
