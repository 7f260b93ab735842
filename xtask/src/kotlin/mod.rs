//! `cargo xtask kotlin`: Maven's tests of the Kotlin library, against the built Rust library, reported as cargo's are.
//!
//! Owns: how Maven is called, and reading what it leaves ([`surefire`]). Leaves out: installing Java and Maven
//! ([`crate::install`]), and what is tested (kotlin/). What Maven fetches it keeps in the user's own `~/.m2`.

mod surefire;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::install::Need;
use crate::programs;
use crate::web::Places;

/// What the suite needs.
pub const NEEDS: &[Need] = &[Need::Packages(&["openjdk-17-jdk-headless", "maven"])];

/// Arguments of `cargo xtask kotlin`.
#[derive(clap::Args)]
pub struct Args {
    /// Take the Rust library from this folder; else it is built first.
    #[arg(long, value_name = "FOLDER")]
    library: Option<PathBuf>,
}

/// Runs the command; success only when every test that is written was run and held.
pub fn run(args: &Args) -> ExitCode {
    let Some(root) = Path::new(env!("CARGO_MANIFEST_DIR")).parent() else { return ExitCode::FAILURE };
    match build_and_test(root, args.library.clone()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn build_and_test(root: &Path, library: Option<PathBuf>) -> io::Result<bool> {
    let library = match library {
        Some(folder) => folder,
        // With the gateway that is the tests' server.
        None if programs::library(false)?.status()?.success() => {
            programs::library_folder(&Places::of_workspace().target)
        }
        None => return Ok(false),
    };
    let kotlin = root.join("kotlin");
    let modules = cleaned(&kotlin)?;
    let maven = Command::new("mvn")
        .args(["-B", "-q", "-Dstyle.color=never", "-Dmaven.wagon.http.retryHandler.count=3", "--fail-at-end"])
        .arg(format!("-Dadit.library.path={}", library.display()))
        .arg("test")
        .current_dir(&kotlin)
        .status()?;
    let mut outcome = surefire::Outcome::default();
    let mut written = 0;
    for module in &modules {
        outcome.read_folder(&module.join("target/surefire-reports"))?;
        written += tests_in(&module.join("src/test"))?;
    }
    print!("{}", outcome.as_libtest());
    let ran = outcome.tests.len();
    if maven.success() && ran != written {
        // JUnit passes over a test whose function gives something back.
        println!("error: {written} tests are written and {ran} were run");
        return Ok(false);
    }
    Ok(maven.success() && outcome.failed() == 0 && ran > 0)
}

/// The folders of Maven's modules, without what was built in them: Kotlin's compiler leaves classes whose source is gone, and
/// surefire the reports of their tests.
///
/// # Errors
/// A folder cannot be read or deleted.
pub fn cleaned(kotlin: &Path) -> io::Result<Vec<PathBuf>> {
    let modules = modules(kotlin)?;
    for module in &modules {
        match fs::remove_dir_all(module.join("target")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(modules)
}

/// The folders of Maven's modules.
fn modules(kotlin: &Path) -> io::Result<Vec<PathBuf>> {
    let mut modules = Vec::new();
    for entry in fs::read_dir(kotlin)? {
        let path = entry?.path();
        if path.join("pom.xml").is_file() {
            modules.push(path);
        }
    }
    modules.sort();
    Ok(modules)
}

/// How many tests the sources in a folder hold.
fn tests_in(folder: &Path) -> io::Result<usize> {
    if !folder.is_dir() {
        return Ok(0);
    }
    let mut tests = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            tests += tests_in(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "kt") {
            tests += fs::read_to_string(path)?.lines().filter(|line| line.trim() == "@Test").count();
        }
    }
    Ok(tests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_a_build_before_are_deleted_and_sources_are_not() {
        let kotlin = std::env::temp_dir().join(format!("adit-xtask-{}-kotlin", std::process::id()));
        for (file, module) in
            [("pom.xml", "core"), ("target/classes/Gone.class", "core"), ("target/kept", "no-module")]
        {
            let path = kotlin.join(module).join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        assert_eq!(cleaned(&kotlin).unwrap(), [kotlin.join("core")]);
        assert!(!kotlin.join("core/target").exists() && kotlin.join("core/pom.xml").exists());
        assert!(kotlin.join("no-module/target/kept").exists());
        fs::remove_dir_all(kotlin).unwrap();
    }

    #[test]
    fn the_modules_and_their_tests_are_found() {
        let kotlin = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("kotlin");
        let modules = modules(&kotlin).unwrap();
        let names: Vec<_> = modules.iter().filter_map(|module| module.file_name()?.to_str()).collect();
        assert!(names.contains(&"core") && names.contains(&"android"), "{names:?}");
        assert!(
            modules
                .iter()
                .all(|module| !module.join("src/main").exists() || module.join("pom.xml").is_file())
        );
        assert!(tests_in(&kotlin.join("core/src/test")).unwrap() > 10);
        assert_eq!(tests_in(&kotlin.join("no-such-folder")).unwrap(), 0);
    }
}
