//! From a request to a decision, to items: the guide's first route.

use futures_util::future::join;
use moodloop::Code;
use moodloop::codec::hash;
use moodloop::context::{ContentType, Context, Mood, Personality, TimeOfDay};
use moodloop::experiment::Arm;
use moodloop::log::{Decision, Source};
use moodloop::params::Mapping;
use moodloop::policy::{Choice, fallback};
use moodloop::rank::{LIMIT, RankRequest, rank};
use moodloop::recommendation::{Metadata, Recommendation};
use moodloop::rng::uniform_of;
use moodloop::value::{Field, Value};
use serde::Serialize;
use serde_json::json;
use worker::console_log;

use crate::app::App;
use crate::error::Result;
use crate::http::{Answer, Call, id};
use crate::policy::{Serving, Standing, serving};
use crate::profile::{self, Personal};
use crate::shelf;
use crate::store::Results;
use crate::store::decisions::{Beside, Served, Shadow};
use crate::store::interactions::{Shown, Verdict};
use crate::store::pairs::{PairRow, log_of, pairs};
use crate::store::settings::Settings;
use crate::store::users::UserRow;
use crate::taste_of::TasteOf;
use crate::{clock, experiment, users};

/// How many items a request gets that does not say.
const ITEMS: i64 = 10;

/// What a request asks for, before the user is known.
struct Asked {
    content_type: ContentType,
    mood: Mood,
    time_of_day: TimeOfDay,
    limit: usize,
}

impl Asked {
    fn read(app: &App, call: &Call) -> Result<Self> {
        let word = Value::String(call.place(0).to_owned());
        let content_type = Field::root(Code::InvalidContext, "content_type", &word);
        let mood = call.value("mood", false);
        let time_of_day = call.value("time_of_day", false);
        Ok(Self {
            content_type: ContentType::read(&content_type)?,
            mood: match &mood {
                Some(value) => Mood::read(&Field::root(Code::InvalidContext, "mood", value))?,
                None => Mood::Neutral,
            },
            time_of_day: match &time_of_day {
                Some(value) => {
                    TimeOfDay::read(&Field::root(Code::InvalidContext, "time_of_day", value))?
                }
                None => TimeOfDay::of_hour(clock::local_hour(app.now, app.time_zone.as_deref())),
            },
            limit: call.integer("limit", 1, LIMIT as i64, ITEMS)? as usize,
        })
    }

    fn context(&self, personality: Option<Personality>) -> Context {
        Context {
            personality: personality.unwrap_or(Personality::NEUTRAL),
            mood: self.mood,
            ..Context::neutral(self.content_type, self.time_of_day)
        }
    }
}

/// What D1 knows of a user when they ask.
struct Known {
    row: Option<UserRow>,
    taste: TasteOf,
    settings: Settings,
    marked: Vec<PairRow>,
}

/// Reads everything about a user in one round trip.
async fn known(app: &App, user_id: &str, content_type: ContentType) -> Result<Known> {
    let store = &app.store;
    let kind = content_type.as_str();
    let rows = store
        .batch(vec![
            store.read_user(user_id)?,
            store.read_verdicts(user_id, kind)?,
            store.read_shown(user_id, kind)?,
            store.read_settings()?,
            store.read_lessons(user_id, false)?,
        ])
        .await?;
    let mut results = Results::new(rows);
    let row = results.next()?.first()?;
    let verdicts: Vec<Verdict> = results.next()?.all()?;
    let shown: Vec<Shown> = results.next()?.all()?;
    Ok(Known {
        row,
        taste: TasteOf::new(content_type, &verdicts, &shown),
        settings: Settings::of(&results.next()?)?,
        marked: pairs(&results.next()?)?,
    })
}

/// What the policy needs of a user. A stored layer of another version does not
/// fit: then it is made again from the user's latest pairs.
async fn personal(app: &App, serving: &Serving, user_id: &str, known: &Known) -> Result<Personal> {
    // Nothing of the policy is held over an await: other requests use it too.
    let (version, size, strategies, config) = {
        let policy = serving.policy.borrow();
        let strategies = policy.mapping().space().len();
        let size = policy.layout().crossed_len();
        (policy.version, size, strategies, policy.config().clone())
    };
    let enter = |rows: &[PairRow]| log_of(rows, strategies, config.extras(), config.reward());
    let row = known.row.as_ref();
    let of = row.and_then(|row| row.layer_version);
    if of.is_some_and(|of| of != version) {
        let statement = app.store.read_lessons(user_id, true)?;
        let rows = app.store.batch(vec![statement]).await?;
        let rows = pairs(&Results::new(rows).next()?)?;
        return Ok(Personal {
            layer: None,
            lessons: enter(&rows)?,
            known: Vec::new(),
        });
    }
    let rewards = known.marked.iter().filter_map(|pair| {
        let decision = pair.decision.decision_id.clone();
        Some((decision, pair.content_id.clone(), pair.folded?))
    });
    Ok(Personal {
        layer: row.and_then(|row| row.layer(size)),
        lessons: enter(&known.marked)?,
        known: rewards.collect(),
    })
}

/// What was decided, and beside it what the agent would have done.
struct Decided {
    choice: Choice,
    arm: Arm,
    shadow: Option<Shadow>,
    version: u64,
}

