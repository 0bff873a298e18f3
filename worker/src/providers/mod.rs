//! Items from outside providers (SPEC section 7): the core makes requests and
//! reads answers, this room asks. Whatever goes wrong ends in no offer, and the
//! catalog serves.

mod limits;
mod spotify;
mod upstream;
mod youtube;

use moodloop::context::{ContentType, Personality};
use moodloop::params::Parameters;
use moodloop::providers::{Failure, spotify as spotify_rules, youtube as youtube_rules};
use moodloop::rank::{Affinity, Index, Item};
use serde_json::json;
use worker::console_warn;

use crate::app::App;
use crate::store::limits::Limits;

/// What a request asks a provider for.
pub struct Wanted<'a> {
    /// The kind of content.
    pub content_type: ContentType,
    /// What the strategy means here.
    pub params: &'a Parameters,
    /// The strategy's level of novelty: 0 familiar, 1 mixed, 2 exploratory.
    pub novelty: usize,
    /// The person's scores, where known.
    pub personality: Personality,
    /// What the person liked so far.
    pub affinity: &'a Affinity,
    /// How many items will be served.
    pub limit: usize,
    /// Seeds all chance.
    pub seed: u64,
}

impl Wanted<'_> {
    /// The genres to ask for.
    fn genres(&self) -> Vec<String> {
        let count = self.params.genre_count as usize;
        self.affinity
            .choose(self.content_type, &self.personality, count)
    }
}

/// How a provider was asked: what it can have honoured follows from that.
enum Asked {
    Recommendations(Vec<String>),
    SpotifySearch,
    YouTubeSearch,
}

/// What a provider offers.
pub struct Offer {
    /// `spotify` or `youtube`.
    pub provider: &'static str,
    /// The items, to be ranked.
    pub index: Index,
    asked: Asked,
}

impl Offer {
    /// An offer of some items; none of none.
    fn of(provider: &'static str, items: Vec<Item>, asked: Asked) -> Option<Self> {
        if items.is_empty() {
            return None;
        }
        let index = Index::build(items).ok()?;
        Some(Self {
            provider,
            index,
            asked,
        })
    }

    /// The dimensions that were really applied to what was picked of it.
    pub fn honoured(&self, params: &Parameters, picked: &[&Item]) -> Vec<&'static str> {
        match &self.asked {
            Asked::Recommendations(genres) => {
                spotify_rules::recommendations_honoured(params, genres)
            }
            Asked::SpotifySearch => spotify_rules::search_honoured(params, picked),
            Asked::YouTubeSearch => youtube_rules::honoured(params, picked),
        }
    }
}

/// What came of asking: an offer, what failed, or both, where an older or a
/// smaller offer stands in for what failed.
type Outcome = (Option<Offer>, Option<Failure>);

/// What the provider of this content type offers; none where there is no such
/// provider, where it is not to be asked now, or where it failed.
pub async fn offer(app: &App, wanted: &Wanted<'_>, limits: &Limits) -> Option<Offer> {
    let providers = &app.config.providers;
    let (provider, (offer, failure)) = match wanted.content_type {
        ContentType::Music => {
            let settings = providers.spotify.as_ref()?;
            if !limits.open(spotify::NAME, app.now) {
                return None;
            }
            (spotify::NAME, spotify::offer(app, settings, wanted).await)
        }
        ContentType::Video => {
            let settings = providers.youtube.as_ref()?;
            let open = limits.open(youtube::NAME, app.now);
            let outcome = youtube::offer(app, settings, wanted, open).await;
            (youtube::NAME, outcome)
        }
        ContentType::Game | ContentType::Podcast | ContentType::Article => return None,
    };
    if let Some(failure) = failure {
        // What failed, never for whom.
        let line = json!({
            "event": "provider_failed",
            "request_id": app.request_id,
            "provider": provider,
            "failure": failure,
        });
        console_warn!("{line}");
        limits::note(app, provider, failure).await;
    }
    offer
}
