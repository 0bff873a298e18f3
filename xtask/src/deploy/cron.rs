//! Cron expressions as Cloudflare reads them.

/// What is wrong with an expression.
///
/// In a number, Cloudflare's weekday 1 is Sunday, where everybody else's is Monday: weekdays go by
/// name.
pub fn problem(expression: &str) -> Option<String> {
    let fields: Vec<&str> = expression.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return Some(format!("`{expression}` must have five fields"));
    };
    let ranges = [
        ("minute", minute, 0, 59),
        ("hour", hour, 0, 23),
        ("day of the month", day, 1, 31),
        ("month", month, 1, 12),
    ];
    for (name, field, low, high) in ranges {
        if !within(field, low, high) {
            return Some(format!(
                "the {name} of `{expression}` must be `*` or numbers from {low} to {high}, got `{field}`"
            ));
        }
    }
    if weekday.bytes().any(|byte| byte.is_ascii_digit()) {
        return Some(format!(
            "the weekday of `{expression}` must be a name such as `mon`: Cloudflare's 1 is Sunday"
        ));
    }
    let names = ["*", "sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    let known = |name: &str| names.contains(&name.to_lowercase().as_str());
    if weekday.split([',', '-']).all(known) {
        None
    } else {
        Some(format!("`{weekday}` in `{expression}` is no weekday"))
    }
}

/// Whether a field is `*`, or a list of numbers and ranges, each with an optional step.
fn within(field: &str, low: u32, high: u32) -> bool {
    let number = |text: &str| text.parse().is_ok_and(|n: u32| (low..=high).contains(&n));
    field.split(',').all(|part| {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let steps = step.parse().is_ok_and(|n: u32| (1..=high).contains(&n));
        let ends = range.split_once('-').unwrap_or((range, range));
        steps && (range == "*" || number(ends.0) && number(ends.1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_weekdays_pass() {
        for good in [
            "0 1 * * mon",
            "*/10 * * * *",
            "5,35 0-6/2 1 1-6 *",
            "0 1 * * MON-fri",
        ] {
            assert_eq!(problem(good), None);
        }
    }

    #[test]
    fn numbers_of_weekdays_and_nonsense_do_not() {
        for (bad, why) in [
            ("0 1 * * 1", "Sunday"),
            ("0 1 * * mon,3", "Sunday"),
            ("0 1 * *", "five fields"),
            ("60 1 * * mon", "minute"),
            ("0 24 * * mon", "hour"),
            ("*/0 * * * *", "minute"),
            ("0 1 0 * *", "day of the month"),
            ("0 1 * * monday", "weekday"),
        ] {
            let said = problem(bad).unwrap_or_default();
            assert!(said.contains(why), "{bad}: {said}");
        }
    }
}
