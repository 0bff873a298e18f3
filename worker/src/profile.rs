//! One user's view of the policy: their stored layer, moved by what they said
//! since it was solved.

use moodloop::context::Context;
use moodloop::fold::observation;
use moodloop::log::Log;
use moodloop::policy::{Choice, Policy};
use moodloop::strategy::Strategy;
use moodloop::user_layer::UserLayer;

use crate::store::decisions::Shadow;

/// What is known of a user that the policy itself does not hold.
pub struct Personal {
    /// The layer that was solved with this policy.
    pub layer: Option<UserLayer>,
    /// The pairs that the layer does not know yet, merged.
    pub lessons: Log,
    /// The rewards that the layer knows some of these pairs by:
    /// (decision, content, thousandths).
    pub known: Vec<(String, String, i64)>,
}

/// Chooses for `user` as if the layer had been solved with all they said. With
/// `served`, the strategy that a control arm serves instead, it also says how
/// that compares.
pub fn choose(
    policy: &mut Policy,
    personal: &Personal,
    user: &str,
    context: &Context,
    draw: f64,
    served: Option<Strategy>,
) -> (Choice, Option<Shadow>) {
    let lessons = personal.lessons.pairs();
    let lessons = lessons.filter(|pair| pair.decision.teaches());
    let mut layer = personal.layer.clone();
    for pair in lessons {
        let lesson = observation(policy.layout(), pair.decision, pair.reward);
        let known = personal.known.iter().find(|(decision, content, _)| {
            *decision == pair.decision.decision_id && *content == pair.content_id
        });
        let old = known.map(|(_, _, reward)| *reward);
        layer = Some(policy.taste.layer_after(layer.as_ref(), &lesson, old));
    }
    if let Some(layer) = layer {
        policy.taste.set_user(user, layer);
    }
    let choice = policy.choose(context, Some(user), true, draw);
    let shadow = served.map(|served| {
        let features = policy.layout().features(context);
        let mean = policy.predict(&features, Some(user)).mean;
        let at = |values: &[f64], strategy: Strategy| {
            values.get(strategy.index()).copied().unwrap_or(0.0)
        };
        Shadow {
            action_index: choice.action_index,
            propensity: at(&choice.propensities, served),
            gain: at(&mean, choice.action_index) - at(&mean, served),
        }
    });
    policy.taste.remove_user(user);
    (choice, shadow)
}
