//! The npm package of the profile library (`cargo xtask web --package`), as `npm publish` would send it.

use std::process::Command;

use super::table::Table;
use super::{Work, output, row, step};

/// Builds and packs it.
pub fn archive(work: &Work, table: &mut Table) -> Result<(), String> {
    let archive = step("npm package", || {
        let xtask =
            std::env::current_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
        output(Command::new(xtask).current_dir(&work.root).args(["web", "--package", "--no-install"]))?;
        std::fs::create_dir_all(&work.out).map_err(|error| super::at(&work.out, &error))?;
        let mut npm = Command::new("npm");
        npm.current_dir(work.root.join("wasm/package")).args(["pack", "--silent", "--pack-destination"]);
        let said = output(npm.arg(&work.out))?;
        let name = said.lines().last().map(str::trim).unwrap_or_default();
        Ok(work.out.join(name))
    })?;
    table.add(row("npm package @adit/profile", &archive)?);
    Ok(())
}
