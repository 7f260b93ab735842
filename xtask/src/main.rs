//! `cargo xtask`: the project's own commands, so that a developer and CI run the same thing.
//!
//! Owns: what the tests need on a machine ([`install`]), how phone targets are type-checked without an SDK
//! ([`phones`]), what app developers get ([`package`]), Maven's tests of the Kotlin library ([`kotlin`]), a system with
//! Swift ([`swift`]), the build of the npm package and the page ([`web`]), test programs that are built once for several
//! suites ([`programs`]), and the order, counting and reporting of the suites ([`mod@test`]). Leaves out: the tests themselves, which live beside the code they test.

mod bench;
mod command;
mod install;
mod kotlin;
mod package;
mod phones;
mod programs;
mod regenerate;
mod swift;
mod test;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  cargo xtask test                         install what is missing, then run every suite
  cargo xtask test clippy unit             run two suites
  cargo xtask test simulation --seeds 5000 run the simulation with more seeds than the usual 500
  cargo xtask test --list                  name the suites and what each one needs
  cargo xtask bench --quick                a first look at all benches
  cargo xtask bench --profiles             profiles, and folders of many files
  cargo xtask bench --peers                TCP through a tunnel, beside strongSwan
  cargo xtask bench --web                  the npm package: first verdict, and wasm beside native
  cargo xtask web                          the npm package and the page, into wasm/www/dist
  cargo xtask web --serve                  the same, and serve the page on loopback
  cargo xtask kotlin                       Maven's tests of the Kotlin library, with all they print
  cargo xtask package                      what app developers add: XCFramework, .aar, jar, npm package; sizes
  cargo xtask package --sizes              only build and measure what has a size budget
  cargo xtask regenerate schema            the profile schema's tables, from the fact files
  cargo xtask regenerate bindings          the Swift and Kotlin sources, from the built library";

/// The project's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the tests need (said before it is done), run the suites, print a table of counts.
    Test(test::Args),
    /// Run the benches, print a table and write it to benches/RESULTS.md.
    Bench(bench::Args),
    /// Build the npm package and the page; --serve shows the page.
    Web(web::Args),
    /// Test the Kotlin library with Maven against the built Rust library.
    Kotlin(kotlin::Args),
    /// Build what app developers add to their apps, and print a table of sizes.
    Package(package::Args),
    /// Make the source files that are made from facts or from other source.
    Regenerate(regenerate::Args),
    /// Build and run test programs, for the suites.
    #[command(hide = true)]
    Programs(programs::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Task::Test(args) => test::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::Web(args) => web::run(&args),
        Task::Kotlin(args) => kotlin::run(&args),
        Task::Package(args) => package::run(&args),
        Task::Regenerate(args) => regenerate::run(&args),
        Task::Programs(args) => programs::run(&args),
    }
}
