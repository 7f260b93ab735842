//! Makes the tables for unwinding of an Android library smaller.
//!
//! The compiler writes an entry, 28 bytes with its place in the index, for each function that a panic may come out of: also
//! for those that jump elsewhere as their last act, and for sequences of instructions that it shares between functions. Such
//! a function never saves its return address, so it is on no stack while something else runs, and no panic passes it: its
//! entry has no instructions. On arm64, where a call overwrites the register with that address, there is no other reason for
//! an entry without instructions. They are a third of all.
//!
//! An entry is taken out by taking away the relocation that names its function: the linker leaves out entries of no function.
//! Sources: System V ABI, chapters 4 and 5 (ELF), LSB 5.0, section 10.6 (`.eh_frame`), DWARF 5, section 6.4.

/// In front of every archive.
const ARCHIVE: &[u8] = b"!<arch>\n";

/// What stands before each member of an archive.
const MEMBER_HEADER: usize = 60;

/// The size of one header of a section, and of one relocation with an addend.
const SECTION_HEADER: usize = 64;
const RELOCATION: usize = 24;

/// A section of relocations with addends.
const SHT_RELA: u32 = 4;

/// Takes the entries without instructions out of every object of an archive. Answers how many there were.
///
/// # Errors
/// It is no archive of 64-bit little-endian ELF objects, or a table is malformed; the archive is then not to be used.
pub fn leave_out_empty_entries(archive: &mut [u8]) -> Result<usize, String> {
    if !archive.starts_with(ARCHIVE) {
        return Err("not an archive".to_owned());
    }
    let mut at = ARCHIVE.len();
    let mut found = 0;
    while at < archive.len() {
        let malformed = || format!("malformed member of an archive at byte {at}");
        let header = archive.get(at..at + MEMBER_HEADER).ok_or_else(malformed)?;
        let size = header.get(48..58).and_then(|digits| std::str::from_utf8(digits).ok());
        let size = size.and_then(|digits| digits.trim().parse::<usize>().ok());
        let from = at + MEMBER_HEADER;
        let to = size.and_then(|size| from.checked_add(size)).ok_or_else(malformed)?;
        let member = archive.get_mut(from..to).ok_or_else(malformed)?;
        if member.starts_with(b"\x7fELF\x02\x01") {
            found += in_object(member).ok_or_else(|| format!("malformed object at byte {from}"))?;
        }
        // Members begin at even places.
        at = to + to % 2;
    }
    Ok(found)
}

/// A section's header, what of it counts here.
struct Section {
    name: usize,
    kind: u32,
    offset: usize,
    size: usize,
    link: u32,
    info: u32,
}

fn in_object(object: &mut [u8]) -> Option<usize> {
    let headers = number(object, 0x28, 8)?;
    let section = |object: &[u8], index: usize| {
        let at = headers.checked_add(index.checked_mul(SECTION_HEADER)?)?;
        Some(Section {
            name: number(object, at, 4)?,
            kind: number(object, at + 4, 4)? as u32,
            offset: number(object, at + 24, 8)?,
            size: number(object, at + 32, 8)?,
            link: number(object, at + 40, 4)? as u32,
            info: number(object, at + 44, 4)? as u32,
        })
    };
    if headers == 0 {
        return Some(0);
    }
    // Numbers too large for the object's header stand in the first section's.
    let first = section(object, 0)?;
    let count = match number(object, 0x3c, 2)? {
        0 => first.size,
        count => count,
    };
    let names = match number(object, 0x3e, 2)? {
        0xffff => first.link as usize,
        index => index,
    };
    let names = section(object, names)?.offset;
    let is_table = |object: &[u8], one: &Section| {
        object.get(names + one.name..).is_some_and(|text| text.starts_with(b".eh_frame\0"))
    };
    let mut tables = Vec::new();
    for index in 1..count {
        let one = section(object, index)?;
        if is_table(object, &one) {
            tables.push((index, one));
        }
    }
    let mut found = 0;
    for (index, table) in tables {
        let bytes = object.get(table.offset..table.offset.checked_add(table.size)?)?;
        let empty = empty_entries(bytes)?;
        found += empty.len();
        for other in 1..count {
            let one = section(object, other)?;
            if one.kind == SHT_RELA && one.info as usize == index {
                let relocations = object.get_mut(one.offset..one.offset.checked_add(one.size)?)?;
                for relocation in relocations.chunks_exact_mut(RELOCATION) {
                    let place = number(relocation, 0, 8)?;
                    if empty.binary_search(&place).is_ok() {
                        // No kind, and no symbol.
                        relocation.get_mut(8..16)?.fill(0);
                    }
                }
            }
        }
    }
    Some(found)
}

