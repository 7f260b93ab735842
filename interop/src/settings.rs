//! Nested settings as strongSwan writes them: `name { key = value ... }`.
//!
//! One type for what we write (strongswan.conf, swanctl.conf) and for what `swanctl --pretty` prints.

use std::fmt;

use crate::{Error, Result};

/// A section: keys with values and sections with names, in order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Section {
    values: Vec<(String, String)>,
    sections: Vec<(String, Section)>,
}

impl Section {
    /// An empty section.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the value at `path`, whose parts are separated by dots; sections on the way are made.
    #[must_use]
    pub fn set(mut self, path: &str, value: impl fmt::Display) -> Self {
        self.put(path, value.to_string());
        self
    }

    /// Takes the value at `path` away, if there is one.
    #[must_use]
    pub fn without(mut self, path: &str) -> Self {
        let (folders, key) = path.rsplit_once('.').unwrap_or(("", path));
        self.section_mut(folders).values.retain(|(name, _)| name != key);
        self
    }

    /// Adds everything in `other`, which wins where both have a value.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (key, value) in other.values {
            self.put(&key, value);
        }
        for (name, section) in other.sections {
            let mine = self.section_mut(&name);
            *mine = std::mem::take(mine).merge(section);
        }
        self
    }

    /// The value at `path`.
    pub fn get(&self, path: &str) -> Option<&str> {
        match path.split_once('.') {
            Some((name, rest)) => self.section(name)?.get(rest),
            None => self.values.iter().find(|(key, _)| key == path).map(|(_, value)| value.as_str()),
        }
    }

    /// The section called `name`.
    pub fn section(&self, name: &str) -> Option<&Self> {
        self.sections.iter().find(|(other, _)| other == name).map(|(_, section)| section)
    }

    /// The sections in it, with their names.
    pub fn sections(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.sections.iter().map(|(name, section)| (name.as_str(), section))
    }

    /// Reads what `swanctl --pretty` prints: one key, one bracket or one list item a line.
    ///
    /// # Errors
    /// A line is none of these, or a bracket has no partner.
    pub fn parse_pretty(text: &str) -> Result<Self> {
        let mut open = vec![(String::new(), Self::new())];
        let mut list: Option<(String, Vec<&str>)> = None;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let wrong = || Error::new(format!("swanctl printed a line that cannot be read: {line:?}"));
            if let Some((key, mut items)) = list.take() {
                if line == "]" {
                    open.last_mut().ok_or_else(wrong)?.1.values.push((key, items.join(",")));
                } else {
                    items.push(line.trim_end_matches(','));
                    list = Some((key, items));
                }
            } else if let Some(name) = line.strip_suffix('{') {
                open.push((name.trim().to_owned(), Self::new()));
            } else if line == "}" {
                let (name, section) = open.pop().ok_or_else(wrong)?;
                open.last_mut().ok_or_else(wrong)?.1.sections.push((name, section));
            } else if let Some(key) = line.strip_suffix("= [") {
                list = Some((key.trim().to_owned(), Vec::new()));
            } else if let Some((key, value)) = line.split_once('=') {
                let value = (key.trim().to_owned(), value.trim().to_owned());
                open.last_mut().ok_or_else(wrong)?.1.values.push(value);
            } else {
                return Err(wrong());
            }
        }
        match (open.pop(), open.is_empty()) {
            (Some((_, root)), true) => Ok(root),
            _ => Err(Error::new("swanctl printed a section without an end")),
        }
    }

    fn put(&mut self, path: &str, value: String) {
        let (folders, key) = path.rsplit_once('.').unwrap_or(("", path));
        let values = &mut self.section_mut(folders).values;
        match values.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => values.push((key.to_owned(), value)),
        }
    }

    fn section_mut(&mut self, path: &str) -> &mut Self {
        if path.is_empty() {
            return self;
        }
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let at = self.sections.iter().position(|(other, _)| other == name).unwrap_or_else(|| {
            self.sections.push((name.to_owned(), Self::new()));
            self.sections.len() - 1
        });
        // The position is that of a section found or just added.
        #[expect(clippy::indexing_slicing)]
        self.sections[at].1.section_mut(rest)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = "  ".repeat(depth);
        for (key, value) in &self.values {
            writeln!(f, "{indent}{key} = {value}")?;
        }
        for (name, section) in &self.sections {
            writeln!(f, "{indent}{name} {{")?;
            section.write(f, depth + 1)?;
            writeln!(f, "{indent}}}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_written_and_found() {
        let section =
            Section::new().set("version", 2).set("connections.psk.local.auth", "psk").set("version", 3);
        assert_eq!(section.get("version"), Some("3"));
        assert_eq!(section.get("connections.psk.local.auth"), Some("psk"));
        assert_eq!(section.get("connections.rsa.local.auth"), None);
        let text = "version = 3\nconnections {\n  psk {\n    local {\n      auth = psk\n    }\n  }\n}\n";
        assert_eq!(section.to_string(), text);
        assert_eq!(section.without("connections.psk.local.auth").get("connections.psk.local.auth"), None);
    }

    #[test]
    fn merging_adds_and_overrides() {
        let mine = Section::new().set("a.x", 1).set("a.y", 2);
        let merged = mine.merge(Section::new().set("a.y", 3).set("b.z", 4));
        assert_eq!(merged, Section::new().set("a.x", 1).set("a.y", 3).set("b.z", 4));
    }

    #[test]
    fn the_pretty_form_is_read_with_lists_and_spaces() {
        let text = "list-sa event {\n  psk {\n    remote-id = CN=a b, O=c\n    child-sas {\n      c-1 {\n        \
                    local-ts = [\n          10.0.0.0/8\n          ::/0\n        ]\n      }\n    }\n  }\n}\n";
        let sas = Section::parse_pretty(text).unwrap();
        let psk = sas.section("list-sa event").unwrap().section("psk").unwrap();
        assert_eq!(psk.get("remote-id"), Some("CN=a b, O=c"));
        assert_eq!(psk.get("child-sas.c-1.local-ts"), Some("10.0.0.0/8,::/0"));
        assert!(Section::parse_pretty("a {\n").is_err());
        assert!(Section::parse_pretty("}\n}\n").is_err());
        assert!(Section::parse_pretty("word\n").is_err());
    }
}
