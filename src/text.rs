//! Numbers and lists as text, for messages and sentences.
//!
//! The standard library prints any float exactly; its code for that is a tenth
//! of the core's wasm. Messages need a few digits. Its formatting of strings and
//! whole numbers, which `format!` needs, is another fiftieth.

/// The parts in one string, with `between` between them.
#[must_use]
pub fn join<S: AsRef<str>>(parts: &[S], between: &str) -> String {
    let mut text = String::new();
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            text.push_str(between);
        }
        text.push_str(part.as_ref());
    }
    text
}

/// The text with every `old` as `new`.
#[must_use]
pub fn replaced(text: &str, old: char, new: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c == old {
            out.push_str(new);
        } else {
            out.push(c);
        }
    }
    out
}

/// Below this, whole numbers are exact.
const WHOLE: f64 = 1e16;
/// Below this, millionths fit in 64 bits.
const PLAIN: f64 = 1e12;

/// A number as people write it: to six decimals without trailing zeros, in
/// powers of ten where that would say nothing, such as `3e-9` or `1.5e300`.
#[must_use]
pub fn number(n: f64) -> String {
    let size = n.abs();
    if n.is_nan() {
        "NaN".to_owned()
    } else if size == f64::INFINITY {
        join(&[sign(n), "inf"], "")
    } else if size < WHOLE && libm::floor(size) == size {
        fixed(n, 0)
    } else if (1e-6..PLAIN).contains(&size) {
        trimmed(fixed(n, 6))
    } else {
        let (mut scaled, mut exponent) = (size, 0.0);
        while scaled >= 10.0 {
            scaled /= 10.0;
            exponent += 1.0;
        }
        while scaled < 1.0 {
            scaled *= 10.0;
            exponent -= 1.0;
        }
        let digits = trimmed(fixed(scaled, 3));
        join(&[sign(n), &digits, "e", &fixed(exponent, 0)], "")
    }
}

const fn sign(n: f64) -> &'static str {
    if n < 0.0 { "-" } else { "" }
}

/// Without the zeros, and the point, that end a fraction.
fn trimmed(mut digits: String) -> String {
    let end = digits.trim_end_matches('0').trim_end_matches('.').len();
    digits.truncate(end);
    digits
}

/// A number that fits in 64 bits with its decimals, with `decimals` digits after the point,
/// halves rounded away from zero.
#[must_use]
pub fn fixed(n: f64, decimals: usize) -> String {
    let unit = 10_u64.pow(decimals as u32);
    let rounded = libm::round(n.abs() * unit as f64) as u64;
    let mut text = String::new();
    if rounded > 0 {
        text.push_str(sign(n));
    }
    text.push_str(&digits(rounded / unit, 10, 1));
    if decimals > 0 {
        text.push('.');
        text.push_str(&digits(rounded % unit, 10, decimals));
    }
    text
}

/// A whole number in `base` 10 or 16, with zeros before it up to `width` digits.
#[must_use]
pub fn digits(n: u64, base: u64, width: usize) -> String {
    let mut text = if n >= base || width > 1 {
        digits(n / base, base, width.saturating_sub(1))
    } else {
        String::new()
    };
    text.extend(char::from_digit((n % base) as u32, base as u32));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        for (n, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (101.0, "101"),
            (-0.3, "-0.3"),
            (0.0001, "0.0001"),
            (1e6, "1000000"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (100.5, "100.5"),
            (1e300, "1e300"),
            (-2.5e-9, "-2.5e-9"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number(n), text);
        }
    }

    #[test]
    fn fixed_numbers_keep_their_zeros() {
        assert_eq!(fixed(0.5, 2), "0.50");
        assert_eq!(fixed(-1.005, 1), "-1.0");
        assert_eq!(fixed(0.049, 2), "0.05");
        assert_eq!(fixed(-0.001, 2), "0.00");
        assert_eq!(fixed(99.7, 0), "100");
    }
}
