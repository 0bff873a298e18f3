//! Time, chance and names: what the core must be handed.

use js_sys::{Array, Date, Function, Object, Reflect};
use uuid::Builder;
use wasm_bindgen::JsValue;

use crate::error::{Failure, Result};

/// One day in milliseconds.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The largest time that JavaScript dates know.
const TIME: i64 = 8_640_000_000_000_000;

/// Milliseconds since 1970 (UTC).
pub fn now() -> i64 {
    Date::now() as i64
}

/// A time as ISO 8601 in UTC with milliseconds, such as `2026-10-05T01:00:00.000Z`.
pub fn iso(ms: i64) -> String {
    let within = ms.clamp(-TIME, TIME) as f64;
    Date::new(&JsValue::from_f64(within)).to_iso_string().into()
}

/// The time that an ISO 8601 text names, such as `2026-10-05`.
pub fn parse_iso(text: &str) -> Option<i64> {
    let ms = Date::parse(text);
    ms.is_finite().then_some(ms as i64)
}

/// The hour 0..=23 at `ms` in an IANA time zone; UTC for an unknown one.
pub fn local_hour(ms: i64, time_zone: Option<&str>) -> u8 {
    let utc = (ms.div_euclid(60 * 60 * 1000)).rem_euclid(24) as u8;
    time_zone.and_then(|zone| hour_in(ms, zone)).unwrap_or(utc)
}

fn hour_in(ms: i64, zone: &str) -> Option<u8> {
    let text = format_in(ms, zone, &[("hour", "2-digit"), ("hourCycle", "h23")])?;
    text.get(..2)?.parse().ok()
}

/// A text that names the day at `ms` in an IANA time zone; the UTC day for an
/// unknown one.
pub fn local_day(ms: i64, time_zone: &str) -> String {
    let parts = [
        ("year", "numeric"),
        ("month", "2-digit"),
        ("day", "2-digit"),
    ];
    format_in(ms, time_zone, &parts).unwrap_or_else(|| iso(ms).chars().take(10).collect())
}

/// `Intl.DateTimeFormat` by hand: its constructor throws for an unknown zone,
/// which must not end in a trap.
fn format_in(ms: i64, zone: &str, parts: &[(&str, &str)]) -> Option<String> {
    let options = Object::new();
    for (name, value) in parts.iter().chain(&[("timeZone", zone)]) {
        Reflect::set(&options, &(*name).into(), &(*value).into()).ok()?;
    }
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let class: Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.into();
    let arguments = Array::of2(&"en-GB".into(), &options);
    let formatter = Reflect::construct(&class, &arguments).ok()?;
    let format: Function = Reflect::get(&formatter, &"format".into()).ok()?.into();
    let date = Date::new(&JsValue::from_f64(ms as f64));
    format.call1(&formatter, &date).ok()?.as_string()
}

/// A uniform number in [0, 1) for pauses; 0.5 where the platform gives none.
pub fn chance() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / 4_294_967_296.0,
        Err(_) => 0.5,
    }
}

/// A new id that sorts by time (UUID version 7).
///
/// # Errors
/// `internal` when the platform gives no random bits.
pub fn new_id(now: i64) -> Result<String> {
    let mut bytes = [0; 10];
    getrandom::fill(&mut bytes)
        .map_err(|_| Failure::internal("the platform gave no random bits"))?;
    let id = Builder::from_unix_timestamp_millis(now.unsigned_abs(), &bytes).into_uuid();
    Ok(id.to_string())
}
