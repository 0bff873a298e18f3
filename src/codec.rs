//! Binary formats: an envelope that detects damage, and a reader that is total.
//!
//! An envelope is `magic (4) · version (u16) · layout hash (u64) · body length
//! (u32) · body · XXH64 of everything before it (u64)`, little-endian. Any
//! bytes decode to a value or an error, never to a trap, and no allocation is
//! larger than the input justifies.

use xxhash_rust::xxh64::xxh64;

use crate::error::{Code, Error, Result};
use crate::text::{join, number};

const HEADER: usize = 4 + 2 + 8 + 4;
const CHECKSUM: usize = 8;

/// The 64-bit hash used for checksums, layouts and sticky assignment.
#[must_use]
pub fn hash(bytes: &[u8], seed: u64) -> u64 {
    xxh64(bytes, seed)
}

/// The error that `thing` cannot be read, and why not.
pub(crate) fn unreadable(thing: &str, why: &str) -> Error {
    let message = join(&["not a readable ", thing, ": ", why], "");
    Error::new(Code::CorruptModel, message)
}

fn corrupt(why: &str) -> Error {
    unreadable("model", why)
}

/// What is said of a version newer than the newest that can be read.
pub(crate) fn newer(what: &str, version: u16, newest: u16) -> String {
    let [version, newest] = [version, newest].map(|v| number(v.into()));
    join(
        &[what, " `", &version, "` is newer than `", &newest, "`"],
        "",
    )
}

/// What kind of bytes an envelope holds, and under which rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Four bytes that name the format.
    pub magic: [u8; 4],
    /// The newest version this build writes and reads.
    pub version: u16,
}

impl Format {
    /// Wraps `body`. `layout` is the hash of the feature table it depends on.
    #[must_use]
    pub fn seal(self, layout: u64, body: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER + body.len() + CHECKSUM);
        out.extend(self.magic);
        out.extend(self.version.to_le_bytes());
        out.extend(layout.to_le_bytes());
        out.extend((body.len() as u32).to_le_bytes());
        out.extend(body);
        let sum = hash(&out, 0);
        out.extend(sum.to_le_bytes());
        out
    }

    /// Opens an envelope: `(version, layout hash, reader of the body)`.
    ///
    /// # Errors
    /// `corrupt_model` for other magic, a wrong length or checksum;
    /// `unsupported_version` for a version newer than this build's.
    pub fn open(self, bytes: &[u8]) -> Result<(u16, u64, Reader<'_>)> {
        let mut header = Reader::new(bytes);
        if header.take(4)? != self.magic {
            return Err(corrupt("other magic bytes"));
        }
        let version = u16::from_le_bytes(header.array()?);
        let layout = u64::from_le_bytes(header.array()?);
        let length = u32::from_le_bytes(header.array()?) as usize;
        let body = header.take(length)?;
        let sum = u64::from_le_bytes(header.array()?);
        header.finish()?;
        let sealed = bytes.get(..HEADER + length).unwrap_or_default();
        if hash(sealed, 0) != sum {
            return Err(corrupt("checksum differs"));
        }
        if version == 0 || version > self.version {
            return Err(Error::new(
                Code::UnsupportedVersion,
                newer("format version", version, self.version),
            ));
        }
        Ok((version, layout, Reader::new(body)))
    }
}

/// Appends values to a body.
#[derive(Clone, Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// The bytes written so far.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// One byte.
    pub fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    /// An unsigned integer, 1 to 10 bytes (LEB128).
    pub fn uint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// A signed integer, small magnitudes short (zigzag LEB128).
    pub fn int(&mut self, value: i64) {
        self.uint(((value << 1) ^ (value >> 63)) as u64);
    }

    /// A float, its eight bytes as they are.
    pub fn float(&mut self, value: f64) {
        self.0.extend(value.to_le_bytes());
    }

    /// A length, then the bytes.
    pub fn bytes(&mut self, value: &[u8]) {
        self.uint(value.len() as u64);
        self.0.extend(value);
    }

    /// A length, then UTF-8.
    pub fn text(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }
}

