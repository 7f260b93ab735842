//! What the numbers were measured on.

use std::fs;
use std::path::Path;

use crate::command::output_of;

/// A line each: date, commit, processor, memory, kernel, compiler, and what else the machine was doing.
pub fn describe(root: &Path) -> String {
    let run = |program: &str, args: &[&str]| {
        output_of(program, args).map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
    };
    let git = |args: &[&str]| {
        let folder = root.to_string_lossy();
        run("git", &[&["-C", &folder], args].concat())
    };
    // RESULTS.md itself changes with each run.
    let changed = git(&["status", "--porcelain", "--untracked-files=no", "--", ".", ":!benches/RESULTS.md"]);
    let changes = if changed.is_empty() { "" } else { ", with changes that are not committed" };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = field("/proc/loadavg", "").unwrap_or_default();
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    format!(
        "- date: {}\n- commit: {}{changes}\n- processor: {}, {cores} cores\n- memory: {}\n- kernel: {}\n\
         - compiler: {}\n- load average before: {}\n",
        run("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
        git(&["rev-parse", "--short=12", "HEAD"]),
        field("/proc/cpuinfo", "model name").unwrap_or_else(|| run("uname", &["-m"])),
        field("/proc/meminfo", "MemTotal").unwrap_or_else(|| "unknown".to_owned()),
        run("uname", &["-sr"]),
        run("rustc", &["--version"]),
        load.join(" "),
    )
}

/// What stands behind the colon of the first line that starts with `name`; the first line itself for no name.
fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    let value = if name.is_empty() { line } else { line.split_once(':')?.1 };
    Some(value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_and_the_commit_are_named() {
        let text = describe(Path::new(env!("CARGO_MANIFEST_DIR")));
        assert_eq!(text.lines().count(), 7, "{text}");
        assert!(text.contains("- compiler: rustc 1."), "{text}");
        assert!(text.contains(" UTC\n") && text.contains(" cores\n"), "{text}");
    }
}
