//! What D1 knows of a user when they ask.

use std::rc::Rc;

use moodloop::context::{ContentType, Personality};
use moodloop::log::Decision;

use crate::app::App;
use crate::error::{Failure, Result};
use crate::http::Call;
use crate::policy::{Serving, Standing};
use crate::profile::Personal;
use crate::store::interactions::{DECISIONS, Shown};
use crate::store::known::{KnownRow, Stamp};
use crate::store::limits::Limits;
use crate::store::memory::Remembered;
use crate::store::pairs::{PairRow, log_of};
use crate::store::settings::Settings;
use crate::store::users::UserRow;
use crate::store::{from_bytes, from_json};
use crate::taste_of::TasteOf;
use crate::users;

/// What D1 knows of a user when they ask; by default, nothing, because it
/// could not be read.
#[derive(Default)]
pub struct Known {
    said: Option<Said>,
    row: Option<UserRow>,
    /// What they liked and saw.
    pub taste: TasteOf,
    /// The deployment's settings.
    pub settings: Settings,
    /// What outside providers allow.
    pub limits: Limits,
    marked: Vec<PairRow>,
}

/// What D1 said.
struct Said {
    remembered: Remembered,
    /// Whether it is from memory, and may not hold any more.
    recalled: bool,
}

impl Known {
    /// The version that D1 says should serve, where `held` is another.
    pub fn newer_than(&self, held: &Serving) -> Option<u64> {
        let expected = self.settings.current_version();
        let agrees =
            expected == held.policy.borrow().version && held.standing != Standing::LastGood;
        (self.said.is_some() && !agrees).then_some(expected)
    }

    /// The stored scores with those that a request overrides; none when there
    /// are neither.
    ///
    /// # Errors
    /// `internal` when they cannot be read; `invalid_context` for an override
    /// out of range.
    pub fn personality(&self, call: &Call) -> Result<Option<Personality>> {
        if self.said.is_none() {
            return Err(Failure::internal("the stored scores cannot be read"));
        }
        let row = self.row.as_ref();
        users::personality(row.and_then(|row| row.personality.as_deref()), call)
    }

    fn new(content_type: ContentType, mut found: KnownRow, said: Said) -> Result<Self> {
        let served: Vec<Shown> = (said.remembered.served.iter())
            .map(|list| from_json(list))
            .collect::<Result<_>>()?;
        let shown = served.into_iter().chain(found.shown).take(DECISIONS);
        Ok(Self {
            said: Some(said),
            row: found.user.pop(),
            taste: TasteOf::new(content_type, found.verdicts, shown),
            settings: found.settings,
            limits: found.limits,
            marked: found.lessons,
        })
    }

    /// What must still hold for a decision by this to be recorded; none where it
    /// was read just now, or could not be.
    pub fn stamp(&self) -> Option<&Stamp> {
        let said = self.said.as_ref().filter(|said| said.recalled)?;
        Some(&said.remembered.stamp)
    }

    /// Remembers this for the user's next request, now that a further decision is
    /// recorded, which has shown `contents`.
    ///
    /// # Errors
    /// `internal` for a stamp that this program cannot have read.
    pub fn remember(self, app: &App, decision: &Decision, contents: Rc<str>) -> Result<()> {
        let (Some(Said { mut remembered, .. }), Some(user_id)) = (self.said, &decision.user_id)
        else {
            return Ok(());
        };
        remembered.stamp = remembered.stamp.after(&decision.decision_id)?;
        remembered.served.insert(0, contents);
        remembered.served.truncate(DECISIONS);
        let mut memory = app.store.memory.borrow_mut();
        memory.keep(user_id, decision.context.content_type, remembered);
        Ok(())
    }
}

/// What this isolate remembers about a user; nothing where a provider would be
/// asked: that cannot be taken back if it does not hold any more.
pub fn recalled(app: &App, user_id: &str, content_type: ContentType) -> Option<Known> {
    if app.config.providers.are_asked_for(content_type) {
        return None;
    }
    let memory = app.store.memory.borrow();
    let remembered = memory.recall(user_id, content_type, app.now)?;
    let found = from_bytes(&remembered.row).ok()?;
    let said = Said {
        remembered,
        recalled: true,
    };
    Known::new(content_type, found, said).ok()
}

/// Reads everything about a user in one round trip.
///
/// # Errors
/// `unavailable`.
pub async fn known(app: &App, user_id: &str, content_type: ContentType) -> Result<Known> {
    let row = app
        .store
        .known(user_id, content_type.as_str(), &app.context)
        .await?;
    let found: KnownRow = from_bytes(&row)?;
    let remembered = Remembered {
        row: row.into(),
        read_at: app.now,
        stamp: found.stamp.clone(),
        served: Vec::new(),
    };
    let said = Said {
        remembered,
        recalled: false,
    };
    Known::new(content_type, found, said)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_served_since_it_was_read_counts_as_shown() {
        let shown: Vec<String> = (0..DECISIONS)
            .map(|n| format!("[\"old-{n}\",null]"))
            .collect();
        let row = format!("[[],[],[{}],[],[],[],[\"\",\"[]\"]]", shown.join(","));
        let said = Said {
            remembered: Remembered {
                row: row.into_bytes().into(),
                read_at: 0,
                stamp: Stamp::default(),
                served: vec!["[\"new-1\",\"jazz\",\"new-2\",null]".into()],
            },
            recalled: true,
        };
        let found = from_bytes(&said.remembered.row).unwrap();
        let known = Known::new(ContentType::Music, found, said).unwrap();
        let seen = known.taste.seen();
        assert_eq!(seen[..3], ["new-1", "new-2", "old-0"]);
        assert_eq!(
            seen.len(),
            2 + DECISIONS - 1,
            "the oldest decision's are out"
        );
        assert!(known.stamp().is_some());
    }

    #[test]
    fn a_stamp_goes_on_with_each_decision() {
        let read = Stamp("rest".into(), "[\"b\",\"a\"]".into());
        let after = read.after("c").unwrap().after("d").unwrap();
        assert_eq!(
            (after.0.as_str(), after.1.as_str()),
            ("rest", "[\"d\",\"c\"]")
        );
        let first = Stamp("rest".into(), "[]".into()).after("a").unwrap();
        assert_eq!(first.1, "[\"a\"]");
    }
}