/// Takes values from a body; every method fails with `corrupt_model` at the end
/// of the input or on an encoding that [`Writer`] does not produce.
#[derive(Clone, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A reader over a whole body.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next `n` bytes.
    ///
    /// # Errors
    /// `corrupt_model` when fewer are left.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (head, tail) = self
            .0
            .split_at_checked(n)
            .ok_or_else(|| corrupt("it ends early"))?;
        self.0 = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?
            .try_into()
            .map_err(|_| corrupt("it ends early"))
    }

    /// One byte.
    ///
    /// # Errors
    /// `corrupt_model` at the end.
    pub fn byte(&mut self) -> Result<u8> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// What [`Writer::uint`] wrote.
    ///
    /// # Errors
    /// `corrupt_model` at the end, or beyond 64 bits.
    pub fn uint(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(corrupt("an integer is too long"))
    }

    /// What [`Writer::int`] wrote.
    ///
    /// # Errors
    /// As [`Reader::uint`].
    pub fn int(&mut self) -> Result<i64> {
        let raw = self.uint()?;
        Ok((raw >> 1) as i64 ^ -((raw & 1) as i64))
    }

    /// A finite float.
    ///
    /// # Errors
    /// `corrupt_model` at the end, or for NaN and infinities.
    pub fn float(&mut self) -> Result<f64> {
        let value = f64::from_le_bytes(self.array()?);
        if value.is_finite() {
            Ok(value)
        } else {
            Err(corrupt("a number is not finite"))
        }
    }

    /// A count of things that take at least `least` bytes each: no more than
    /// the rest of the input can hold, so that it is safe to reserve for.
    ///
    /// # Errors
    /// `corrupt_model` when the input is too short for it.
    pub fn count(&mut self, least: usize) -> Result<usize> {
        let count = self.uint()?;
        match usize::try_from(count) {
            Ok(n) if n.saturating_mul(least.max(1)) <= self.0.len() => Ok(n),
            _ => Err(corrupt("a count exceeds the input")),
        }
    }

    /// What [`Writer::bytes`] wrote.
    ///
    /// # Errors
    /// `corrupt_model` when fewer bytes are left.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let n = self.count(1)?;
        self.take(n)
    }

    /// What [`Writer::text`] wrote.
    ///
    /// # Errors
    /// `corrupt_model` when it is not UTF-8 or too short.
    pub fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| corrupt("a text is not UTF-8"))
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// `corrupt_model` when bytes are left over.
    pub fn finish(&self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(corrupt("bytes are left over"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FORMAT: Format = Format {
        magic: *b"MLtt",
        version: 3,
    };

    proptest! {
        #[test]
        fn what_is_written_is_read(a in any::<u64>(), b in any::<i64>(), c in -1e300..1e300f64, t in ".{0,20}") {
            let mut w = Writer::default();
            w.uint(a);
            w.int(b);
            w.float(c);
            w.text(&t);
            let sealed = FORMAT.seal(7, &w.into_bytes());
            let (version, layout, mut r) = FORMAT.open(&sealed).unwrap();
            prop_assert_eq!((version, layout), (3, 7));
            prop_assert_eq!((r.uint().unwrap(), r.int().unwrap(), r.float().unwrap()), (a, b, c));
            prop_assert_eq!(r.text().unwrap(), t);
            r.finish().unwrap();
        }

        #[test]
        fn any_damage_is_noticed(at in 0usize..40, bit in 0u8..8) {
            let mut sealed = FORMAT.seal(7, b"0123456789");
            prop_assume!(at < sealed.len());
            sealed[at] ^= 1 << bit;
            prop_assert!(FORMAT.open(&sealed).is_err());
        }

        #[test]
        fn reading_any_bytes_is_total(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut r = Reader::new(&bytes);
            while r.uint().is_ok() && r.text().is_ok() {}
            prop_assert!(FORMAT.open(&bytes).is_err());
        }
    }

    #[test]
    fn a_newer_version_is_told_apart_from_damage() {
        let newer = Format {
            version: 4,
            ..FORMAT
        };
        let error = FORMAT.open(&newer.seal(0, b"")).unwrap_err();
        assert_eq!(error.code(), Code::UnsupportedVersion);
    }

    #[test]
    fn a_huge_count_is_refused_before_it_is_reserved() {
        let mut w = Writer::default();
        w.uint(u64::MAX);
        let bytes = w.into_bytes();
        assert!(Reader::new(&bytes).count(1).is_err());
    }
}