/// Where the entries without instructions name their function, from the table's begin on, ascending.
fn empty_entries(table: &[u8]) -> Option<Vec<usize>> {
    let mut empty = Vec::new();
    let mut at = 0;
    while at < table.len() {
        let length = number(table, at, 4)?;
        if length == 0 {
            break;
        }
        let content = at + 4;
        let end = content.checked_add(length)?;
        let record = table.get(content..end)?;
        let back = number(record, 0, 4)?;
        if back != 0 {
            let common = content.checked_sub(back)?;
            let size = pointer_size(table.get(common..)?)?;
            // The function, its length, then how many bytes of augmentation follow: with any, a panic has work to do there.
            let rest = record.get(4 + 2 * size..)?;
            if rest.first() == Some(&0) && rest.iter().all(|byte| *byte == 0) {
                empty.push(content + 4);
            }
        }
        at = end;
    }
    Some(empty)
}

/// The size of addresses in the entries of a common record, which begins with its length.
fn pointer_size(common: &[u8]) -> Option<usize> {
    if number(common, 4, 4)? != 0 {
        return None;
    }
    let text = common.get(9..)?;
    let (augmentation, mut rest) = text.split_at_checked(text.iter().position(|byte| *byte == 0)?)?;
    rest = rest.get(1..)?;
    let letters = augmentation.strip_prefix(b"z")?;
    // Both alignments, the register of the return address, and the size of what follows.
    for _ in 0..4 {
        let length = rest.iter().position(|byte| byte & 0x80 == 0)? + 1;
        rest = rest.get(length..)?;
    }
    for letter in letters {
        match letter {
            b'R' => return size_of_encoding(*rest.first()?),
            b'L' => rest = rest.get(1..)?,
            b'P' => rest = rest.get(1 + size_of_encoding(*rest.first()?)?..)?,
            b'S' | b'B' => {}
            _ => return None,
        }
    }
    None
}

fn size_of_encoding(encoding: u8) -> Option<usize> {
    match encoding & 0x0f {
        0x03 | 0x0b => Some(4),
        0x00 | 0x04 | 0x0c => Some(8),
        _ => None,
    }
}

