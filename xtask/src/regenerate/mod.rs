//! `cargo xtask regenerate`: source files that are made from facts or from other source, so that nobody edits them by hand.
//!
//! Owns the list of what is made. `cargo xtask test` runs each with `--check` and fails on drift.

mod bindings;
mod names;
mod schema;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What to make.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// core/profile/src/schema/tables.rs from the fact files of the shared folder.
    Schema {
        /// Write nothing; fail when the file would change.
        #[arg(long)]
        check: bool,
    },
    /// The Swift and Kotlin sources of the bindings, from the built library.
    Bindings {
        /// Write nothing; fail when a file would change.
        #[arg(long)]
        check: bool,
        /// Take the library and the generator from this folder; else they are built first.
        #[arg(long, value_name = "FOLDER", hide = true)]
        library: Option<PathBuf>,
    },
    /// The documents on the platforms' VPN APIs and the test sources that use each name, from the column files.
    Names {
        /// Write nothing; fail when a file would change.
        #[arg(long)]
        check: bool,
        /// Only tell of rows that a column file does not have yet.
        #[arg(long, conflicts_with = "check")]
        unfinished: bool,
    },
}

/// A generated file.
struct Text {
    /// Its path in the repository.
    path: &'static str,
    text: String,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let result = match &args.what {
        What::Schema { check } => {
            schema::tables().and_then(|text| write("core/profile/src/schema/tables.rs", &text, *check))
        }
        What::Bindings { check, library } => {
            bindings::files(library.as_deref()).and_then(|files| write_all(&files, *check))
        }
        What::Names { check, unfinished } => {
            names::files(*unfinished).and_then(|files| write_all(&files, *check))
        }
    };
    match result {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's folder.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn write_all(files: &[Text], check: bool) -> Result<String, String> {
    let said: Result<Vec<String>, String> =
        files.iter().map(|file| write(file.path, &file.text, check)).collect();
    said.map(|lines| lines.join("\n"))
}

fn write(path: &str, text: &str, check: bool) -> Result<String, String> {
    let file = root().join(path);
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    if before == text {
        return Ok(format!("{path} is up to date"));
    }
    if check {
        return Err(format!("{path} is out of date: run `cargo xtask regenerate` and commit the result"));
    }
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    std::fs::write(&file, text).map_err(|error| format!("{path}: {error}"))?;
    Ok(format!("wrote {path}"))
}
