//! What is printed at the end: the table, what was left out and why, and the closing line.

use std::time::Duration;

use super::Row;
use super::suites::Suite;
use crate::install::Need;

/// Names the suites and what each one needs.
pub fn list(suites: &[Suite]) {
    for suite in suites {
        let needs: Vec<String> = suite.needs.iter().map(need).collect();
        let needs = if needs.is_empty() { String::new() } else { format!(" (needs {})", needs.join(", ")) };
        println!("{:<12} {}{needs}", suite.name, suite.about);
    }
}

/// Prints the table; answers whether the run is good. `took`: the whole run, whose suites may overlap. `strict`: leaving
/// something out is a failure.
pub fn table(rows: &[Row], took: Duration, strict: bool) -> bool {
    println!(
        "\n{:<14} {:>7} {:>7} {:>9} {:>10} {:>10}",
        "suite", "passed", "failed", "left out", "time", "processor"
    );
    for row in rows {
        println!(
            "{:<14} {:>7} {:>7} {:>9} {:>8.1} s {:>10}",
            row.name,
            row.counts.passed,
            row.counts.failed,
            row.counts.left_out.len(),
            row.took.as_secs_f64(),
            seconds(row.processor)
        );
        for measured in &row.counts.measured {
            println!("  {measured}");
        }
    }
    let processor = rows.iter().map(|row| row.processor).sum();
    println!("{:<40} {:>8.1} s {:>10}", "together", took.as_secs_f64(), seconds(processor));
    let reasons: Vec<&String> = rows.iter().flat_map(|row| &row.counts.left_out).collect();
    if !reasons.is_empty() {
        println!("\nleft out{}:", if strict { " (CI is set, so each counts as failed)" } else { "" });
        let mut told: Vec<(&String, usize)> = Vec::new();
        for reason in reasons {
            match told.iter_mut().find(|(other, _)| *other == reason) {
                Some((_, times)) => *times += 1,
                None => told.push((reason, 1)),
            }
        }
        for (reason, times) in told {
            println!("  {reason}{}", if times > 1 { format!(" ({times} tests)") } else { String::new() });
        }
    }
    let (line, good) = closing(rows, strict);
    println!("\n{line}");
    good
}

fn seconds(time: Option<Duration>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| format!("{:.1} s", time.as_secs_f64()))
}

/// The last line, `N passed, N failed` with `, N skipped` when something was left out, and whether all is good.
fn closing(rows: &[Row], strict: bool) -> (String, bool) {
    let passed: u64 = rows.iter().map(|row| row.counts.passed).sum();
    let mut failed: u64 = rows.iter().map(|row| row.counts.failed).sum();
    let left_out: u64 =
        rows.iter().map(|row| u64::try_from(row.counts.left_out.len()).unwrap_or(u64::MAX)).sum();
    let mut line = String::new();
    if left_out > 0 && strict {
        failed += left_out;
    } else if left_out > 0 {
        line = format!(", {left_out} skipped");
    }
    (format!("{passed} passed, {failed} failed{line}"), failed == 0)
}

fn need(need: &Need) -> String {
    match need {
        Need::Packages(packages) | Need::Wanted(packages) => packages.join(" "),
        Need::Component(name) | Need::Target(name) => (*name).to_owned(),
        Need::Root => "root".to_owned(),
        Need::Deny => "cargo-deny".to_owned(),
        Need::Node => "Node".to_owned(),
        Need::WasmBindgen => "wasm-bindgen".to_owned(),
        Need::NpmPackages => "npm packages".to_owned(),
        Need::Swift => "a folder with Swift".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::libtest::Counts;

    fn row(passed: u64, failed: u64, left_out: &[&str]) -> Row {
        let left_out = left_out.iter().map(|reason| (*reason).to_owned()).collect();
        Row {
            name: "x",
            counts: Counts { passed, failed, left_out, ..Counts::default() },
            took: Duration::ZERO,
            processor: None,
        }
    }

    #[test]
    fn what_was_left_out_fails_the_run_only_when_strict() {
        let rows = [row(3, 0, &[]), row(0, 0, &["no root"])];
        assert_eq!(closing(&rows, false), ("3 passed, 0 failed, 1 skipped".to_owned(), true));
        assert_eq!(closing(&rows, true), ("3 passed, 1 failed".to_owned(), false));
    }

    #[test]
    fn one_failure_fails_the_run() {
        assert_eq!(closing(&[row(3, 1, &[])], false), ("3 passed, 1 failed".to_owned(), false));
        assert_eq!(closing(&[row(3, 0, &[])], true), ("3 passed, 0 failed".to_owned(), true));
    }
}
