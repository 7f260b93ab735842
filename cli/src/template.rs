//! Profiles that are templates still: reading them as such, and filling them in before anything else.

use std::collections::BTreeMap;

use adit_profile::{Document, Limits};
use clap::Args;
use zeroize::Zeroizing;

use crate::outcome::Failed;
use crate::term;

/// `--template` and `--set`.
#[derive(Args, Clone, Debug, Default)]
pub struct TemplateArgs {
    /// Read files as templates: variables count anywhere in a value, tags of a template engine are overlooked.
    #[arg(long)]
    pub template: bool,
    /// Fill a template's variable in first; repeatable, implies --template.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    values: Vec<String>,
}

/// Values for the variables of a template.
pub type Values = BTreeMap<String, String>;

impl TemplateArgs {
    /// The values given.
    pub fn values(&self) -> Result<Values, Failed> {
        let one = |text: &String| {
            let (name, value) = text
                .split_once('=')
                .filter(|(name, _)| !name.is_empty())
                .ok_or_else(|| Failed::usage(format!("--set {text}: write it as NAME=VALUE")))?;
            Ok((name.to_owned(), value.to_owned()))
        };
        self.values.iter().map(one).collect()
    }

    /// Whether a file is a template.
    pub fn is_given(&self) -> bool {
        self.template || !self.values.is_empty()
    }

    /// Reads a profile, filled in where values were given; what was read comes back beside it.
    pub fn read(
        &self,
        name: &str,
        bytes: Zeroizing<Vec<u8>>,
    ) -> Result<(Zeroizing<Vec<u8>>, Document), Failed> {
        let filled =
            filled(name, &bytes, &self.values()?).map(|text| Zeroizing::new(text.as_bytes().to_vec()));
        let bytes = filled.unwrap_or(bytes);
        let document = read(&bytes, self.is_given());
        Ok((bytes, document))
    }
}

/// Reads a profile, or a template of one.
pub fn read(bytes: &[u8], template: bool) -> Document {
    match template {
        true => Document::read_template(bytes, &Limits::default()),
        false => Document::read_within(bytes, &Limits::default()),
    }
}

/// The file with its variables filled in; `None` where no values were given, or the file is no text. Says which values the file
/// asks for and did not get, or got in vain.
pub fn filled(name: &str, file: &[u8], values: &Values) -> Option<Zeroizing<String>> {
    let text = std::str::from_utf8(file).ok().filter(|_| !values.is_empty())?;
    let rendered = adit_profile::template::render(text, values);
    for variable in rendered.unset.iter().take(20) {
        term::warn(&format!("{name}: nothing was given for {}", term::printable(variable)));
    }
    for variable in &rendered.unused {
        term::warn(&format!("{name}: it does not ask for {}", term::printable(variable)));
    }
    Some(rendered.text)
}
