//! The one table of routes: the dispatcher and the OpenAPI document both read
//! it, so that they cannot drift apart.

use worker::Method;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// The user named in the path, by a bearer token.
    User,
    /// An operator, by `X-Admin-Key`.
    Admin,
}

/// What a route does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Recommend,
    Interact,
    PutPersonality,
    ReadData,
    EraseData,
    Sync,
    ReadPolicy,
    Train,
    History,
    Health,
    AgentStats,
    Models,
    Activate,
    Engagement,
    Evaluate,
    ReadExperiment,
    WriteExperiment,
    Document,
}

/// One route.
#[derive(Debug)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path; `{name}` stands for one segment.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What it does.
    pub operation: Operation,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Its query parameters, by their names in openapi.json.
    pub query: &'static [&'static str],
    /// The schema of its body, by its name in openapi.json.
    pub body: Option<&'static str>,
    /// Statuses of success, each with the schema of its answer.
    pub answers: &'static [(u16, &'static str)],
    /// Statuses of failure beside those that every route may answer.
    pub failures: &'static [u16],
}

/// Every route.
pub const ROUTES: [Route; 18] = [
    Route {
        method: Method::Get,
        path: "/api/v1/entertainment/{content_type}/recommendations/{user_id}",
        access: Access::User,
        operation: Operation::Recommend,
        summary: "Decides how to recommend and gives items",
        query: &[
            "limit",
            "mood",
            "time_of_day",
            "openness",
            "conscientiousness",
            "extraversion",
            "agreeableness",
            "neuroticism",
        ],
        body: None,
        answers: &[(200, "Recommendations")],
        failures: &[],
    },
    Route {
        method: Method::Post,
        path: "/api/v1/entertainment/interactions/{user_id}",
        access: Access::User,
        operation: Operation::Interact,
        summary: "Stores what a user did with an item and learns from it",
        query: &[],
        body: Some("Interaction"),
        answers: &[(200, "Stored"), (201, "Stored")],
        failures: &[409],
    },
    Route {
        method: Method::Put,
        path: "/api/v1/users/{user_id}/personality",
        access: Access::User,
        operation: Operation::PutPersonality,
        summary: "Keeps a user's Big Five scores",
        query: &[],
        body: Some("Personality"),
        answers: &[(200, "Profile")],
        failures: &[],
    },
    Route {
        method: Method::Get,
        path: "/api/v1/users/{user_id}/data",
        access: Access::User,
        operation: Operation::ReadData,
        summary: "Everything held about a user, page by page",
        query: &["after"],
        body: None,
        answers: &[(200, "Data")],
        failures: &[],
    },
    Route {
        method: Method::Delete,
        path: "/api/v1/users/{user_id}/data",
        access: Access::User,
        operation: Operation::EraseData,
        summary: "Erases a user: rows, profile and everything learned from them",
        query: &[],
        body: None,
        answers: &[(200, "Erased"), (202, "Erased")],
        failures: &[409],
    },
    Route {
        method: Method::Post,
        path: "/api/v1/sync/{user_id}",
        access: Access::User,
        operation: Operation::Sync,
        summary: "Takes in decisions and interactions of a user's browser",
        query: &[],
        body: Some("Log"),
        answers: &[(200, "Synced")],
        failures: &[409],
    },
    Route {
        method: Method::Get,
        path: "/api/v1/policy",
        access: Access::Public,
        operation: Operation::ReadPolicy,
        summary: "The published policy, for browsers to start from",
        query: &[],
        body: None,
        answers: &[(200, "Policy"), (304, "")],
        failures: &[404],
    },
    Route {
        method: Method::Post,
        path: "/api/v1/admin/tasks/rl-training/trigger",
        access: Access::Admin,
        operation: Operation::Train,
        summary: "Runs the training now, or continues the open run",
        query: &[],
        body: None,
        answers: &[(200, "Task"), (202, "Task")],
        failures: &[409],
    },
    Route {
        method: Method::Get,
        path: "/api/v1/admin/tasks/history",
        access: Access::Admin,
        operation: Operation::History,
        summary: "Training runs, the latest first",
        query: &["limit"],
        body: None,
        answers: &[(200, "Tasks")],
        failures: &[],
    },
    Route {
        method: Method::Get,
        path: "/api/v1/admin/system/health",
        access: Access::Admin,
        operation: Operation::Health,
        summary: "Whether the system does its work",
        query: &[],
        body: None,
        answers: &[(200, "Health")],
        failures: &[],
    },
    Route {
        method: Method::Get,
        path: "/api/v1/admin/agent/stats",
        access: Access::Admin,
        operation: Operation::AgentStats,
        summary: "What the agent has seen",
        query: &[],
        body: None,
        answers: &[(200, "AgentStats")],
        failures: &[],
    },
    Route {
        method: Method::Get,
        path: "/api/v1/admin/models",
        access: Access::Admin,
        operation: Operation::Models,
        summary: "Kept versions of the policy, the latest first",
        query: &[],
        body: None,
        answers: &[(200, "Models")],
        failures: &[],
    },
    Route {
        method: Method::Post,
        path: "/api/v1/admin/models/{version}/activate",
        access: Access::Admin,
        operation: Operation::Activate,
        summary: "Makes a kept version the one that serves",
        query: &[],
        body: None,
        answers: &[(200, "Activated")],
        failures: &[409],
    },
    Route {
        method: Method::Get,
        path: "/api/v1/admin/engagement",
        access: Access::Admin,
        operation: Operation::Engagement,
        summary: "Like, completion and skip rates by arm and before and after a date",
        query: &["split"],
        body: None,
        answers: &[(200, "Engagement")],
        failures: &[],
    },
    Route {
        method: Method::Get,
        path: "/api/v1/admin/evaluate",
        access: Access::Admin,
        operation: Operation::Evaluate,
        summary: "What other policies would have earned, estimated from what the agent drew",
        query: &["policies", "since"],
        body: None,
        answers: &[(200, "Evaluation")],
        failures: &[404],
    },
    Route {
        method: Method::Get,
        path: "/api/v1/admin/experiment",
        access: Access::Admin,
        operation: Operation::ReadExperiment,
        summary: "The experiment's settings",
        query: &[],
        body: None,
        answers: &[(200, "Experiment")],
        failures: &[],
    },
    Route {
        method: Method::Put,
        path: "/api/v1/admin/experiment",
        access: Access::Admin,
        operation: Operation::WriteExperiment,
        summary: "Sets the share of users on the agent",
        query: &[],
        body: Some("Experiment"),
        answers: &[(200, "Experiment")],
        failures: &[],
    },
    Route {
        method: Method::Get,
        path: "/openapi.json",
        access: Access::Public,
        operation: Operation::Document,
        summary: "This document",
        query: &[],
        body: None,
        answers: &[(200, "")],
        failures: &[],
    },
];

