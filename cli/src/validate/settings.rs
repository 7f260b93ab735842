//! What is judged and what counts: flags, and the configuration file they add to.

use std::path::{Path, PathBuf};

use adit_profile::Severity;
use adit_profile::rules::{self, Options};
use adit_profile::schema::Target;
use adit_profile::syntax::Date;
use serde::Deserialize;

use crate::args::{FailOn, ValidateArgs};
use crate::outcome::Failed;
use crate::template::Values;

/// The configuration file, looked for in the working directory and upwards.
const FILE: &str = "adit.toml";

/// Everything that `adit validate` was told.
#[derive(Debug)]
pub(super) struct Settings {
    pub options: Options,
    /// The least severity that makes the command fail; none: never.
    pub fail_on: Option<Severity>,
    pub baseline: Option<PathBuf>,
    /// Values for the variables of templates.
    pub values: Values,
}

/// `adit.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    validate: Section,
}

/// Its table `[validate]`, one key a flag.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Section {
    target: Vec<String>,
    supervised: bool,
    user_enrollment: bool,
    select: Vec<String>,
    ignore: Vec<String>,
    fail_on: Option<String>,
    baseline: Option<PathBuf>,
    template: bool,
}

impl Settings {
    pub(super) fn of(args: &ValidateArgs) -> Result<Self, Failed> {
        let (file, section) = match (&args.config, args.no_config) {
            (_, true) => (None, Section::default()),
            (Some(path), false) => (Some(path.clone()), read(path)?),
            (None, false) => match find() {
                Some(path) => {
                    let section = read(&path)?;
                    (Some(path), section)
                }
                None => (None, Section::default()),
            },
        };
        let beside = |path: &Path| file.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).join(path);
        let mut targets = args.target.clone();
        if targets.is_empty() {
            for text in &section.target {
                let target =
                    text.parse::<Target>().map_err(|error: String| in_file(file.as_deref(), &error))?;
                targets.push(target);
            }
        }
        for target in &mut targets {
            target.supervised |= args.supervised || section.supervised;
            target.user_enrollment |= args.user_enrollment || section.user_enrollment;
        }
        if targets.is_empty() && (args.supervised || args.user_enrollment) {
            return Err(Failed::usage(
                "--supervised and --user-enrollment say more of a target: add --target",
            ));
        }
        let or =
            |flags: &[String], file: &[String]| if flags.is_empty() { file.to_vec() } else { flags.to_vec() };
        let select = or(&args.select, &section.select);
        // What a project ignores stays ignored, also when a person ignores more.
        let ignore: Vec<String> = args.ignore.iter().chain(&section.ignore).cloned().collect();
        for name in select.iter().chain(&ignore) {
            known(name)?;
        }
        let fail_on = match (args.fail_on, section.fail_on.as_deref()) {
            (Some(flag), _) => flag.severity(),
            (None, None) => Some(Severity::Error),
            (None, Some(word)) => <FailOn as clap::ValueEnum>::from_str(word, true)
                .map_err(|_| {
                    in_file(file.as_deref(), &format!("fail-on = `{word}`: error, warning, notice or never"))
                })?
                .severity(),
        };
        let at = match args.at {
            Some(at) => Some(at),
            None => now(),
        };
        let values = args.template.values()?;
        let template = args.template.is_given() || section.template;
        let options = Options { targets, at, select, ignore, template, ..Options::default() };
        let baseline = args.baseline.clone().or_else(|| section.baseline.as_deref().map(beside));
        Ok(Self { options, fail_on, baseline, values })
    }
}

/// The options of a run that was told nothing: any system, now.
pub(super) fn now_options() -> Options {
    Options { at: now(), ..Options::default() }
}

/// The time by this machine's clock; none when it stands before 1970.
fn now() -> Option<Date> {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    let unix = i64::try_from(since_1970.as_secs()).ok()?;
    Date::from_unix_seconds(unix)
}

/// A code or a family that exists; a misspelt one would silently change nothing.
fn known(name: &str) -> Result<(), Failed> {
    if rules::named(name).is_some() {
        return Ok(());
    }
    let hint = rules::closest(name)
        .map_or_else(|| "`adit rules` lists them".to_owned(), |near| format!("did you mean {near}?"));
    Err(Failed::usage(format!("there is no rule or family `{name}`: {hint}")))
}

fn find() -> Option<PathBuf> {
    let start = std::env::current_dir().ok()?;
    start.ancestors().map(|folder| folder.join(FILE)).find(|path| path.is_file())
}

fn read(path: &Path) -> Result<Section, Failed> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failed::usage(format!("cannot read {}: {error}", path.display())))?;
    let file: File = toml::from_str(&text).map_err(|error| in_file(Some(path), &error.to_string()))?;
    Ok(file.validate)
}

fn in_file(path: Option<&Path>, error: &str) -> Failed {
    Failed::usage(format!("{}: {error}", path.map_or_else(|| FILE.into(), |path| path.display().to_string())))
}
