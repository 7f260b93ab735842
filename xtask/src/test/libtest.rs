//! Reading what Rust's test harness prints, and Swift's (XCTest on Linux: a line a test, no sum to rely on when one of
//! them ends the process).

/// One suite's result in numbers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Tests that ran and held.
    pub passed: u64,
    /// Tests that ran and did not hold.
    pub failed: u64,
    /// What was not run, with the reason: one entry a test.
    pub left_out: Vec<String>,
    /// What tests measured and the table is to show.
    pub measured: Vec<String>,
}

/// What a test prints, alone on a line, when something it needs is not there: `LEFT OUT: <suite>: <reason>`. A line
/// that only resembles it counts too: a suite left out must not pass for one that ran because of a missing colon.
const LEFT_OUT: &str = "left out";

/// What a test prints in front of a line that belongs into the table: a size beside its limit.
const MEASURED: &str = "MEASURED: ";

/// Adds up the harness's result lines in `log`.
///
/// A test that printed a `LEFT OUT` line counts as left out and not as passed, although the harness saw it return.
/// An ignored test is left out too.
pub fn counts(log: &str) -> Counts {
    let mut counts = Counts::default();
    for line in log.lines() {
        if let Some(reason) = left_out(line) {
            counts.left_out.push(reason.to_owned());
        } else if let Some(measured) = line.strip_prefix(MEASURED) {
            counts.measured.push(measured.to_owned());
        } else if let Some(result) = line.strip_prefix("test result: ") {
            counts.passed += number_before(result, " passed");
            counts.failed += number_before(result, " failed");
        } else if let Some((test, result)) = xctest(line) {
            match result {
                "passed" => counts.passed += 1,
                "failed" => counts.failed += 1,
                "skipped" => counts.left_out.push(format!("{test}: skipped")),
                _ => {}
            }
        } else if line.starts_with("test ") && line.contains(" ... ignored") {
            let name = line.trim_start_matches("test ").split(" ... ").next().unwrap_or(line);
            counts.left_out.push(format!("{name}: marked to be ignored"));
        }
    }
    let returned = log.lines().filter(|line| left_out(line).is_some()).count();
    counts.passed = counts.passed.saturating_sub(u64::try_from(returned).unwrap_or(u64::MAX));
    counts
}

/// The part of a failed log a person wants to see, at most `most` lines: what the harness tells about each failed
/// test, then the compiler's errors; the end of the log when it holds neither.
pub fn excerpt(log: &str, most: usize) -> String {
    let mut shown = Vec::new();
    let mut failures = false;
    let mut error = false;
    for line in log.lines() {
        if line == "failures:" {
            failures = true;
        } else if line.starts_with("test result:") {
            failures = false;
        }
        // A diagnostic goes on until the next one begins or an empty line ends it.
        error = line.starts_with("error")
            || line.contains(": error: ")
            || error && !(line.is_empty() || line.starts_with("warning"));
        if failures || error {
            shown.push(line);
        }
    }
    if shown.is_empty() {
        shown = log.lines().skip(log.lines().count().saturating_sub(most)).collect();
    }
    let cut = shown.len().saturating_sub(most);
    shown.truncate(most);
    let end = if cut > 0 { format!("\n... and {cut} lines more") } else { String::new() };
    shown.join("\n") + &end
}

/// What a line says was left out and why.
fn left_out(line: &str) -> Option<&str> {
    let (head, rest) = line.split_at_checked(LEFT_OUT.len())?;
    let same = head.eq_ignore_ascii_case(LEFT_OUT) && rest.starts_with([':', ' ']);
    same.then(|| rest.trim_start_matches([':', ' ']).trim_end())
}

/// A test of XCTest and what became of it, of a line `Test Case 'Class.test' passed (0.1 seconds)`.
fn xctest(line: &str) -> Option<(&str, &str)> {
    let (test, rest) = line.strip_prefix("Test Case '")?.split_once("' ")?;
    Some((test, rest.split_once(" (")?.0))
}

fn number_before(text: &str, word: &str) -> u64 {
    let Some((before, _)) = text.split_once(word) else { return 0 };
    let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or("");
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
running 3 tests
test a ... ok
test b ... ignored, slow
test c ... FAILED

successes:

---- a stdout ----
LEFT OUT: esp vectors: no folder ../shared


failures:

---- c stdout ----
thread 'c' panicked at src/lib.rs:1:1:
boom

test result: FAILED. 12 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
   Doc-tests x
test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

    #[test]
    fn result_lines_are_added_up_and_left_out_tests_are_not_called_passed() {
        let counts = counts(LOG);
        assert_eq!((counts.passed, counts.failed), (14, 1));
        assert_eq!(counts.left_out, ["b: marked to be ignored", "esp vectors: no folder ../shared"]);
    }

    #[test]
    fn a_line_that_resembles_the_agreed_one_counts_as_left_out() {
        assert_eq!(left_out("LEFT OUT: esp: no folder"), Some("esp: no folder"));
        assert_eq!(left_out("LEFT OUT esp: no folder"), Some("esp: no folder"));
        assert_eq!(left_out("left out: esp (no folder)"), Some("esp (no folder)"));
        assert_eq!(left_out("left outside"), None);
        assert_eq!(left_out("nothing was left out"), None);
        assert_eq!(left_out("left é"), None);
    }

    #[test]
    fn an_excerpt_holds_every_failure_and_every_error() {
        let log = format!("{LOG}{LOG}warning: w\nerror: x\n --> f.rs\n\nwarning: y\nend");
        let text = excerpt(&log, 100);
        assert_eq!(text.matches("boom").count(), 2);
        assert!(text.ends_with("error: x\n --> f.rs"), "{text}");
        assert!(!text.contains("warning") && !text.contains("successes"), "{text}");
        assert!(excerpt(&log, 3).ends_with("\n... and 11 lines more"), "{}", excerpt(&log, 3));
        assert_eq!(excerpt("a\nb\nc", 2), "b\nc");
    }

    #[test]
    fn lines_of_xctest_count_and_a_failed_assertion_is_in_the_excerpt() {
        let log = "Test Case 'T.testA' started at 2026-11-21 21:00:00.000\nTest Case 'T.testA' passed (0.1 seconds)\n\
                   /adit/T.swift:3: error: T.testB : XCTAssertEqual failed: (\"1\") is not equal to (\"2\") - \n\
                   Test Case 'T.testB' failed (0.1 seconds)\nTest Case 'T.testC' skipped (0.0 seconds)\n\
                   Executed 3 tests, with 1 failure (0 unexpected) in 0.2 (0.2) seconds\n";
        let counts = counts(log);
        assert_eq!((counts.passed, counts.failed, counts.left_out.len()), (1, 1, 1));
        assert!(excerpt(log, 5).starts_with("/adit/T.swift:3: error: T.testB"));
    }

    #[test]
    fn what_was_measured_is_kept_for_the_table() {
        let counts = counts("MEASURED: wasm 800 of 1,000 KiB\ntest result: ok. 1 passed; 0 failed\n");
        assert_eq!(counts.measured, ["wasm 800 of 1,000 KiB"]);
        assert_eq!(counts.passed, 1);
    }

    #[test]
    fn a_log_without_results_counts_nothing() {
        assert_eq!(counts("error: could not compile"), Counts::default());
    }
}