/// What an address leads to.
pub enum Match {
    /// A route, with the segments in the places of its path.
    Found(&'static Route, Vec<String>),
    /// Routes of other methods, as an `Allow` header lists them.
    OtherMethod(String),
    /// Nothing.
    Nothing,
}

/// The route of a method as it was sent and a path whose segments are decoded.
/// (`Method` would take a method that it does not know for GET.)
pub fn find(method: &str, segments: &[String]) -> Match {
    let mut allowed = Vec::new();
    for route in &ROUTES {
        let Some(places) = places(route.path, segments) else {
            continue;
        };
        if route.method.as_ref() == method {
            return Match::Found(route, places);
        }
        allowed.push(route.method.to_string());
    }
    if allowed.is_empty() {
        Match::Nothing
    } else {
        Match::OtherMethod(allowed.join(", "))
    }
}

/// The segments that stand in the places of `path`, if it matches.
fn places(path: &str, segments: &[String]) -> Option<Vec<String>> {
    let pattern: Vec<&str> = path.split('/').skip(1).collect();
    if pattern.len() != segments.len() {
        return None;
    }
    let mut places = Vec::new();
    for (part, segment) in pattern.into_iter().zip(segments) {
        if part.starts_with('{') {
            places.push(segment.clone());
        } else if part != segment {
            return None;
        }
    }
    Some(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(path: &str) -> Vec<String> {
        path.split('/').skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn every_route_finds_itself() {
        for route in &ROUTES {
            match find(route.method.as_ref(), &segments(route.path)) {
                Match::Found(found, places) => {
                    assert_eq!(found.operation, route.operation);
                    assert_eq!(places.len(), route.path.matches('{').count());
                }
                _ => panic!("{} is not found", route.path),
            }
        }
    }

    #[test]
    fn other_methods_are_named_and_other_paths_lead_nowhere() {
        match find("PATCH", &segments("/api/v1/admin/experiment")) {
            Match::OtherMethod(allowed) => assert_eq!(allowed, "GET, PUT"),
            _ => panic!(),
        }
        assert!(matches!(
            find("GET", &segments("/api/v1/users")),
            Match::Nothing
        ));
    }
}
