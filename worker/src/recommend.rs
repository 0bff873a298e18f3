//! From a request to a decision, to items: the guide's first route.

use futures_util::future::join;
use moodloop::Code;
use moodloop::codec::hash;
use moodloop::context::{ContentType, Context, Mood, Personality, TimeOfDay};
use moodloop::experiment::Arm;
use moodloop::log::{Decision, Source};
use moodloop::params::Mapping;
use moodloop::policy::{Choice, fallback};
use moodloop::rank::{CATALOG, HONOURED, Item, LIMIT, RankRequest, Ranked, Slot, rank};
use moodloop::recommendation::{Metadata, Recommendation};
use moodloop::rng::uniform_of;
use moodloop::strategy::Strategy;
use moodloop::value::{Field, Value};
use serde::Serialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use worker::console_error;

use crate::app::App;
use crate::error::{Failure, Result};
use crate::http::{Answer, Call, Noted, id};
use crate::known::{Known, known, personal, recalled};
use crate::policy::{Serving, Standing};
use crate::providers::{self, Offer, Wanted};
use crate::store::decisions::{Beside, Served, Shadow};
use crate::{clock, experiment, profile, shelf, users};

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
                None => TimeOfDay::of_hour(clock::local_hour(app.now, call.time_zone().as_deref())),
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

/// What is served, and by whom.
struct Picked<'a> {
    provider: &'static str,
    honoured: Vec<&'static str>,
    ranked: Vec<Ranked<'a>>,
}

impl<'a> Picked<'a> {
    fn of(offer: &'a Offer, request: &RankRequest<'_>) -> Result<Self> {
        let ranked = rank(&offer.index, request)?;
        let items: Vec<&Item> = ranked.iter().map(|ranked| ranked.item).collect();
        Ok(Self {
            provider: offer.provider,
            honoured: offer.honoured(request.params, &items),
            ranked,
        })
    }

    const fn is_empty(&self) -> bool {
        self.ranked.is_empty()
    }
}

#[derive(Serialize)]
struct Recommendations<'a> {
    user_id: &'a str,
    content_type: ContentType,
    decision_id: &'a str,
    recommendations: Vec<Recommendation<'a, &'a RawValue>>,
    metadata: &'a RawValue,
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
    let ask = |held, known| serve(app, call, user_id, &asked, held, known);
    let policy = || crate::policy::serving(&app.store, app.now, None);
    if let Some(known) = recalled(app, user_id, asked.content_type)
        && let Some(answer) = ask(policy().await?, known).await?
    {
        return Ok(answer);
    }
    let (held, known) = join(policy(), known(app, user_id, asked.content_type)).await;
    let known = known.unwrap_or_else(|failure| {
        let line = json!({
            "event": "profile_unread",
            "request_id": app.request_id,
            "code": failure.code(),
        });
        console_error!("{line}");
        Known::default()
    });
    let answer = ask(held?, known).await?;
    answer.ok_or_else(|| Failure::internal("a decision was not recorded"))
}

