//! What must hold of every fix.

use adit_profile::build::{self, Value};
use adit_profile::report::Safety;
use adit_profile::rules::Options;
use adit_profile::{Diagnostic, Document, Limits, check_with, fix};

/// Tries every fix that any finding of a file offers, but those that are only shown: the file reads afterwards, the finding is
/// gone, nothing is wrong that was not, and the same file in binary becomes the same profile. Gives the fixes' titles, with
/// the codes they mend.
pub fn mend(file: &[u8], options: &Options) -> Result<Vec<(&'static str, String)>, String> {
    let found = |file: &[u8]| check_with(file, &Limits::default(), options).diagnostics;
    let count = |list: &[Diagnostic], code: &str| list.iter().filter(|one| one.code.as_str() == code).count();
    let document = Document::read(file);
    let content = document.content(file);
    let binary = document.root().and_then(Value::of).and_then(|tree| build::to_binary(&tree).ok());
    let before = found(file);
    let mut titles = Vec::new();
    for (one, fix) in before.iter().flat_map(|one| one.fixes.iter().map(move |fix| (one, fix))) {
        let what = format!("{}: `{}`", one.code, fix.title);
        titles.push((one.code.as_str(), fix.title.clone()));
        let Some(root) = document.root() else { return Err(format!("{what}: a fix without a tree")) };
        let mended = fix::apply_one(content, root, fix).map_err(|error| format!("{what}: {error}"))?;
        if fix.safety == Safety::DisplayOnly {
            continue;
        }
        let after = Document::read(&mended);
        let value = after.root().and_then(Value::of).ok_or_else(|| format!("{what}: it reads no more"))?;
        let left = found(&mended);
        if let Some(left) = left.iter().find(|left| left.code == one.code && left.path == one.path) {
            return Err(format!("{what} leaves {left:#?}"));
        }
        // What the file then is, and no fault: a signature goes with the change, and a file marked as encrypted says so.
        let more = |found: &&Diagnostic| {
            let code = found.code.as_str();
            !["sign.unsigned", "enc.encrypted"].contains(&code) && count(&left, code) > count(&before, code)
        };
        if let Some(more) = left.iter().find(more) {
            return Err(format!("{what} brings {more:#?}"));
        }
        if let Some(binary) = &binary {
            let document = Document::read(binary);
            let root = document.root().ok_or_else(|| format!("{what}: no tree in binary"))?;
            let mended =
                fix::apply_one(binary, root, fix).map_err(|error| format!("{what} in binary: {error}"))?;
            if Document::read(&mended).root().and_then(Value::of) != Some(value) {
                return Err(format!("{what} makes another profile in binary"));
            }
        }
    }
    Ok(titles)
}
