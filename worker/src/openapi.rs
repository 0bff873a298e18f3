//! The API's own description, OpenAPI 3.1: made from the table of routes and
//! the schemas beside it.

use serde_json::{Map, Value, json};

use crate::error::{Failure, Result, STATUSES};
use crate::http::Answer;
use crate::routes::{Access, Operation, ROUTES, Route};

/// Schemas of bodies and answers, and the query parameters by name.
const SCHEMAS: &str = include_str!("openapi.json");

/// The document.
///
/// # Errors
/// `internal` when the schemas are not readable, which a test excludes.
pub fn read() -> Result<Answer> {
    Ok(Answer::json(200, &document()?)?.with("cache-control", "public, max-age=300"))
}

fn document() -> Result<Value> {
    let parts: Value = serde_json::from_str(SCHEMAS)
        .map_err(|error| Failure::internal(format!("the schemas are not JSON: {error}")))?;
    let mut paths: Map<String, Value> = Map::new();
    for route in &ROUTES {
        let path = paths
            .entry(route.path.to_owned())
            .or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            let method = route.method.to_string().to_lowercase();
            methods.insert(method, operation(route, &parts));
        }
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "moodloop",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Recommendations that learn how to recommend.",
        },
        "paths": paths,
        "components": {
            "schemas": parts.get("schemas"),
            "securitySchemes": {
                "user": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
                "admin": { "type": "apiKey", "in": "header", "name": "X-Admin-Key" },
            },
        },
    }))
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn operation(route: &Route, parts: &Value) -> Value {
    let part = |kind: &str, name: &str| parts.get(kind).and_then(|kind| kind.get(name)).cloned();
    let mut parameters = Vec::new();
    for place in route.path.split('/').filter(|part| part.starts_with('{')) {
        let name = place.trim_matches(['{', '}']);
        parameters.push(json!({
            "name": name, "in": "path", "required": true, "schema": part("places", name),
        }));
    }
    for name in route.query {
        parameters.push(json!({ "name": name, "in": "query", "schema": part("query", name) }));
    }
    if route.operation == Operation::Interact {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "schema": part("places", "user_id"),
        }));
    }
    let mut operation = json!({
        "operationId": format!("{:?}", route.operation),
        "summary": route.summary,
        "parameters": parameters,
        "responses": answers(route),
    });
    if let Some(fields) = operation.as_object_mut() {
        if let Some(schema) = route.body {
            fields.insert(
                "requestBody".into(),
                json!({
                    "required": true,
                    "content": { "application/json": { "schema": reference(schema) } },
                }),
            );
        }
        match route.access {
            Access::Public => {}
            Access::User => {
                fields.insert("security".into(), json!([{ "user": [] }]));
            }
            Access::Admin => {
                fields.insert("security".into(), json!([{ "admin": [] }]));
            }
        }
    }
    operation
}

fn answers(route: &Route) -> Value {
    let mut answers = Map::new();
    for (status, schema) in route.answers {
        let mut answer = json!({ "description": route.summary });
        let content = match (route.operation, *schema) {
            (Operation::ReadPolicy, "Policy") => {
                json!({ "application/octet-stream": { "schema": reference("Policy") } })
            }
            (_, "") if *status == 304 => Value::Null,
            (_, "") => json!({ "application/json": { "schema": { "type": "object" } } }),
            (_, schema) => json!({ "application/json": { "schema": reference(schema) } }),
        };
        if let Some(fields) = answer.as_object_mut()
            && !content.is_null()
        {
            fields.insert("content".into(), content);
        }
        answers.insert(status.to_string(), answer);
    }
    let mut failures = vec![400, 429, 500, 503];
    if route.access != Access::Public {
        failures.extend([401, 403]);
    }
    if route.path.contains('{') {
        failures.push(404);
    }
    if route.body.is_some() {
        failures.push(413);
    }
    failures.extend(route.failures);
    for status in failures {
        let codes: Vec<&str> = STATUSES
            .iter()
            .filter(|(_, of)| *of == status)
            .map(|(code, _)| *code)
            .collect();
        answers.insert(
            status.to_string(),
            json!({
                "description": codes.join(", "),
                "content": { "application/json": { "schema": reference("Error") } },
            }),
        );
    }
    Value::Object(answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `$ref` below `value`.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, inner) in fields {
                    if name == "$ref" {
                        found.extend(inner.as_str().map(str::to_owned));
                    }
                    references(inner, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_and_parameter_is_defined() {
        let document = document().unwrap();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 20);
        for reference in found {
            let pointer = reference.trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        let operations = document["paths"].as_object().unwrap().values();
        for operation in operations.flat_map(|path| path.as_object().unwrap().values()) {
            for parameter in operation["parameters"].as_array().unwrap() {
                assert!(parameter["schema"].is_object(), "{parameter}");
            }
        }
    }

    #[test]
    fn bodies_refuse_unknown_fields() {
        let document = document().unwrap();
        for route in ROUTES.iter().filter_map(|route| route.body) {
            let schema = &document["components"]["schemas"][route];
            assert_eq!(schema["additionalProperties"], false, "{route}");
        }
    }
}
