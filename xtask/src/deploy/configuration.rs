//! worker/wrangler.jsonc: whether what it says would serve.

use anyhow::{Context, Result};
use serde_json::Value;

use super::Finding::{self, Good, Open, Wrong};
use super::cron;

/// The weekly training of SPEC section 8.
const WEEKLY: &str = "0 1 * * mon";
/// What no deployment can do without.
pub const SECRETS: [&str; 2] = ["ADMIN_KEY", "TOKEN_SECRET"];
/// What Spotify and YouTube need, where they are chosen.
const PROVIDERS: [(&str, &[&str], &[&str]); 2] = [
    (
        "MUSIC_PROVIDER",
        &["spotify", "spotify_recommendations"],
        &["SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET"],
    ),
    ("VIDEO_PROVIDER", &["youtube"], &["YOUTUBE_API_KEY"]),
];
/// The admin key of the guide's curl lines.
const DEVELOPMENT_KEY: &str = "admin-dev-key-change-in-production";

/// The configuration as wrangler understands it.
pub struct Configuration<'a> {
    development: &'a Value,
    production: &'a Value,
    latest: &'a str,
}

impl<'a> Configuration<'a> {
    /// Takes the report of xtask/node/configuration.mjs.
    pub fn of(report: &'a Value) -> Result<Self> {
        let part = |name: &str| {
            report
                .get(name)
                .with_context(|| format!("the configuration was reported without `{name}`"))
        };
        Ok(Self {
            development: part("development")?,
            production: part("production")?,
            latest: part("latest")?
                .as_str()
                .context("`latest` must be a date")?,
        })
    }

    /// Every check of it.
    pub fn check(&self) -> Vec<Finding> {
        let environments = [
            ("development", self.development),
            ("production", self.production),
        ];
        let mut findings = Vec::new();
        for (name, environment) in environments {
            findings.push(bindings(name, environment));
            findings.push(crons(name, environment));
            findings.push(self.date(name, environment));
        }
        findings.push(limits(self.production));
        findings.push(variables(self.production));
        findings.push(secrets(self.production));
        findings.push(ids(self.production));
        findings
    }

    fn date(&self, name: &str, environment: &Value) -> Finding {
        let date = text(environment, "compatibility_date");
        let shape = date.len() == 10
            && date.bytes().enumerate().all(|(i, byte)| {
                if i == 4 || i == 7 {
                    byte == b'-'
                } else {
                    byte.is_ascii_digit()
                }
            });
        if !shape {
            Wrong(format!(
                "{name}: the compatibility date must be a date, got `{date}`"
            ))
        } else if date > self.latest {
            Wrong(format!(
                "{name}: the compatibility date {date} is later than the {} that the tests run on",
                self.latest
            ))
        } else {
            Good(format!("{name}: compatibility date {date}"))
        }
    }
}

/// D1 with its migrations, KV, and the site beside the API.
fn bindings(name: &str, environment: &Value) -> Finding {
    let named = |list: &str, binding: &str| {
        entries(environment, list).find(|entry| text(entry, "binding") == binding)
    };
    let Some(database) = named("d1_databases", "DB") else {
        return Wrong(format!("{name}: `d1_databases` must bind `DB`"));
    };
    if text(database, "migrations_dir") != "migrations" {
        return Wrong(format!(
            "{name}: `migrations_dir` of `DB` must be `migrations`"
        ));
    }
    if named("kv_namespaces", "POLICY").is_none() {
        return Wrong(format!("{name}: `kv_namespaces` must bind `POLICY`"));
    }
    let first: Vec<&str> = environment
        .pointer("/assets/run_worker_first")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for path in ["/api/*", "/openapi.json"] {
        if !first.contains(&path) {
            return Wrong(format!("{name}: `run_worker_first` must list `{path}`"));
        }
    }
    Good(format!("{name}: bindings DB, POLICY and the site"))
}

