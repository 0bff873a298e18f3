//! What D1 knows of a user when they ask.

use moodloop::context::{ContentType, Personality};

use crate::app::App;
use crate::error::{Failure, Result};
use crate::http::Call;
use crate::policy::{Serving, Standing};
use crate::profile::Personal;
use crate::store::limits::Limits;
use crate::store::pairs::{PairRow, log_of};
use crate::store::settings::Settings;
use crate::store::users::UserRow;
use crate::taste_of::TasteOf;
use crate::users;

/// What D1 knows of a user when they ask; by default, nothing, because it
/// could not be read.
#[derive(Default)]
pub struct Known {
    /// Whether D1 could be read.
    read: bool,
    row: Option<UserRow>,
    /// What they liked and saw.
    pub taste: TasteOf,
    /// The deployment's settings.
    pub settings: Settings,
    /// What outside providers allow.
    pub limits: Limits,
    marked: Vec<PairRow>,
}

impl Known {
    /// The version that D1 says should serve, where `held` is another.
    pub fn newer_than(&self, held: &Serving) -> Option<u64> {
        let expected = self.settings.current_version();
        let agrees =
            expected == held.policy.borrow().version && held.standing != Standing::LastGood;
        (self.read && !agrees).then_some(expected)
    }

    /// The stored scores with those that a request overrides; none when there
    /// are neither.
    ///
    /// # Errors
    /// `internal` when they cannot be read; `invalid_context` for an override
    /// out of range.
    pub fn personality(&self, call: &Call) -> Result<Option<Personality>> {
        if !self.read {
            return Err(Failure::internal("the stored scores cannot be read"));
        }
        let row = self.row.as_ref();
        users::personality(row.and_then(|row| row.personality.as_deref()), call)
    }
}

/// Reads everything about a user in one round trip.
///
/// # Errors
/// `unavailable`.
pub async fn known(app: &App, user_id: &str, content_type: ContentType) -> Result<Known> {
    let mut found = app.store.known(user_id, content_type.as_str()).await?;
    Ok(Known {
        read: true,
        row: found.user.pop(),
        taste: TasteOf::new(content_type, found.verdicts, found.shown),
        settings: found.settings,
        limits: found.limits,
        marked: found.lessons,
    })
}

/// What the policy needs of a user. A stored layer of another version does not
/// fit: then it is made again from the user's latest pairs.
///
/// # Errors
/// `unavailable`; `internal` for stored pairs that cannot be read.
pub async fn personal(
    app: &App,
    serving: &Serving,
    user_id: &str,
    known: &Known,
) -> Result<Personal> {
    // Nothing of the policy is held over an await: other requests use it too.
    let (version, size, width, strategies, config) = {
        let policy = serving.policy.borrow();
        let strategies = policy.mapping().space().len();
        let (size, width) = (policy.layout().crossed_len(), policy.taste.width());
        let config = policy.config().clone();
        (policy.version, size, width, strategies, config)
    };
    let enter = |rows: &[PairRow]| log_of(rows, strategies, config.extras(), config.reward());
    let row = known.row.as_ref();
    if row.is_some_and(|row| row.first_version.is_some() && row.layer_version != Some(version)) {
        let rows = app.store.lessons(user_id).await?;
        return Ok(Personal {
            layer: None,
            lessons: enter(&rows)?,
            known: Vec::new(),
        });
    }
    let rewards = known.marked.iter().filter_map(|pair| {
        let (decision, content) = pair.place();
        Some((decision.to_owned(), content.to_owned(), pair.folded?))
    });
    Ok(Personal {
        layer: row.and_then(|row| row.layer(size, width)),
        lessons: enter(&known.marked)?,
        known: rewards.collect(),
    })
}
