//! Maven's surefire reports, told in the lines of Rust's test harness.

use std::fs;
use std::io;
use std::path::Path;

/// One test.
#[derive(Debug, Eq, PartialEq)]
pub struct Test {
    /// Class and function.
    pub name: String,
    /// What became of it.
    pub end: End,
}

/// What became of a test.
#[derive(Debug, Eq, PartialEq)]
pub enum End {
    /// It held.
    Passed,
    /// It did not; with what it said.
    Failed(String),
    /// It was not run.
    Skipped,
}

/// What the reports say.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In the order of the reports.
    pub tests: Vec<Test>,
}

impl Outcome {
    /// Adds the reports of a folder; none when it is not there.
    pub fn read_folder(&mut self, folder: &Path) -> io::Result<()> {
        let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
        let mut reports = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        reports.retain(|path| path.extension().is_some_and(|extension| extension == "xml"));
        reports.sort();
        for report in reports {
            self.read(&fs::read_to_string(report)?);
        }
        Ok(())
    }

    /// Adds one report.
    fn read(&mut self, xml: &str) {
        for case in xml.split("<testcase ").skip(1) {
            let (head, rest) = case.split_once('>').unwrap_or((case, ""));
            let body = if head.ends_with('/') { "" } else { rest.split("</testcase>").next().unwrap_or("") };
            let name = format!(
                "{}: {}",
                attribute(head, "classname"),
                attribute(head, "name").trim_end_matches("()")
            );
            let end = if let Some(failure) = element(body, "failure").or_else(|| element(body, "error")) {
                End::Failed(failure)
            } else if body.contains("<skipped") {
                End::Skipped
            } else {
                End::Passed
            };
            self.tests.push(Test { name, end });
        }
    }

    /// How many did not hold.
    pub fn failed(&self) -> usize {
        self.tests.iter().filter(|test| matches!(test.end, End::Failed(_))).count()
    }

    /// As Rust's harness would say it.
    pub fn as_libtest(&self) -> String {
        let mut lines = String::new();
        let mut failures = String::new();
        for Test { name, end } in &self.tests {
            let word = match end {
                End::Passed => "ok",
                End::Failed(why) => {
                    failures.push_str(&format!("---- {name} ----\n{}\n\n", why.trim()));
                    "FAILED"
                }
                End::Skipped => "ignored",
            };
            lines.push_str(&format!("test {name} ... {word}\n"));
        }
        if !failures.is_empty() {
            lines.push_str(&format!("\nfailures:\n\n{failures}"));
        }
        let passed = self.tests.iter().filter(|test| test.end == End::Passed).count();
        let failed = self.failed();
        let word = if failed == 0 { "ok" } else { "FAILED" };
        format!("{lines}test result: {word}. {passed} passed; {failed} failed\n")
    }
}

/// The value of an attribute, or nothing.
fn attribute(head: &str, name: &str) -> String {
    let value = head.split_once(&format!("{name}=\"")).and_then(|(before, rest)| {
        // Not the end of another's name.
        (before.is_empty() || before.ends_with(char::is_whitespace)).then(|| rest.split('"').next())?
    });
    plain(value.unwrap_or(""))
}

/// The text in an element, or what its message says.
fn element(body: &str, name: &str) -> Option<String> {
    let (_, rest) = body.split_once(&format!("<{name}"))?;
    let (head, rest) = rest.split_once('>')?;
    let text = rest.split(&format!("</{name}>")).next().unwrap_or("").trim();
    let text = text.trim_start_matches("<![CDATA[").trim_end_matches("]]>");
    Some(if head.ends_with('/') || text.is_empty() { attribute(head, "message") } else { plain(text) })
}

fn plain(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&#10;", "\n").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="adit.core.XTest" tests="4" errors="1" skipped="1" failures="1">
  <properties><property name="x" value="&lt;testcase"/></properties>
  <testcase name="a &lt;b&gt; isn&apos;t c" classname="adit.core.XTest" time="0.1"/>
  <testcase name="b()" classname="adit.core.XTest" time="0.1">
    <failure message="expected: &lt;1&gt;" type="T"><![CDATA[T: expected: <1>
	at adit.core.XTest.b(XTest.kt:3)]]></failure>
    <system-out><![CDATA[said]]></system-out>
  </testcase>
  <testcase name="c" classname="adit.core.XTest" time="0.1">
    <error message="boom" type="E"/>
  </testcase>
  <testcase name="d" classname="adit.core.XTest" time="0">
    <skipped/>
  </testcase>
</testsuite>
"#;

    #[test]
    fn each_test_of_a_report_is_told() {
        let mut outcome = Outcome::default();
        outcome.read(REPORT);
        let ends: Vec<_> = outcome.tests.iter().map(|test| (test.name.as_str(), &test.end)).collect();
        let failure = End::Failed("T: expected: <1>\n\tat adit.core.XTest.b(XTest.kt:3)".to_owned());
        assert_eq!(
            ends,
            [
                ("adit.core.XTest: a <b> isn't c", &End::Passed),
                ("adit.core.XTest: b", &failure),
                ("adit.core.XTest: c", &End::Failed("boom".to_owned())),
                ("adit.core.XTest: d", &End::Skipped),
            ]
        );
        let text = outcome.as_libtest();
        assert!(text.contains("\nfailures:\n\n---- adit.core.XTest: b ----\nT: expected"), "{text}");
        assert!(text.contains("test adit.core.XTest: d ... ignored\n"), "{text}");
        assert!(text.ends_with("test result: FAILED. 1 passed; 2 failed\n"), "{text}");
    }

    #[test]
    fn a_folder_that_is_not_there_holds_nothing() {
        let mut outcome = Outcome::default();
        outcome.read_folder(Path::new("no-such-folder")).unwrap();
        assert_eq!(outcome.as_libtest(), "test result: ok. 0 passed; 0 failed\n");
    }
}