/// A number of up to eight bytes, the least significant first.
fn number(bytes: &[u8], at: usize, size: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(size)?)?;
    let value = bytes.iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    usize::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As compilers for arm64 write it: addresses of four bytes, from the place on.
    const COMMON: [u8; 20] = [16, 0, 0, 0, 0, 0, 0, 0, 1, b'z', b'R', 0, 1, 0x7c, 30, 1, 0x1b, 0x0c, 31, 0];
    /// The same with a personality and a table of what a panic has to do.
    const WITH_CLEANUP: [u8; 28] = [
        24, 0, 0, 0, 0, 0, 0, 0, 1, b'z', b'P', b'L', b'R', 0, 1, 0x7c, 30, 7, 0x9b, 0, 0, 0, 0, 0x1b, 0x1b,
        0x0c, 31, 0,
    ];

    fn entry(table: &mut Vec<u8>, common: usize, rest: &[u8]) -> usize {
        let at = table.len();
        table.extend(u32::try_from(12 + rest.len()).unwrap().to_le_bytes());
        table.extend(u32::try_from(at + 4 - common).unwrap().to_le_bytes());
        table.extend([0, 0, 0, 0, 40, 0, 0, 0]);
        table.extend(rest);
        at + 8
    }

    /// A table, and where its entries without instructions name their functions.
    fn table() -> (Vec<u8>, Vec<usize>) {
        let mut table = COMMON.to_vec();
        let first = entry(&mut table, 0, &[0, 0, 0, 0]);
        // A frame of 16 bytes.
        entry(&mut table, 0, &[0, 0x41, 0x0e, 16, 0x9e, 2, 0, 0]);
        let common = table.len();
        table.extend(WITH_CLEANUP);
        // No frame, and work to do.
        entry(&mut table, common, &[4, 0, 0, 0, 0, 0, 0, 0]);
        let last = entry(&mut table, 0, &[0, 0, 0, 0]);
        table.extend([0; 4]);
        (table, vec![first, last])
    }

    fn section(name: usize, kind: u32, offset: usize, size: usize, info: u32) -> Vec<u8> {
        let mut header = u32::try_from(name).unwrap().to_le_bytes().to_vec();
        header.extend(kind.to_le_bytes());
        header.extend([0; 16]);
        header.extend(u64::try_from(offset).unwrap().to_le_bytes());
        header.extend(u64::try_from(size).unwrap().to_le_bytes());
        header.extend(0u32.to_le_bytes());
        header.extend(info.to_le_bytes());
        header.extend([0; 16]);
        header
    }

    /// An object with the table, a relocation at each of `places`, and where they begin.
    fn object(table: &[u8], places: &[usize]) -> (Vec<u8>, usize) {
        let names = b"\0.eh_frame\0.rela\0";
        let mut object = b"\x7fELF\x02\x01\x01".to_vec();
        object.resize(64, 0);
        let table_at = object.len();
        object.extend(table);
        let names_at = object.len();
        object.extend(names);
        let relocations = object.len();
        for place in places {
            object.extend(u64::try_from(*place).unwrap().to_le_bytes());
            object.extend([0x05, 1, 0, 0, 7, 0, 0, 0]);
            object.extend([0; 8]);
        }
        let headers = object.len();
        object.extend(section(0, 0, 0, 0, 0));
        object.extend(section(1, 1, table_at, table.len(), 0));
        object.extend(section(0, 3, names_at, names.len(), 0));
        object.extend(section(11, SHT_RELA, relocations, places.len() * RELOCATION, 1));
        object[0x28..0x30].copy_from_slice(&u64::try_from(headers).unwrap().to_le_bytes());
        object[0x3c] = 4;
        object[0x3e] = 2;
        (object, relocations)
    }

    fn archive(members: &[&[u8]]) -> Vec<u8> {
        let mut archive = ARCHIVE.to_vec();
        for member in members {
            archive.extend(format!("{:<48}{:<10}`\n", "name/", member.len()).bytes());
            archive.extend(*member);
            archive.resize(archive.len().next_multiple_of(2), b'\n');
        }
        archive
    }

    #[test]
    fn entries_without_instructions_lose_their_function_and_no_other_does() {
        let (table, empty) = table();
        assert_eq!(empty_entries(&table).unwrap(), empty);
        let places: Vec<usize> = (0..table.len()).step_by(4).collect();
        let (object, relocations) = object(&table, &places);
        let mut archive = archive(&[b"odd", &object, b"text"]);
        let before = archive.clone();
        assert_eq!(leave_out_empty_entries(&mut archive).unwrap(), 2);
        let begin = ARCHIVE.len() + 2 * MEMBER_HEADER + 4 + relocations;
        let mut changed = 0;
        for (index, place) in places.iter().enumerate() {
            let at = begin + index * RELOCATION + 8;
            if empty.contains(place) {
                assert_eq!(archive[at..at + 8], [0; 8]);
                changed += 8;
            }
        }
        // Some bytes were zero before.
        let different = archive.iter().zip(&before).filter(|(one, other)| one != other).count();
        assert!(different > 0 && different <= changed, "{different}");
        assert_eq!(leave_out_empty_entries(&mut archive).unwrap(), 2, "again it is the same");
    }

    #[test]
    fn what_is_no_archive_and_what_is_cut_off_is_refused() {
        let (table, _) = table();
        let (object, _) = object(&table, &[8]);
        let whole = archive(&[&object]);
        assert!(leave_out_empty_entries(&mut b"#!/bin/sh".to_vec()).is_err());
        for length in ARCHIVE.len() + 1..ARCHIVE.len() + MEMBER_HEADER + object.len() {
            assert!(leave_out_empty_entries(&mut whole[..length].to_vec()).is_err(), "{length}");
        }
        // A table that is malformed inside of a whole object.
        for at in 0..table.len() {
            let mut wrong = table.clone();
            wrong[at] ^= 0xff;
            let _ = empty_entries(&wrong);
            let _ = empty_entries(&table[..at]);
        }
    }
}