fn crons(name: &str, environment: &Value) -> Finding {
    let expressions: Vec<&str> = environment
        .pointer("/triggers/crons")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if let Some(problem) = expressions.iter().find_map(|one| cron::problem(one)) {
        return Wrong(format!("{name}: {problem}"));
    }
    if !expressions.contains(&WEEKLY) {
        return Wrong(format!(
            "{name}: `triggers.crons` must have `{WEEKLY}`, the weekly training"
        ));
    }
    if expressions.len() < 2 {
        return Wrong(format!(
            "{name}: `triggers.crons` must have a frequent trigger that continues an open run"
        ));
    }
    Good(format!("{name}: triggers {}", expressions.join(" and ")))
}

/// The limits that production cannot do without.
fn limits(production: &Value) -> Finding {
    for binding in ["USER_LIMIT", "ADDRESS_LIMIT"] {
        if !entries(production, "ratelimits").any(|entry| text(entry, "name") == binding) {
            return Wrong(format!("production: `ratelimits` must have `{binding}`"));
        }
    }
    Good("production: rate limits by user and by address".to_owned())
}

/// Variables are for all to see: production's must name no secret and open no door.
fn variables(production: &Value) -> Finding {
    let variables: Vec<(&str, &str)> = production
        .get("vars")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()))
        .collect();
    let value = |name: &str| variables.iter().find(|(known, _)| *known == name);
    if value("ENVIRONMENT").is_none_or(|(_, word)| *word != "production") {
        return Wrong("production: the variable `ENVIRONMENT` must be `production`".to_owned());
    }
    if let Some((name, _)) = variables.iter().find(|(_, text)| *text == DEVELOPMENT_KEY) {
        return Wrong(format!("production: `{name}` holds the development key"));
    }
    let provided = PROVIDERS.iter().flat_map(|(_, _, secrets)| secrets.iter());
    // Spotify's client id is public; the others are not.
    let hidden = provided.filter(|name| **name != "SPOTIFY_CLIENT_ID");
    for name in SECRETS.iter().chain(hidden) {
        if value(name).is_some() {
            return Wrong(format!(
                "production: `{name}` must be a secret, not a variable"
            ));
        }
    }
    for (name, words, _) in PROVIDERS {
        let word = value(name).map_or("catalog", |(_, word)| *word);
        if word != "catalog" && !words.contains(&word) {
            return Wrong(format!(
                "production: `{name}` must be catalog, {}, got `{word}`",
                words.join(", ")
            ));
        }
    }
    Good("production: variables open no door".to_owned())
}