async fn decide(
    app: &App,
    serving: &Serving,
    known: &Known,
    user_id: &str,
    context: &Context,
    draw: f64,
) -> Result<Decided> {
    let arm = experiment::assignment(&known.settings)?.arm(user_id)?;
    let personal = personal(app, serving, user_id, known).await?;
    let mut policy = serving.policy.borrow_mut();
    let control = policy.choose_baseline(context);
    let on_agent = arm == Arm::Agent;
    let (choice, shadow) = if serving.standing == Standing::Unreadable {
        (control, None)
    } else {
        let served = (!on_agent).then_some(control.action_index);
        let (agents, shadow) =
            profile::choose(&mut policy, &personal, user_id, context, draw, served);
        (if on_agent { agents } else { control }, shadow)
    };
    Ok(Decided {
        choice,
        arm,
        shadow,
        version: policy.version,
    })
}

#[derive(Serialize)]
struct Recommendations<'a> {
    user_id: &'a str,
    content_type: ContentType,
    decision_id: &'a str,
    recommendations: &'a [Recommendation],
    metadata: &'a Metadata,
}

/// Decides how to recommend, records the decision and what it serves, and
/// answers.
///
/// # Errors
/// `invalid_context` and `invalid_options` naming the parameter; `unavailable`
/// when D1 is away, because a decision that is not recorded is not served.
pub async fn recommend(app: &App, call: &Call) -> Result<Answer> {
    let user_id = id("user_id", call.place(1))?;
    let asked = Asked::read(app, call)?;
    // Overrides are checked before anything is read.
    users::personality(None, call)?;
    let (serving, known) = join(
        crate::policy::serving(&app.store, app.now, None),
        known(app, user_id, asked.content_type),
    )
    .await;
    let (mut held, known) = (serving?, known?);
    let version = held.policy.borrow().version;
    if version != known.settings.current_version() || held.standing == Standing::LastGood {
        held = serving_again(app, &known).await?;
    }

    let stored = known
        .row
        .as_ref()
        .and_then(|row| row.personality.as_deref());
    // Drawn by the id alone, so that an auditor can draw again.
    let decision_id = clock::new_id(app.now)?;
    let draw = uniform_of(0, &decision_id);
    let seed = hash(decision_id.as_bytes(), 0);
    let (context, personality, decided) = match users::personality(stored, call) {
        Ok(personality) => {
            let context = asked.context(personality);
            let decided = decide(app, &held, &known, user_id, &context, draw).await?;
            (context, personality, decided)
        }
        // A profile that cannot be read leaves nothing to decide from.
        Err(_) => (
            asked.context(None),
            None,
            Decided {
                choice: fallback(&Mapping::default()),
                arm: Arm::Baseline,
                shadow: None,
                version,
            },
        ),
    };

    let Decided {
        choice,
        arm,
        shadow,
        version,
    } = decided;
    let revision = known.settings.text(crate::store::settings::CATALOG);
    let index = shelf::index(app, asked.content_type, revision, &choice.params, seed).await?;
    let ranked = rank(
        &index,
        &RankRequest {
            params: &choice.params,
            personality: personality.as_ref(),
            content_type: asked.content_type,
            limit: asked.limit,
            affinity: &known.taste.affinity,
            exclude: &known.taste.disliked(),
            seen: &known.taste.seen(),
            seed,
            position: 0,
        },
    )?;

    let by_agent = choice.source == Source::Agent;
    let decision = Decision {
        decision_id,
        decided_at: app.now,
        user_id: Some(user_id.to_owned()),
        context,
        action_index: choice.action_index,
        propensity: choice.propensity,
        source: choice.source,
        policy_version: version,
        executed: !ranked.is_empty(),
    };
    let metadata = Metadata {
        decision_id: decision.decision_id.clone(),
        honoured: shelf::HONOURED.to_vec(),
        rl_params: choice.params,
        strategy: (choice.source != Source::Fallback).then_some(choice.strategy),
        propensity: by_agent.then_some(choice.propensity),
        policy_version: Some(version),
        arm: Some(arm.as_str().to_owned()),
        source: choice.source.as_str().to_owned(),
        provider: "catalog".to_owned(),
        time_of_day: asked.time_of_day,
        slot: moodloop::rank::Slot::Fit,
    };
    let confidence = choice.confidence;
    let recommendations: Vec<Recommendation> = ranked
        .iter()
        .map(|ranked| Recommendation::new(ranked, confidence, metadata.clone()))
        .collect();
    let served: Vec<Served<'_>> = ranked
        .iter()
        .map(|ranked| Served {
            id: &ranked.item.id,
            title: &ranked.item.title,
            genre: ranked.item.genre(),
            slot: ranked.why.slot,
        })
        .collect();
    let beside = Beside {
        arm: arm.as_str(),
        shadow,
    };
    let declared = held.policy.borrow().config().extras().clone();
    let now = clock::iso(app.now);
    app.store
        .batch(vec![
            app.store.record_decision(&decision, &declared, &beside)?,
            app.store
                .record_items(&decision, &served, &metadata, &now)?,
        ])
        .await?;

    let line = json!({
        "event": "decision",
        "request_id": app.request_id,
        "decision_id": decision.decision_id,
        "source": decision.source,
        "policy_version": version,
        "arm": arm,
        "provider": metadata.provider,
    });
    console_log!("{line}");
    Answer::json(
        200,
        &Recommendations {
            user_id,
            content_type: asked.content_type,
            decision_id: &decision.decision_id,
            recommendations: &recommendations,
            metadata: &metadata,
        },
    )
}

/// Looks at KV again because D1 knows of another version.
async fn serving_again(app: &App, known: &Known) -> Result<Serving> {
    let expected = known.settings.current_version();
    serving(&app.store, app.now, Some(expected)).await
}
