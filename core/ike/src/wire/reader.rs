//! Reading octets that may be wrong.
//!
//! A [`Reader`] never reads past its end and hands out sub-readers for nested structures, so an inner list
//! cannot read past its own end either. It knows its place in the datagram, for error messages.

use super::error::{Malformed, ParseError};
use super::payload::PayloadType;

/// A cursor over octets of a message.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
    within: Option<PayloadType>,
}

impl<'a> Reader<'a> {
    /// Reads `octets`, the first of which is at offset 0.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets, offset: 0, within: None }
    }

    /// The same reader, whose errors name the payload `payload_type`.
    #[must_use]
    pub const fn within(mut self, payload_type: PayloadType) -> Self {
        self.within = Some(payload_type);
        self
    }

    /// Octets read so far, counted from the start of the outermost reader.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Octets left.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// True if nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// An error at the current place.
    #[must_use]
    pub const fn error(&self, reason: Malformed) -> ParseError {
        ParseError { offset: self.offset, within: self.within, reason }
    }

    /// The next `len` octets.
    ///
    /// # Errors
    /// [`Malformed::Truncated`].
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], ParseError> {
        let Some((taken, rest)) = self.rest.split_at_checked(len) else {
            return Err(self.error(Malformed::Truncated { wanted: len, left: self.rest.len() }));
        };
        self.rest = rest;
        self.offset += len;
        Ok(taken)
    }

    /// A reader of the next `len` octets only; this one goes on behind them.
    ///
    /// # Errors
    /// [`Malformed::Truncated`].
    pub fn sub(&mut self, len: usize) -> Result<Self, ParseError> {
        let (offset, within) = (self.offset, self.within);
        Ok(Self { rest: self.take(len)?, offset, within })
    }

    /// The next `N` octets.
    ///
    /// # Errors
    /// [`Malformed::Truncated`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], ParseError> {
        let Some((taken, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(self.error(Malformed::Truncated { wanted: N, left: self.rest.len() }));
        };
        self.rest = rest;
        self.offset += N;
        Ok(*taken)
    }

    /// The next octet.
    ///
    /// # Errors
    /// [`Malformed::Truncated`].
    pub fn u8(&mut self) -> Result<u8, ParseError> {
        self.array::<1>().map(|[octet]| octet)
    }

    /// The next two octets, in network order.
    ///
    /// # Errors
    /// [`Malformed::Truncated`].
    pub fn u16(&mut self) -> Result<u16, ParseError> {
        self.array().map(u16::from_be_bytes)
    }

    /// The next four octets, in network order.
    ///
    /// # Errors
    /// [`Malformed::Truncated`].
    pub fn u32(&mut self) -> Result<u32, ParseError> {
        self.array().map(u32::from_be_bytes)
    }

    /// All that is left.
    pub fn take_rest(&mut self) -> &'a [u8] {
        let rest = std::mem::take(&mut self.rest);
        self.offset += rest.len();
        rest
    }

    /// Checks that nothing is left.
    ///
    /// # Errors
    /// [`Malformed::TrailingOctets`].
    pub const fn expect_end(&self) -> Result<(), ParseError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.error(Malformed::TrailingOctets(self.rest.len())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sub_reader_ends_where_it_was_told_and_the_outer_goes_on_behind_it() {
        let mut outer = Reader::new(&[1, 2, 3, 4, 5]);
        let mut inner = outer.sub(2).unwrap();
        assert_eq!(inner.u16().unwrap(), 0x0102);
        let error = inner.u8().unwrap_err();
        assert_eq!((error.offset, error.reason), (2, Malformed::Truncated { wanted: 1, left: 0 }));
        assert_eq!(outer.offset(), 2);
        assert_eq!(outer.take_rest(), [3, 4, 5]);
        assert!(outer.expect_end().is_ok());
    }

    #[test]
    fn a_failed_read_takes_nothing() {
        let mut reader = Reader::new(&[9, 8]).within(PayloadType::KE);
        let error = reader.u32().unwrap_err();
        assert_eq!(error.within, Some(PayloadType::KE));
        assert_eq!(reader.u16().unwrap(), 0x0908);
    }
}