/// Answers by what is known; nothing, where that is from memory and holds no more.
async fn serve(
    app: &App,
    call: &Call,
    user_id: &str,
    asked: &Asked,
    mut held: Serving,
    known: Known,
) -> Result<Option<Answer>> {
    if let Some(expected) = known.newer_than(&held) {
        held = crate::policy::serving(&app.store, app.now, Some(expected)).await?;
    }

    // Drawn by the id alone, so that an auditor can draw again.
    let decision_id = clock::new_id(app.now)?;
    let draw = uniform_of(0, &decision_id);
    let seed = hash(decision_id.as_bytes(), 0);
    let (context, personality, decided) = match known.personality(call) {
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
                version: held.policy.borrow().version,
            },
        ),
    };

    let Decided {
        choice,
        arm,
        shadow,
        version,
    } = decided;
    let wanted = Wanted {
        content_type: asked.content_type,
        params: &choice.params,
        novelty: novelty(&held, choice.action_index),
        personality: context.personality,
        affinity: &known.taste.affinity,
        limit: asked.limit,
        seed,
    };
    let request = RankRequest {
        params: &choice.params,
        personality: personality.as_ref(),
        content_type: asked.content_type,
        limit: asked.limit,
        affinity: &known.taste.affinity,
        exclude: &known.taste.disliked(),
        seen: &known.taste.seen(),
        seed,
        position: 0,
    };
    let offer = providers::offer(app, &wanted, &known.limits).await;
    let picked = match &offer {
        Some(offer) => Some(Picked::of(offer, &request)?).filter(|picked| !picked.is_empty()),
        None => None,
    };
    let shelf;
    let picked = match picked {
        Some(picked) => picked,
        None => {
            let revision = known.settings.text(crate::store::settings::CATALOG);
            shelf = shelf::index(app, asked.content_type, revision, &choice.params, seed).await?;
            Picked {
                provider: CATALOG,
                honoured: HONOURED.to_vec(),
                ranked: rank(&shelf, &request)?,
            }
        }
    };

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
        // What was not applied in full teaches nothing about the strategy.
        executed: !picked.is_empty() && picked.honoured == HONOURED,
    };
    let metadata = Metadata {
        decision_id: decision.decision_id.clone(),
        honoured: picked.honoured,
        rl_params: choice.params,
        strategy: (choice.source != Source::Fallback).then_some(choice.strategy),
        propensity: by_agent.then_some(choice.propensity),
        policy_version: Some(version),
        arm: Some(arm.as_str().to_owned()),
        source: choice.source.as_str().to_owned(),
        provider: picked.provider.to_owned(),
        time_of_day: asked.time_of_day,
        slot: Slot::Fit,
    };
    let exploring = raw(&Metadata {
        slot: Slot::Explore,
        ..metadata.clone()
    })?;
    let metadata = raw(&metadata)?;
    let served = Served::new(&picked.ranked, metadata.get())?;
    let contents = served.contents.clone();
    let beside = Beside {
        arm: arm.as_str(),
        shadow,
        served: Some(served),
    };
    let declared = held.policy.borrow().config().extras().clone();
    let stamp = known.stamp();
    let record = (app.store).record_decision(&decision, &declared, &beside, stamp)?;
    // The answer is written while D1 writes.
    let (recorded, answer) = join(app.store.commit(record, &app.context), async {
        let items = picked.ranked.iter().map(|ranked| {
            let metadata = match ranked.why.slot {
                Slot::Fit => &*metadata,
                Slot::Explore => &*exploring,
            };
            Recommendation::new(ranked, choice.confidence, picked.provider, metadata)
        });
        Answer::json(
            200,
            &Recommendations {
                user_id,
                content_type: asked.content_type,
                decision_id: &decision.decision_id,
                recommendations: items.collect(),
                metadata: &metadata,
            },
        )
    })
    .await;
    let recorded = recorded?;
    if stamp.is_some() && recorded.changes() == 0 {
        return Ok(None);
    }
    let provider = picked.provider;
    known.remember(app, &decision, contents)?;
    Ok(Some(answer?.noting(Noted {
        decision_id: decision.decision_id,
        source: decision.source.as_str(),
        policy_version: version,
        arm: arm.as_str(),
        provider,
    })))
}

/// What the items of an answer say alike, written once.
fn raw(metadata: &Metadata) -> Result<Box<RawValue>> {
    to_raw_value(metadata).map_err(|_| Failure::internal("an answer cannot be written"))
}

/// The level of novelty of a strategy: 0 familiar, 1 mixed, 2 exploratory.
fn novelty(held: &Serving, strategy: Strategy) -> usize {
    let policy = held.policy.borrow();
    let space = policy.mapping().space();
    let levels = space.dimensions().iter().zip(space.levels(strategy));
    let mut found = levels.filter(|(dimension, _)| dimension.name == "novelty");
    found.next().map_or(1, |(_, level)| level)
}
