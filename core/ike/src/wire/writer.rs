//! Writing octets, with length fields filled in afterwards.

use super::error::EncodeError;

/// Appends to a buffer. A length that does not fit its field is remembered and reported by
/// [`Writer::finish`], so that codecs need no error path of their own.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
    error: Option<EncodeError>,
}

impl Writer {
    /// An empty writer.
    #[must_use]
    pub const fn new() -> Self {
        Self { out: Vec::new(), error: None }
    }

    /// Octets written so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// True if nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Appends one octet.
    pub fn u8(&mut self, value: u8) {
        self.out.push(value);
    }

    /// Appends two octets in network order.
    pub fn u16(&mut self, value: u16) {
        self.out.extend_from_slice(&value.to_be_bytes());
    }

    /// Appends four octets in network order.
    pub fn u32(&mut self, value: u32) {
        self.out.extend_from_slice(&value.to_be_bytes());
    }

    /// Appends `octets`.
    pub fn bytes(&mut self, octets: &[u8]) {
        self.out.extend_from_slice(octets);
    }

    /// Appends `count` as one octet.
    pub fn count_u8(&mut self, what: &'static str, count: usize) {
        let value = u8::try_from(count).unwrap_or_else(|_| {
            self.fail(what, count);
            0
        });
        self.u8(value);
    }

    /// Appends `count` as two octets.
    pub fn count_u16(&mut self, what: &'static str, count: usize) {
        let value = u16::try_from(count).unwrap_or_else(|_| {
            self.fail(what, count);
            0
        });
        self.u16(value);
    }

    /// Sets the octet at `at`, which was written before.
    pub fn patch_u8(&mut self, at: usize, value: u8) {
        if let Some(octet) = self.out.get_mut(at) {
            *octet = value;
        }
    }

    /// Sets the two octets at `at` to the number of octets written since `from`, the start of `what`.
    pub fn patch_length_u16(&mut self, what: &'static str, at: usize, from: usize) {
        let length = self.out.len().saturating_sub(from);
        match u16::try_from(length) {
            Ok(value) => self.patch(at, &value.to_be_bytes()),
            Err(_) => self.fail(what, length),
        }
    }

    /// Sets the four octets at `at` to the number of octets written since `from`, the start of `what`.
    pub fn patch_length_u32(&mut self, what: &'static str, at: usize, from: usize) {
        let length = self.out.len().saturating_sub(from);
        match u32::try_from(length) {
            Ok(value) => self.patch(at, &value.to_be_bytes()),
            Err(_) => self.fail(what, length),
        }
    }

    /// What was written.
    ///
    /// # Errors
    /// The first length that did not fit its field.
    pub fn finish(self) -> Result<Vec<u8>, EncodeError> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.out),
        }
    }

    fn patch(&mut self, at: usize, value: &[u8]) {
        if let Some(field) = at.checked_add(value.len()).and_then(|end| self.out.get_mut(at..end)) {
            field.copy_from_slice(value);
        }
    }

    fn fail(&mut self, what: &'static str, length: usize) {
        self.error.get_or_insert(EncodeError { what, length });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_filled_in_afterwards() {
        let mut writer = Writer::new();
        writer.u16(0);
        writer.bytes(b"abc");
        writer.patch_length_u16("thing", 0, 0);
        assert_eq!(writer.finish().unwrap(), b"\x00\x05abc");
    }

    #[test]
    fn a_length_beyond_its_field_is_reported_once_all_is_written() {
        let mut writer = Writer::new();
        writer.u16(0);
        writer.bytes(&[0; 65_536]);
        writer.patch_length_u16("thing", 0, 0);
        assert_eq!(writer.finish(), Err(EncodeError { what: "thing", length: 65_538 }));
    }
}
