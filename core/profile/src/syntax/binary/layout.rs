//! The frame of a binary property list: header, offset table, trailer.

use crate::report::{Diagnostic, Span, codes};

/// Header: `bplist0` and one character of version.
pub(super) const HEADER: usize = 8;

/// Trailer: 5 unused bytes, sort version, two sizes, three 64-bit numbers.
const TRAILER: usize = 32;

/// A file whose trailer and offset table were checked.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    /// The whole file up to the offset table.
    objects: &'a [u8],
    table: &'a [u8],
    offset_size: usize,
    reference_size: usize,
    count: u64,
    top: usize,
}

impl<'a> Layout<'a> {
    /// Checks what CoreFoundation checks before it reads any object.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Box<Diagnostic>> {
        let size = bytes.len();
        let damaged = |start: usize, message: &str| {
            let message = format!("{message} (at byte {start})");
            let diagnostic =
                Diagnostic::error(codes::BINARY_MALFORMED, Span::new(start.min(size), size), message);
            Box::new(diagnostic.help("the file is damaged or cut off: export it again"))
        };
        if size < HEADER + 1 + TRAILER {
            return Err(damaged(size, "the file ends inside its header or trailer"));
        }
        let at = size - TRAILER;
        let trailer: &[u8; TRAILER] =
            bytes.last_chunk().ok_or_else(|| damaged(at, "the trailer is cut off"))?;
        let [.., offset_size, reference_size] = trailer.first_chunk::<8>().copied().unwrap_or_default();
        let number = |from: usize| trailer.get(from..from + 8).map_or(0, big_endian);
        let (count, top, table_at) = (number(8), number(16), number(24));
        if offset_size == 0 || reference_size == 0 {
            return Err(damaged(at + 6, "offsets or references of no bytes"));
        }
        if count == 0 || top >= count {
            return Err(damaged(at + 8, "the top object is not one of the objects"));
        }
        let table_at = usize::try_from(table_at).ok().filter(|table| *table > HEADER && *table < at);
        let table_at = table_at.ok_or_else(|| damaged(at + 24, "the offset table is not inside the file"))?;
        let table = bytes.get(table_at..at).unwrap_or_default();
        let expected =
            usize::try_from(count).ok().and_then(|count| count.checked_mul(usize::from(offset_size)));
        if expected != Some(table.len()) {
            return Err(damaged(at + 8, "the number of objects does not fit the offset table"));
        }
        if too_small(reference_size, count) || too_small(offset_size, table_at as u64) {
            return Err(damaged(at + 6, "references or offsets too small for the number of objects"));
        }
        let layout = Self {
            objects: bytes.get(..table_at).unwrap_or_default(),
            table,
            offset_size: usize::from(offset_size),
            reference_size: usize::from(reference_size),
            count,
            top: 0,
        };
        for (index, entry) in table.chunks(layout.offset_size).enumerate() {
            if big_endian(entry) >= table_at as u64 {
                let place = table_at + index * layout.offset_size;
                return Err(damaged(place, "an object outside of the object area"));
            }
        }
        match layout.offset_of(top).filter(|offset| *offset >= HEADER) {
            Some(top) => Ok(Self { top, ..layout }),
            None => Err(damaged(at + 16, "the top object stands inside the header")),
        }
    }

    /// Where the top object stands.
    pub fn top(&self) -> usize {
        self.top
    }

    pub fn reference_size(&self) -> usize {
        self.reference_size
    }

    /// The bytes from `offset` to the end of the object area; `None` outside of it.
    pub fn object_at(&self, offset: usize) -> Option<&'a [u8]> {
        self.objects.get(offset..).filter(|rest| offset >= HEADER && !rest.is_empty())
    }

    /// Where the object with number `reference` stands.
    pub fn offset_of(&self, reference: u64) -> Option<usize> {
        if reference >= self.count {
            return None;
        }
        let at = usize::try_from(reference).ok()?.checked_mul(self.offset_size)?;
        let entry = self.table.get(at..at.checked_add(self.offset_size)?)?;
        usize::try_from(big_endian(entry)).ok()
    }
}

/// Whether numbers of `size` bytes cannot reach `largest`.
fn too_small(size: u8, largest: u64) -> bool {
    size < 8 && 1u64 << (8 * u32::from(size)) <= largest
}

/// A big-endian number of any length; only the last eight bytes count.
pub(super) fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}
