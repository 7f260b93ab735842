//! `adit new`: writes profiles, from flags and from TOML or JSON files.
//!
//! Owns the flags, made from the builder's table of fields, and what is done around the builder: fetching secrets,
//! checking the result, writing it. What a profile may be is the builder's, `adit_profile::build`.

mod arguments;
mod list;
mod material;
mod rule_text;
mod tree;
mod verdict;

use std::path::Path;

use adit_profile::build::{Seed, Spec, to_binary, to_xml};
use zeroize::Zeroizing;

pub use arguments::NewArgs;

use crate::outcome::Failed;
use crate::{output, term};
use arguments::{Action, MakeArgs, Syntax};

/// Runs the command.
pub fn run(args: &NewArgs) -> Result<(), Failed> {
    match &args.action {
        Action::List { kind, json } => {
            list::run(*kind, *json);
            Ok(())
        }
        Action::Make(args) => make(args),
    }
}

fn make(args: &MakeArgs) -> Result<(), Failed> {
    let mut source = tree::read(args)?;
    material::fetch(&mut source.spec, &source.folder)?;
    let bytes = profile(&source.spec, &seed(args)?, args.format)?;
    verdict::judge(&bytes, &source.spec, args)?;
    let Some(path) = &args.output else { return output::write(Path::new("-"), &bytes, false) };
    output::write(path, &bytes, args.force)?;
    term::note(&format!("wrote {}", path.display()));
    Ok(())
}

fn profile(spec: &Spec, seed: &Seed, format: Syntax) -> Result<Zeroizing<Vec<u8>>, Failed> {
    let value = spec.build(seed).map_err(Failed::usage)?;
    let bytes = match format {
        Syntax::Xml => to_xml(&value).map(|text| Zeroizing::new(text.as_bytes().to_vec())),
        Syntax::Binary => to_binary(&value),
    };
    bytes.map_err(Failed::usage)
}

/// What the user gave, as a UUID or as any text; else a random one.
fn seed(args: &MakeArgs) -> Result<Seed, Failed> {
    let Some(text) = &args.seed else {
        let mut bytes = [0; 16];
        adit_crypto::default_provider().random.fill(&mut bytes).map_err(Failed::task)?;
        return Ok(Seed(bytes));
    };
    Ok(Seed::read(text))
}
