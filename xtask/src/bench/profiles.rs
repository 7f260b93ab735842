//! `--profiles`: reading and judging profiles, in process and through the command line over folders of many files.
//!
//! Owns the limits that the project sets itself, and the folders. The benches in process are `adit-benches`'s `profile`.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::estimates::Estimate;

/// What may not take longer, by the bench's parameter: nanoseconds of one call.
const LIMITS: [(&str, f64); 2] = [("2 KB", 100e3), ("78 payloads of the corpus", 5e6)];

/// How many files a folder holds.
const FOLDERS: [usize; 2] = [1000, 10_000];

/// How often a folder is judged; the quickest counts.
const TIMES: usize = 3;

/// Whether each limit is kept, as lines, and whether all are.
pub fn limits(estimates: &[Estimate]) -> (String, bool) {
    let mut lines = String::new();
    let mut kept = true;
    for (parameter, limit) in LIMITS {
        let measured = estimates
            .iter()
            .find(|one| one.function == "validate" && one.parameter.as_deref() == Some(parameter));
        let Some(measured) = measured else {
            let _ = writeln!(lines, "- validate, {parameter}: not measured");
            continue;
        };
        let within = measured.nanoseconds <= limit;
        kept &= within;
        let verdict = if within { "kept" } else { "exceeded" };
        let _ = writeln!(lines, "- validate, {parameter}: at most {:.0} µs, {verdict}", limit / 1e3);
    }
    (lines, kept)
}

/// Judges folders of copies of a small profile with the program, and tells how the time grows.
///
/// # Errors
/// A file cannot be written, or the program cannot be run.
pub fn folders(root: &Path, program: &Path, home: &Path) -> io::Result<String> {
    let profile = fs::read(root.join("benches/profile/small.mobileconfig"))?;
    let mut lines = String::new();
    let mut first: Option<f64> = None;
    for count in FOLDERS {
        let folder = home.join(format!("files-{count}"));
        fs::create_dir_all(&folder)?;
        for number in 0..count {
            fs::write(folder.join(format!("{number:05}.mobileconfig")), &profile)?;
        }
        let mut best = Duration::MAX;
        for _ in 0..TIMES {
            let start = Instant::now();
            let mut run = Command::new(program);
            let status =
                run.args(["validate", "--format", "json"]).arg(&folder).stdout(Stdio::null()).status()?;
            best = best.min(start.elapsed());
            if !status.success() {
                return Err(io::Error::other(format!("adit validate of {count} files: {status}")));
            }
        }
        fs::remove_dir_all(&folder)?;
        let one = best.as_secs_f64() / count as f64;
        let grown =
            first.map_or(String::new(), |first| format!(", {:.2} times that of the first", one / first));
        first.get_or_insert(one);
        let _ = writeln!(
            lines,
            "- `adit validate --format json` of a folder of {count} files of {} bytes: {:.0} ms, {:.1} µs a file{grown}",
            profile.len(),
            best.as_secs_f64() * 1e3,
            one * 1e6,
        );
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(parameter: &str, nanoseconds: f64) -> Estimate {
        Estimate {
            group: "profile".to_owned(),
            function: "validate".to_owned(),
            parameter: Some(parameter.to_owned()),
            bytes: None,
            nanoseconds,
        }
    }

    #[test]
    fn limits_are_kept_exceeded_or_not_measured() {
        let (lines, kept) = limits(&[estimate("2 KB", 50e3)]);
        assert!(
            kept && lines.contains("2 KB: at most 100 µs, kept") && lines.contains("corpus: not measured")
        );
        let (lines, kept) = limits(&[estimate("2 KB", 150e3)]);
        assert!(!kept && lines.contains("at most 100 µs, exceeded"));
    }
}
