//! Profiles that are templates still: reading them as such, and filling them in before anything else.

use adit_profile::template::{Rendered, Values as Kept};
use adit_profile::{Document, Limits, Named};
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
pub type Values = Named<String>;

/// A file, perhaps filled in, and what was read of it.
pub type Read = (Zeroizing<Vec<u8>>, Document);

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

    /// Reads two profiles that are compared, both filled in: a value may be for one of them only.
    pub fn read_both(&self, files: [(&str, Zeroizing<Vec<u8>>); 2]) -> Result<[Document; 2], Failed> {
        let values = self.values()?;
        let rendered = files.each_ref().map(|(name, bytes)| rendered(name, bytes, &values));
        let in_vain = |one: &Option<Rendered>, name| one.as_ref().is_none_or(|one| one.unused.contains(name));
        for name in values.names().filter(|name| rendered.iter().all(|one| in_vain(one, *name))) {
            term::warn(&format!("neither of the two asks for {}", term::printable(name)));
        }
        let [first, second] = files.each_ref().map(|(_, bytes)| bytes.as_slice());
        let [one, other] = rendered.each_ref().map(|one| one.as_ref().map(|one| one.text.as_bytes()));
        let read = |text: Option<&[u8]>, file| read(text.unwrap_or(file), self.kept(Kept::AsWritten));
        Ok([read(one, first), read(other, second)])
    }

    /// Reads a profile, filled in where values were given; what was read comes back beside it.
    pub fn read(&self, name: &str, bytes: Zeroizing<Vec<u8>>) -> Result<Read, Failed> {
        self.read_with(name, bytes, Kept::AsPlaceholders)
    }

    /// The same for a command that writes the values down: those that are not filled in stay as they are written.
    pub fn read_as_written(&self, name: &str, bytes: Zeroizing<Vec<u8>>) -> Result<Read, Failed> {
        self.read_with(name, bytes, Kept::AsWritten)
    }

    fn read_with(&self, name: &str, bytes: Zeroizing<Vec<u8>>, kept: Kept) -> Result<Read, Failed> {
        let filled =
            filled(name, &bytes, &self.values()?).map(|text| Zeroizing::new(text.as_bytes().to_vec()));
        let bytes = filled.unwrap_or(bytes);
        let document = read(&bytes, self.kept(kept));
        Ok((bytes, document))
    }

    fn kept(&self, kept: Kept) -> Option<Kept> {
        self.is_given().then_some(kept)
    }
}

/// Reads a profile, or a template of one.
pub fn read(bytes: &[u8], template: Option<Kept>) -> Document {
    match template {
        Some(kept) => Document::read_template(bytes, &Limits::default(), kept),
        None => Document::read_within(bytes, &Limits::default()),
    }
}

/// The file with its variables filled in; `None` where no values were given, or the file is no text. Says which values the file
/// asks for and did not get, or got in vain.
pub fn filled(name: &str, file: &[u8], values: &Values) -> Option<Zeroizing<String>> {
    let rendered = rendered(name, file, values)?;
    for variable in &rendered.unused {
        term::warn(&format!("{name}: it does not ask for {}", term::printable(variable)));
    }
    Some(rendered.text)
}

/// The same, which says nothing of values that were given in vain.
fn rendered(name: &str, file: &[u8], values: &Values) -> Option<Rendered> {
    if values.is_empty() {
        return None;
    }
    let Ok(text) = std::str::from_utf8(file) else {
        term::warn(&format!("{name}: --set fills nothing in: a signed or binary file is no template"));
        return None;
    };
    let rendered = adit_profile::template::render(text, values);
    for variable in rendered.unset.iter().take(20) {
        term::warn(&format!("{name}: nothing was given for {}", term::printable(variable)));
    }
    Some(rendered)
}
