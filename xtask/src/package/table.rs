//! The table of sizes, and whether the budgets are kept.

use std::fmt;

use super::Budget;

/// One package.
pub struct Row {
    /// What it is.
    pub what: String,
    /// The file, in bytes.
    pub file: u64,
    /// What of it ends up in an app, linked and stripped, in bytes.
    pub linked: Option<u64>,
    /// The most of the latter.
    pub budget: Option<Budget>,
}

impl Row {
    fn is_kept(&self) -> bool {
        self.budget
            .is_none_or(|budget| self.linked.is_some_and(|linked| linked <= budget.bytes.max(budget.debt)))
    }

    /// What it is over its budget, if that is known and no more than known.
    fn debt(&self) -> Option<u64> {
        let over = self.linked?.checked_sub(self.budget?.bytes).filter(|over| *over > 0)?;
        self.is_kept().then_some(over)
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
            let budget = row.budget.map(|budget| kib(budget.bytes)).unwrap_or_default();
            let verdict = match (row.budget, row.debt()) {
                (Some(_), Some(debt)) => format!("  a debt of {}", kib(debt)),
                (Some(_), None) if row.is_kept() => "  kept".to_owned(),
                (Some(_), None) => "  TOO BIG".to_owned(),
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
        Row {
            what: "library".into(),
            file: 10_240,
            linked,
            budget: budget.map(|bytes| Budget { bytes, debt: 0 }),
        }
    }

    #[test]
    fn a_budget_is_kept_up_to_its_last_byte_and_needs_a_measurement() {
        assert!(row(Some(2048), Some(2048)).is_kept());
        assert!(!row(Some(2049), Some(2048)).is_kept());
        assert!(!row(None, Some(2048)).is_kept());
        assert!(row(None, None).is_kept());
    }

    #[test]
    fn a_debt_is_named_and_may_not_grow() {
        let owing =
            |linked| Row { budget: Some(Budget { bytes: 2048, debt: 3072 }), ..row(Some(linked), None) };
        let text = |linked| {
            let mut table = Table::default();
            table.add(owing(linked));
            (table.is_kept(), table.to_string())
        };
        assert!(text(3072).0 && text(3072).1.contains("a debt of 1 KiB"));
        assert!(text(2048).0 && text(2048).1.contains("2 KiB  kept"));
        assert!(!text(3073).0 && text(3073).1.contains("TOO BIG"));
    }

    #[test]
    fn the_table_says_what_is_too_big() {
        let mut table = Table::default();
        table.add(row(Some(1024), Some(2048)));
        assert!(table.is_kept() && table.to_string().contains("2 KiB  kept"), "{table}");
        table.add(row(Some(4096), Some(2048)));
        assert!(!table.is_kept() && table.to_string().contains("TOO BIG"), "{table}");
    }
}
