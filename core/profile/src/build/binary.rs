//! Binary property lists (`bplist00`).
//!
//! Owns the layout that CoreFoundation's reader documents: objects, a table of their offsets, a trailer. Equal strings
//! are written once, other values each time they stand in the tree.

use zeroize::Zeroizing;

use super::{MAX_DEPTH, Value, WriteError, in_range};
use crate::by_name::ByName;
use crate::gather::{Gather as _, GatherOk as _};

/// Writes a binary property list.
///
/// The top object comes first, and everything in the order of the tree, so that equal trees give equal bytes. The
/// bytes are wiped when dropped, since profiles hold secrets.
///
/// # Errors
/// [`WriteError`]: a number or date that the format has no room for, or too deep a tree.
pub fn to_binary(root: &Value) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let mut tree = Tree::default();
    tree.add(root, 0)?;
    let reference_size = width(tree.objects.len() as u64);
    // Room for all of it at once, so that growing leaves no copy of a secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(tree.capacity(reference_size)));
    bytes.extend_from_slice(b"bplist00");
    let mut offsets = Vec::with_capacity(tree.objects.len());
    for object in &tree.objects {
        offsets.push(bytes.len() as u64);
        object.write(reference_size, &mut bytes)?;
    }
    let table = bytes.len() as u64;
    let offset_size = width(table);
    offsets.iter().for_each(|offset| number(*offset, offset_size, &mut bytes));
    let narrow = |size: usize| u8::try_from(size).unwrap_or(8);
    bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0, narrow(offset_size), narrow(reference_size)]);
    for field in [tree.objects.len() as u64, 0, table] {
        number(field, 8, &mut bytes);
    }
    Ok(bytes)
}

/// The objects in the order of writing.
#[derive(Default)]
struct Tree<'v> {
    objects: Vec<Object<'v>>,
    /// The numbers of the texts.
    strings: ByName<'v>,
}

/// One object; lists hold the numbers of their elements.
enum Object<'v> {
    Text(&'v str),
    Leaf(&'v Value),
    Array(Vec<u64>),
    /// Keys, then values.
    Dict(Vec<u64>, Vec<u64>),
}

impl<'v> Tree<'v> {
    /// Adds a value with all that is in it. Recursion is bounded by [`MAX_DEPTH`].
    fn add(&mut self, value: &'v Value, depth: usize) -> Result<u64, WriteError> {
        if depth > MAX_DEPTH {
            return Err(WriteError::TooDeep(MAX_DEPTH));
        }
        let number = self.objects.len() as u64;
        match value {
            Value::String(text) => return Ok(self.text(text)),
            Value::Array(items) => {
                self.objects.push(Object::Array(Vec::new()));
                let items = items.iter().map(|item| self.add(item, depth + 1)).gather_ok()?;
                self.fill(number, Object::Array(items));
            }
            Value::Dict(entries) => {
                self.objects.push(Object::Array(Vec::new()));
                let keys = entries.iter().map(|(key, _)| self.text(key)).gather();
                let values = entries.iter().map(|(_, value)| self.add(value, depth + 1)).gather_ok()?;
                self.fill(number, Object::Dict(keys, values));
            }
            leaf => self.objects.push(Object::Leaf(leaf)),
        }
        Ok(number)
    }

    fn text(&mut self, text: &'v str) -> u64 {
        let next = self.objects.len();
        if let Some(number) = self.strings.get(text) {
            return number as u64;
        }
        self.strings.insert(text.into(), next);
        self.objects.push(Object::Text(text));
        next as u64
    }

    /// Puts a list into the place that was kept for it.
    fn fill(&mut self, number: u64, object: Object<'v>) {
        let place = usize::try_from(number).ok().and_then(|number| self.objects.get_mut(number));
        if let Some(place) = place {
            *place = object;
        }
    }

    /// An upper bound of the file's size.
    fn capacity(&self, reference_size: usize) -> usize {
        /// Marker and length of an object, its place in the table, and a number or date.
        const FRAME: usize = 32;
        let objects = self.objects.iter().map(|object| {
            FRAME
                + match object {
                    Object::Text(text) => 2 * text.len(),
                    Object::Leaf(Value::Data(bytes)) => bytes.len(),
                    Object::Leaf(_) => 0,
                    Object::Array(items) => items.len() * reference_size,
                    Object::Dict(keys, _) => 2 * keys.len() * reference_size,
                }
        });
        objects.sum::<usize>() + 64
    }
}

impl Object<'_> {
    fn write(&self, reference_size: usize, out: &mut Vec<u8>) -> Result<(), WriteError> {
        match self {
            Self::Text(text) if text.is_ascii() => {
                marker(0x50, text.len(), out);
                out.extend_from_slice(text.as_bytes());
            }
            Self::Text(text) => {
                marker(0x60, text.encode_utf16().count(), out);
                text.encode_utf16().for_each(|unit| out.extend_from_slice(&unit.to_be_bytes()));
            }
            Self::Array(items) => {
                marker(0xa0, items.len(), out);
                items.iter().for_each(|item| number(*item, reference_size, out));
            }
            Self::Dict(keys, values) => {
                marker(0xd0, keys.len(), out);
                keys.iter().chain(values).for_each(|item| number(*item, reference_size, out));
            }
            Self::Leaf(value) => leaf(value, out)?,
        }
        Ok(())
    }
}

