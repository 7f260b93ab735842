//! The table of sizes, and whether the budgets are kept.

use std::fmt;

/// One package.
pub struct Row {
    /// What it is.
    pub what: String,
    /// The file, in bytes.
    pub file: u64,
    /// What of it ends up in an app, linked and stripped, in bytes.
    pub linked: Option<u64>,
    /// The most of the latter, in bytes.
    pub budget: Option<u64>,
}

impl Row {
    fn is_kept(&self) -> bool {
        self.budget.is_none_or(|budget| self.linked.is_some_and(|linked| linked <= budget))
    }
}

/// All packages, in the order they were made.
#[derive(Default)]
pub struct Table(Vec<Row>);

impl Table {
    /// Adds a row.
    pub fn add(&mut self, row: Row) {
        self.0.push(row);
    }

    /// True if every budget is kept.
    pub fn is_kept(&self) -> bool {
        self.0.iter().all(Row::is_kept)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kib = |bytes: u64| format!("{} KiB", bytes.div_ceil(1024));
        let width = self.0.iter().map(|row| row.what.len()).max().unwrap_or(0);
        writeln!(f, "{:<width$} {:>11} {:>11} {:>11}", "package", "file", "in an app", "at most")?;
        for row in &self.0 {
            let linked = row.linked.map(kib).unwrap_or_default();
            let budget = row.budget.map(kib).unwrap_or_default();
            let verdict = match (row.budget, row.linked) {
                (Some(_), _) if row.is_kept() => "  kept".to_owned(),
                // In bytes: the last of them counts, and KiB do not show it.
                (Some(budget), Some(linked)) => format!("  TOO BIG by {} bytes", linked - budget),
                (Some(_), None) => "  not measured".to_owned(),
                (None, _) => String::new(),
            };
            writeln!(f, "{:<width$} {:>11} {linked:>11} {budget:>11}{verdict}", row.what, kib(row.file))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(linked: Option<u64>, budget: Option<u64>) -> Row {
        Row { what: "library".into(), file: 10_240, linked, budget }
    }

    #[test]
    fn a_budget_is_kept_up_to_its_last_byte_and_needs_a_measurement() {
        assert!(row(Some(2048), Some(2048)).is_kept());
        assert!(!row(Some(2049), Some(2048)).is_kept());
        assert!(!row(None, Some(2048)).is_kept());
        assert!(row(None, None).is_kept());
    }

    #[test]
    fn the_table_says_what_is_too_big() {
        let mut table = Table::default();
        table.add(row(Some(1024), Some(2048)));
        assert!(table.is_kept() && table.to_string().contains("2 KiB  kept"), "{table}");
        table.add(row(Some(2049), Some(2048)));
        assert!(!table.is_kept() && table.to_string().contains("TOO BIG by 1 bytes"), "{table}");
    }
}
