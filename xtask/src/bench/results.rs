//! `benches/RESULTS.md`: parts for the benches, the profiles, the npm package, the calls of apps and the peers, each replaced by its own run.

use std::fs;
use std::io;
use std::path::Path;

const HEAD: &str = "# Results\n\n\
    Written by `cargo xtask bench`, with `--profiles`, `--web`, `--paths` and `--peers`; each replaces its own part. Numbers\n\
    of a machine that does other things too are worth less than the ratios beside them, which were measured in turns.\n\n";

/// A part of the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// Criterion's benches and the interleaved pairs.
    Benches,
    /// Profiles, in process and by the folder.
    Profiles,
    /// The npm package: WebAssembly beside native code.
    Web,
    /// Calls between an app and the tunnel.
    Paths,
    /// TCP through TUN interfaces.
    Peers,
}

impl Part {
    const ALL: [Self; 5] = [Self::Benches, Self::Profiles, Self::Web, Self::Paths, Self::Peers];

    fn title(self) -> &'static str {
        match self {
            Self::Benches => "## Benches\n",
            Self::Profiles => "## Profiles\n",
            Self::Web => "## Web\n",
            Self::Paths => "## Paths\n",
            Self::Peers => "## Peers\n",
        }
    }
}

/// Replaces `part` by what was measured now. `how` is the command that repeats it.
///
/// # Errors
/// The file cannot be read or written.
pub fn write(root: &Path, part: Part, how: &str, machine: &str, report: &str) -> io::Result<()> {
    let path = root.join("benches/RESULTS.md");
    let old = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    let fresh = format!("{}\nTo repeat: `{how}`\n\n{machine}\n{}\n", part.title(), report.trim_end());
    fs::write(&path, replaced(&old, part, &fresh))?;
    println!("written to {}", path.display());
    Ok(())
}

/// The file with `fresh` in the place of `part`, the other parts as they were.
fn replaced(old: &str, part: Part, fresh: &str) -> String {
    let parts = Part::ALL.map(|other| if other == part { Some(fresh) } else { find(old, other) });
    let parts: Vec<&str> = parts.into_iter().flatten().map(str::trim_end).collect();
    format!("{HEAD}{}\n", parts.join("\n\n"))
}

/// The text of a part, title included.
fn find(text: &str, part: Part) -> Option<&str> {
    let from = text.find(part.title())?;
    let rest = text.get(from..)?;
    let end = rest.get(1..)?.find("\n## ").map_or(rest.len(), |at| at + 2);
    rest.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_replaces_its_own_part_and_keeps_the_other() {
        let first = replaced("", Part::Peers, "## Peers\n\nratio 2\n");
        let second = replaced(&first, Part::Benches, "## Benches\n\n### seal\n\n1 ns\n");
        let third = replaced(&second, Part::Peers, "## Peers\n\nratio 3\n");
        let fourth = replaced(&third, Part::Benches, "## Benches\n\n### seal\n\n2 ns\n");
        assert_eq!(fourth, format!("{HEAD}## Benches\n\n### seal\n\n2 ns\n\n## Peers\n\nratio 3\n"));
    }
}
