//! Values by name: [`Named`].

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Values by name, sorted by it: a table as descriptions have them. A plain list inside, since there are a handful at most
/// where a person writes them, and the standard library's map is compiled anew for every type of value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Named<T>(Vec<(String, T)>);

impl<T> Named<T> {
    /// Without any.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Gives a name a value, and gives back the one it had.
    pub fn insert(&mut self, name: String, value: T) -> Option<T> {
        let place = self.0.partition_point(|(known, _)| *known < name);
        match self.0.get_mut(place).filter(|(known, _)| *known == name) {
            Some((_, old)) => Some(std::mem::replace(old, value)),
            None => {
                self.0.insert(place, (name, value));
                None
            }
        }
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        let place = self.0.partition_point(|(known, _)| known.as_str() < name);
        self.0.get(place).filter(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.0.iter().map(|(name, _)| name)
    }

    /// Names and values.
    pub fn iter(&self) -> std::slice::Iter<'_, (String, T)> {
        self.0.iter()
    }

    /// Names and values to be changed; the order is the names', so they stay as they are.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut T)> {
        self.0.iter_mut().map(|(name, value)| (name.as_str(), value))
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> FromIterator<(String, T)> for Named<T> {
    fn from_iter<I: IntoIterator<Item = (String, T)>>(items: I) -> Self {
        let mut all = Self::new();
        for (name, value) in items {
            all.insert(name, value);
        }
        all
    }
}

impl<'n, T> IntoIterator for &'n Named<T> {
    type Item = &'n (String, T);
    type IntoIter = std::slice::Iter<'n, (String, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = std::collections::BTreeMap::<String, T>::deserialize(deserializer)?;
        Ok(map.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_stand_once() {
        let mut all = Named::new();
        for (name, value) in [("b", 1), ("a", 2), ("c", 3)] {
            assert_eq!(all.insert(name.to_owned(), value), None);
        }
        assert_eq!(all.insert("b".to_owned(), 4), Some(1));
        assert_eq!(all.iter().map(|(name, value)| format!("{name}{value}")).collect::<String>(), "a2b4c3");
        assert_eq!((all.get("c"), all.get("d"), all.len()), (Some(&3), None, 3));
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(text, r#"{"a":2,"b":4,"c":3}"#);
        assert_eq!(serde_json::from_str::<Named<i32>>(&text).unwrap(), all);
    }
}
