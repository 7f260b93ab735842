//! The files to judge: those named, and the profiles below folders that were named; read in parallel, told in order.

use std::collections::VecDeque;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;

use adit_profile::source::{self, Format};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Judged, Outcome};
use crate::input;

/// A file to look at.
struct Task {
    path: PathBuf,
    /// Found below a folder: judged only if it looks like a profile.
    found: bool,
    /// A folder that cannot be read, and why.
    closed: Option<String>,
}

/// Folders inside one another that are followed.
const MAX_DEPTH: usize = 64;

/// Judges every file on all cores and hands the outcomes over in the order of the files.
pub(super) fn each(
    files: &[PathBuf],
    judge: impl Fn(String, &[u8]) -> Judged + Sync,
    mut tell: impl FnMut(Outcome),
) {
    let mut tasks = Vec::new();
    for file in files {
        collect(file, &mut tasks);
    }
    let bar = progress(tasks.len());
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(tasks.len().max(1));
    let queue: Mutex<VecDeque<(usize, Task)>> = Mutex::new(tasks.into_iter().enumerate().collect());
    // Bounded: a slow reader of the report must not let finished reports pile up.
    let (sender, receiver) = mpsc::sync_channel(64);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (sender, queue, judge) = (sender.clone(), &queue, &judge);
            scope.spawn(move || {
                loop {
                    let next = queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop_front();
                    let Some((place, task)) = next else { break };
                    if sender.send((place, one(&task, judge))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = std::collections::BTreeMap::new();
        let mut next = 0;
        for (place, outcome) in receiver {
            waiting.insert(place, outcome);
            while let Some(outcome) = waiting.remove(&next) {
                next += 1;
                bar.inc(1);
                bar.suspend(|| tell(outcome));
            }
        }
    });
    bar.finish_and_clear();
}

fn progress(count: usize) -> ProgressBar {
    // Where the report itself goes to the terminal, it shows how far things are.
    if count < 20 || !std::io::stderr().is_terminal() || std::io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(count as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} files") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn collect(path: &Path, tasks: &mut Vec<Task>) {
    if path != Path::new("-") && path.is_dir() {
        walk(path, tasks, 0);
    } else {
        tasks.push(Task { path: path.to_owned(), found: false, closed: None });
    }
}

fn walk(folder: &Path, tasks: &mut Vec<Task>, depth: usize) {
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        // The rest of the folders is judged all the same.
        Err(error) => {
            let closed = Some(error.to_string());
            return tasks.push(Task { path: folder.to_owned(), found: true, closed });
        }
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let Ok(kind) = entry.file_type() else { continue };
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let path = entry.path();
        if kind.is_dir() && !hidden && depth < MAX_DEPTH {
            walk(&path, tasks, depth + 1);
        } else if kind.is_file() || kind.is_symlink() && path.is_file() {
            // Links to folders are not followed: they may lead in circles.
            tasks.push(Task { path, found: true, closed: None });
        }
    }
}

fn one(task: &Task, judge: &impl Fn(String, &[u8]) -> Judged) -> Outcome {
    let name = input::name(&task.path);
    if let Some(error) = &task.closed {
        return Outcome::Unreadable { name, error: error.clone() };
    }
    match input::bytes(&task.path) {
        Err(error) => Outcome::Unreadable { name, error: error.to_string() },
        Ok(bytes) if task.found && !looks_like_a_profile(&bytes) => Outcome::NoProfile,
        Ok(bytes) => Outcome::Judged(Box::new(judge(name, &bytes))),
    }
}

/// Whether a file is meant to be a profile, well-formed or not: a property list or CMS that speaks of payloads.
fn looks_like_a_profile(bytes: &[u8]) -> bool {
    match source::detect(bytes) {
        Format::Xml { encoding } => {
            let decoded = source::encoding::decode(bytes, encoding);
            let text = decoded.text();
            let has = |word: &str| text.contains(word);
            (has("<plist") || has("<dict")) && (has("PayloadType") || has("PayloadContent"))
        }
        Format::Binary => {
            let has = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
            has(b"PayloadType") || has(b"PayloadContent")
        }
        Format::Cms { .. } => true,
        _ => false,
    }
}
