//! The word that was most likely meant.

use crate::gather::Gather as _;

/// The candidate nearest to `word`, at most `within` letters away; of equally near ones the first. A word that differs
/// in case only is nearest. Words of three letters or fewer have no near ones: everything short is near everything.
pub(super) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
    within: usize,
) -> Option<&'c str> {
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate.len().abs_diff(word.len()) > within {
            continue;
        }
        if candidate.eq_ignore_ascii_case(word) {
            return Some(candidate);
        }
        if word.len() <= 3 {
            continue;
        }
        let limit = best.map_or(within, |(distance, _)| distance.saturating_sub(1));
        if let Some(distance) = distance(word, candidate, limit) {
            best = Some((distance, candidate));
            if distance == 0 {
                break;
            }
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How many letters must be put in, taken out or changed to make one word of the other; `None` above `limit`.
pub(super) fn distance(one: &str, other: &str, limit: usize) -> Option<usize> {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() > LONGEST || other.len() > LONGEST || one.len().abs_diff(other.len()) > limit {
        return None;
    }
    let mut row: Vec<usize> = (0..=other.len()).gather();
    for (line, byte) in one.iter().enumerate() {
        let mut corner = line;
        let mut left = line + 1;
        let mut least = left;
        let (first, rest) = row.split_first_mut()?;
        *first = left;
        for (cell, against) in rest.iter_mut().zip(other) {
            let changed = corner + usize::from(byte != against);
            corner = *cell;
            left = changed.min(corner + 1).min(left + 1);
            *cell = left;
            least = least.min(left);
        }
        if least > limit {
            return None;
        }
    }
    row.last().copied().filter(|distance| *distance <= limit)
}

/// No known word is longer; longer ones are not compared.
const LONGEST: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_letters() {
        for (one, other, expected) in [
            ("kitten", "sitting", None),
            ("abcd", "abcd", Some(0)),
            ("RemoteAdress", "RemoteAddress", Some(1)),
            ("RmeoteAddress", "RemoteAddress", Some(2)),
            ("", "ab", Some(2)),
            ("ab", "", Some(2)),
        ] {
            assert_eq!(distance(one, other, 2), expected, "{one} {other}");
        }
        assert_eq!(distance("kitten", "sitting", 3), Some(3));
    }

    #[test]
    fn the_nearest_word_is_found() {
        let words = ["RemoteAddress", "RemoteIdentifier", "MTU", "AuthName"];
        assert_eq!(nearest("RemoteAdress", words, 2), Some("RemoteAddress"));
        assert_eq!(nearest("mtu", words, 2), Some("MTU"));
        assert_eq!(nearest("MTX", words, 2), None, "three letters are near too much");
        assert_eq!(nearest("Password", words, 2), None);
    }
}