fn leaf(value: &Value, out: &mut Vec<u8>) -> Result<(), WriteError> {
    match value {
        Value::Boolean(value) => out.push(if *value { 0x09 } else { 0x08 }),
        Value::Integer(value) => integer(in_range(*value)?, out),
        Value::Real(value) => {
            out.push(0x23);
            out.extend_from_slice(&value.to_be_bytes());
        }
        Value::Date(date) => {
            let seconds = date.unix_seconds().ok_or(WriteError::ImpossibleDate(*date))?;
            out.push(0x33);
            // Seconds of 32-bit years are whole doubles: far below 2^53.
            #[allow(clippy::cast_precision_loss)]
            out.extend_from_slice(&((seconds - EPOCH) as f64).to_be_bytes());
        }
        Value::Data(bytes) => {
            marker(0x40, bytes.len(), out);
            out.extend_from_slice(bytes);
        }
        // These are objects of their own kind, never leaves.
        Value::String(_) | Value::Array(_) | Value::Dict(_) => {}
    }
    Ok(())
}

/// 1 January 2001 in seconds since 1970.
const EPOCH: i64 = 978_307_200;

/// One, two and four bytes are unsigned, eight are signed, and sixteen hold what is beyond.
fn integer(value: i128, out: &mut Vec<u8>) {
    if let Ok(small) = u32::try_from(value) {
        let size = width(u64::from(small)).next_power_of_two();
        out.push(match size {
            1 => 0x10,
            2 => 0x11,
            _ => 0x12,
        });
        number(u64::from(small), size, out);
    } else if let Ok(value) = i64::try_from(value) {
        out.push(0x13);
        out.extend_from_slice(&value.to_be_bytes());
    } else {
        out.push(0x14);
        out.extend_from_slice(&value.to_be_bytes());
    }
}

/// A marker with a length: in its low half up to 14, else as an integer behind it.
fn marker(kind: u8, length: usize, out: &mut Vec<u8>) {
    match u8::try_from(length) {
        Ok(length) if length < 15 => out.push(kind | length),
        _ => {
            out.push(kind | 15);
            integer(length as i128, out);
        }
    }
}

/// Bytes that a number needs: 1, 2, 4 or 8.
fn width(number: u64) -> usize {
    match number {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 4,
        _ => 8,
    }
}

/// The low `size` bytes of a number, most significant first.
fn number(value: u64, size: usize, out: &mut Vec<u8>) {
    let bytes = value.to_be_bytes();
    out.extend_from_slice(bytes.get(bytes.len().saturating_sub(size)..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A secret must not be left behind in memory that was outgrown.
    #[test]
    fn f03_the_room_that_is_made_is_enough() {
        let mut value =
            Value::Array(vec!["é漢x".repeat(100).into(), vec![7; 1000].into(), Value::Integer(1 << 63)]);
        for depth in 0..60 {
            let numbers = (0..300).map(|number| Value::Integer(number * 1000)).collect();
            value = Value::dict([(format!("key {depth}"), value), ("numbers".into(), Value::Array(numbers))]);
        }
        let mut tree = Tree::default();
        tree.add(&value, 0).unwrap();
        let capacity = tree.capacity(width(tree.objects.len() as u64));
        assert!(to_binary(&value).unwrap().len() <= capacity);
    }
}