/// The secrets that wrangler is to ask for, by name.
fn secrets(production: &Value) -> Finding {
    let required: Vec<&str> = production
        .pointer("/secrets/required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let variable = |name: &str| production.pointer(&format!("/vars/{name}"));
    let mut needed = SECRETS.to_vec();
    for (name, words, secrets) in PROVIDERS {
        let chosen = variable(name).and_then(Value::as_str);
        if chosen.is_some_and(|word| words.contains(&word)) {
            let given = |secret: &&&str| variable(secret).is_none();
            needed.extend(secrets.iter().filter(given));
        }
    }
    match needed.iter().find(|name| !required.contains(name)) {
        Some(name) => Wrong(format!("production: `secrets.required` must name `{name}`")),
        None => Good(format!("production: secrets {}", needed.join(", "))),
    }
}

/// Ids that only the owner of an account has; zeros hold their places.
fn ids(production: &Value) -> Finding {
    let zeros = |id: &str| id.bytes().all(|byte| byte == b'0' || byte == b'-');
    let open: Vec<&str> = ["d1_databases/0/database_id", "kv_namespaces/0/id"]
        .into_iter()
        .filter(|path| {
            let id = production.pointer(&format!("/{path}"));
            id.and_then(Value::as_str).is_some_and(zeros)
        })
        .collect();
    if open.is_empty() {
        Good("production: the ids of D1 and KV".to_owned())
    } else {
        Open(format!(
            "production: `{}` in worker/wrangler.jsonc",
            open.join("` and `")
        ))
    }
}

fn entries<'a>(environment: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    let list = environment.get(list).and_then(Value::as_array);
    list.into_iter().flatten()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn good() -> Value {
        let environment = json!({
            "compatibility_date": "2026-10-01",
            "assets": { "run_worker_first": ["/api/*", "/openapi.json"] },
            "d1_databases": [
                { "binding": "DB", "database_id": "5d1c", "migrations_dir": "migrations" },
            ],
            "kv_namespaces": [{ "binding": "POLICY", "id": "0a" }],
            "triggers": { "crons": ["0 1 * * mon", "*/10 * * * *"] },
            "ratelimits": [{ "name": "USER_LIMIT" }, { "name": "ADDRESS_LIMIT" }],
            "vars": { "ENVIRONMENT": "production" },
            "secrets": { "required": ["ADMIN_KEY", "TOKEN_SECRET"] },
        });
        json!({ "development": environment, "production": environment, "latest": "2026-10-23" })
    }

    /// What is found when production has `value` at `path`.
    fn found(path: &str, value: Value) -> Vec<Finding> {
        let mut report = good();
        let place = report.pointer_mut(&format!("/production/{path}"));
        *place.unwrap() = value;
        let findings = Configuration::of(&report).unwrap().check();
        findings
            .into_iter()
            .filter(|finding| !matches!(finding, Good(_)))
            .collect()
    }

    #[test]
    fn a_good_configuration_has_nothing_wrong() {
        assert_eq!(found("vars", json!({ "ENVIRONMENT": "production" })), []);
    }

    #[test]
    fn each_thing_that_is_wrong_is_named() {
        let cases = [
            ("d1_databases", json!([]), "`DB`"),
            (
                "d1_databases/0/migrations_dir",
                json!("sql"),
                "migrations_dir",
            ),
            ("kv_namespaces", json!([]), "`POLICY`"),
            (
                "assets/run_worker_first",
                json!(["/api/*"]),
                "/openapi.json",
            ),
            ("compatibility_date", json!("2027-01-01"), "later"),
            ("compatibility_date", json!("soon"), "a date"),
            (
                "triggers/crons",
                json!(["0 1 * * 1", "*/10 * * * *"]),
                "Sunday",
            ),
            (
                "triggers/crons",
                json!(["0 2 * * mon", "*/10 * * * *"]),
                "weekly",
            ),
            ("triggers/crons", json!(["0 1 * * mon"]), "frequent"),
            (
                "ratelimits",
                json!([{ "name": "USER_LIMIT" }]),
                "ADDRESS_LIMIT",
            ),
            (
                "vars",
                json!({ "ENVIRONMENT": "development" }),
                "ENVIRONMENT",
            ),
            (
                "vars",
                json!({ "ENVIRONMENT": "production", "KEY": DEVELOPMENT_KEY }),
                "development key",
            ),
            (
                "vars",
                json!({ "ENVIRONMENT": "production", "ADMIN_KEY": "x" }),
                "a secret",
            ),
            (
                "vars",
                json!({ "ENVIRONMENT": "production", "MUSIC_PROVIDER": "napster" }),
                "napster",
            ),
            (
                "vars",
                json!({ "ENVIRONMENT": "production", "VIDEO_PROVIDER": "youtube" }),
                "YOUTUBE_API_KEY",
            ),
            ("secrets/required", json!(["ADMIN_KEY"]), "TOKEN_SECRET"),
        ];
        for (path, value, word) in cases {
            let findings = found(path, value);
            let said = super::super::report(&findings);
            assert_eq!(findings.len(), 1, "{said}");
            assert!(
                findings[0].is_wrong() && said.contains(word),
                "{word}: {said}"
            );
        }
    }

    #[test]
    fn ids_are_left_to_the_owner() {
        let findings = found("kv_namespaces/0/id", json!("0000"));
        assert!(matches!(findings.as_slice(), [Open(what)] if what.contains("kv_namespaces")));
    }
}
