//! What the suites need beyond git, build-essential and rustup: finding what is missing and installing it.
//!
//! Debian packages are installed with `apt-install.sh`, which keeps every service from starting. Nothing is
//! installed that a chosen suite does not need, and what will be installed is printed before it is done.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::command::{self, output_of, succeeds};
use crate::swift;
use crate::web::{Places, tools as web};

/// The cargo-deny line this project's `deny.toml` is written for, and the version installed when it is missing.
const DENY_LINE: &str = "0.20.";
const DENY_VERSION: &str = "0.20.2";

/// The most one step of an installation may take: a network that answers nothing is not waited for without end.
const STEP_LIMIT: Duration = Duration::from_secs(20 * 60);

/// What Debian calls Node and npm.
const NODE_PACKAGES: [&str; 2] = ["nodejs", "npm"];

const APT_INSTALL: &str = include_str!("apt-install.sh");

/// Something a suite needs on the machine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Need {
    /// Debian packages and what they are for.
    Packages(&'static [&'static str]),
    /// Debian packages that single tests compare with: installed where that can be done; a test that lacks one says so.
    Wanted(&'static [&'static str]),
    /// A component of the pinned toolchain.
    Component(&'static str),
    /// The standard library of another target.
    Target(&'static str),
    /// cargo-deny.
    Deny,
    /// Node with npm.
    Node,
    /// wasm-bindgen's command line, of the crate's version.
    WasmBindgen,
    /// The npm packages of wasm/package-lock.json.
    NpmPackages,
    /// The folder with a Debian that has Swift.
    Swift,
    /// The rights to make network namespaces and TUN devices. Cannot be installed.
    Root,
}

/// Installs what `needs` lists and the machine lacks, saying so first. What could not be installed is found
/// again by [`missing`]: a failed step is reported here and the run goes on, so that one missing tool does not
/// hide the result of the other suites.
pub fn install(needs: &[Need]) {
    let mut packages: Vec<&str> = needs.iter().flat_map(missing_packages).collect();
    if needs.contains(&Need::Node) && web::missing_node().is_some() {
        packages.extend(NODE_PACKAGES);
    }
    let targets: Vec<&str> = needs.iter().filter_map(missing_target).collect();
    let components: Vec<&str> = needs.iter().filter_map(missing_component).collect();
    let deny = needs.contains(&Need::Deny) && deny().is_none();
    let bindgen = needs.contains(&Need::WasmBindgen) && web::bindgen().is_none();
    let npm = needs.contains(&Need::NpmPackages) && web::missing_npm_packages().is_some();
    let swift = needs.contains(&Need::Swift) && swift::missing().is_some();
    let tools_are_there = !deny && !bindgen && !npm && !swift;
    if packages.is_empty() && targets.is_empty() && components.is_empty() && tools_are_there {
        return;
    }
    println!("to be installed:");
    if !packages.is_empty() {
        let how = if is_root() { "no service is started" } else { "left to you: it needs root" };
        println!("  Debian packages ({how}): {}", packages.join(" "));
    }
    if !components.is_empty() {
        println!("  toolchain components: {}", components.join(" "));
    }
    if !targets.is_empty() {
        println!("  standard libraries: {}", targets.join(" "));
    }
    if deny {
        println!("  cargo-deny {DENY_VERSION}, to {} (built from source: some minutes)", tools().display());
    }
    if bindgen {
        let version = web::bindgen_version().unwrap_or_default();
        println!("  wasm-bindgen {version}, to {} (built from source: some minutes)", tools().display());
    }
    if npm {
        println!("  npm packages of wasm/package-lock.json, to wasm/node_modules");
    }
    if swift {
        let how = if is_root() { "" } else { ", left to you: it needs root" };
        println!("  {}{how}", swift::what());
    }
    println!("  (each step for at most {} minutes)", STEP_LIMIT.as_secs() / 60);
    if !packages.is_empty() && is_root() {
        let mut apt = Command::new("sh");
        apt.args(["-c", APT_INSTALL, "apt-install"]).args(&packages);
        step("Debian packages", apt);
    }
    if !components.is_empty() {
        let mut rustup = Command::new("rustup");
        rustup.args(["component", "add"]).args(&components);
        step("toolchain components", rustup);
    }
    if !targets.is_empty() {
        let mut rustup = Command::new("rustup");
        rustup.args(["target", "add"]).args(&targets);
        step("standard libraries", rustup);
    }
    // What is left works in folders of its own, one at a compiler and another at the network.
    let rest = [
        deny.then(|| ("cargo-deny", install_deny())),
        bindgen.then(|| ("wasm-bindgen", web::install_bindgen())),
        npm.then(|| ("npm packages", web::install_npm_packages())),
        (swift && is_root()).then(|| ("Debian with Swift", swift::install())),
    ];
    std::thread::scope(|scope| {
        for (what, command) in rest.into_iter().flatten() {
            scope.spawn(move || step(what, command));
        }
    });
}

fn install_deny() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["install", "--quiet", "--locked", "cargo-deny", "--version", DENY_VERSION, "--root"]);
    cargo.arg(tools()).arg(QUICKLY_BUILT).envs(WITHOUT_DEBUGGING);
    cargo
}

/// What has `cargo install` build a program as quickly as it can: it runs for seconds, and optimising it takes minutes.
pub const QUICKLY_BUILT: &str = "--debug";

/// Nor is anything kept for a debugger.
pub const WITHOUT_DEBUGGING: [(&str, &str); 2] =
    [("CARGO_PROFILE_DEV_DEBUG", "none"), ("CARGO_INCREMENTAL", "0")];

/// Why `need` is not met, or `None` when it is.
pub fn missing(need: &Need) -> Option<String> {
    match need {
        Need::Packages(_) => {
            let packages = missing_packages(need);
            (!packages.is_empty()).then(|| format!("Debian packages are missing: {}", packages.join(" ")))
        }
        Need::Wanted(_) => None,
        Need::Component(_) => {
            missing_component(need).map(|name| format!("toolchain component {name} is missing"))
        }
        Need::Target(_) => missing_target(need).map(|name| format!("standard library of {name} is missing")),
        Need::Root => (!is_root()).then(|| "needs root for namespaces and TUN devices".to_owned()),
        Need::Deny => deny().is_none().then(|| format!("cargo-deny {DENY_LINE}x is missing")),
        Need::Node => web::missing_node(),
        Need::WasmBindgen => web::bindgen().is_none().then(|| {
            format!("wasm-bindgen {} is missing", web::bindgen_version().unwrap_or_else(|error| error))
        }),
        Need::NpmPackages => web::missing_npm_packages(),
        Need::Swift => swift::missing(),
    }
}

/// A cargo-deny of the right line: the user's own, else the one this module installed.
pub fn deny() -> Option<PathBuf> {
    ["cargo-deny".into(), tools().join("bin/cargo-deny")].into_iter().find(|program: &PathBuf| {
        program
            .to_str()
            .and_then(|program| output_of(program, &["--version"]))
            .is_some_and(|version| is_deny(&version))
    })
}

fn is_deny(version: &str) -> bool {
    version.trim().strip_prefix("cargo-deny ").is_some_and(|number| number.starts_with(DENY_LINE))
}

/// Tools built for this project. Outside `target`, so that a new clone does not build them again.
pub fn tools() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home).unwrap_or_default().join("adit-tools")
}

fn is_root() -> bool {
    output_of("id", &["-u"]).is_some_and(|id| id.trim() == "0")
}

fn missing_packages(need: &Need) -> Vec<&'static str> {
    let (Need::Packages(packages) | Need::Wanted(packages)) = need else { return Vec::new() };
    let installed = |package: &str| {
        output_of("dpkg-query", &["--show", "--showformat=${db:Status-Status}", package])
            .is_some_and(|status| status.contains("installed") && !status.contains("not-installed"))
    };
    packages.iter().copied().filter(|package| !installed(package)).collect()
}

fn missing_target(need: &Need) -> Option<&'static str> {
    let Need::Target(target) = need else { return None };
    let libraries = output_of("rustc", &["--print", "target-libdir", "--target", target]);
    let present = libraries.is_some_and(|folder| PathBuf::from(folder.trim()).is_dir());
    (!present).then_some(*target)
}

fn missing_component(need: &Need) -> Option<&'static str> {
    let Need::Component(component) = need else { return None };
    if *component == "rust-src" {
        let sysroot = output_of("rustc", &["--print", "sysroot"]);
        let there = sysroot
            .is_some_and(|folder| PathBuf::from(folder.trim()).join("lib/rustlib/src/rust/library").is_dir());
        return (!there).then_some(*component);
    }
    let subcommand = if *component == "rustfmt" { "fmt" } else { component };
    (!succeeds("cargo", &[subcommand, "--version"])).then_some(*component)
}

/// Runs one installation step quietly; what it printed is shown when it fails.
fn step(what: &str, command: Command) {
    let started = Instant::now();
    let folder = Places::of_workspace().target.join("xtask");
    let log = folder.join(format!("install-{}.log", what.replace(' ', "-")));
    let _ = fs::remove_file(&log);
    let finished = fs::create_dir_all(&folder).and_then(|()| command::capture(command, &log, STEP_LIMIT));
    // In one piece: others print theirs.
    match finished {
        Ok(finished) if finished.success => {
            println!("  installed {what} in {:.0} s", started.elapsed().as_secs_f64());
        }
        Ok(finished) if finished.timed_out => {
            let minutes = STEP_LIMIT.as_secs() / 60;
            println!("  could not install {what}: ended after {minutes} minutes\n{}", finished.log);
        }
        Ok(finished) => println!("  could not install {what}:\n{}", finished.log),
        Err(error) => println!("  could not install {what}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::*;

    /// Runs `apt-install.sh` against an `apt-get` of our own in a folder of its own; answers the exit status.
    fn run_script(folder: &Path, apt_get: &str) -> Option<i32> {
        let bin = folder.join("bin");
        fs::create_dir_all(&bin).unwrap();
        for (name, body) in [("apt-get", apt_get), ("systemctl", "exit 1")] {
            let path = bin.join(name);
            fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let mut sh = Command::new("sh");
        sh.args(["-c", APT_INSTALL, "apt-install", "some-package", "charon-systemd"]);
        sh.env("UNITS", folder.join("units"))
            .env("PATH", path)
            .env("POLICY", folder.join("policy-rc.d"))
            .env("SEEN", folder.join("seen"));
        sh.output().unwrap().status.code()
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("adit-xtask-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn services_are_refused_while_installing_and_the_old_policy_comes_back() {
        let folder = folder("policy-kept");
        let policy = folder.join("policy-rc.d");
        fs::write(&policy, "#!/bin/sh\nexit 0 # mine\n").unwrap();
        fs::set_permissions(&policy, fs::Permissions::from_mode(0o741)).unwrap();
        let code = run_script(&folder, r#""$POLICY" strongswan start; echo $? >> "$SEEN""#);
        assert_eq!(code, Some(0));
        assert_eq!(fs::read_to_string(folder.join("seen")).unwrap(), "101\n101\n");
        assert_eq!(fs::read_to_string(&policy).unwrap(), "#!/bin/sh\nexit 0 # mine\n");
        assert_eq!(fs::metadata(&policy).unwrap().permissions().mode() & 0o777, 0o741);
    }

    #[test]
    fn no_policy_before_means_none_after_even_when_apt_fails() {
        let folder = folder("policy-none");
        assert_eq!(run_script(&folder, "exit 7"), Some(7));
        assert!(!folder.join("policy-rc.d").exists());
        assert!(!folder.join("policy-rc.d.before-adit").exists());
    }

    #[test]
    fn the_daemon_is_not_left_switched_on_for_the_next_boot() {
        let folder = folder("units");
        let wants = folder.join("units/multi-user.target.wants");
        fs::create_dir_all(&wants).unwrap();
        assert_eq!(
            run_script(&folder, r#"touch "$UNITS/multi-user.target.wants/strongswan.service""#),
            Some(0)
        );
        assert_eq!(fs::read_dir(&wants).unwrap().count(), 0);
    }

    #[test]
    fn the_policy_a_killed_run_left_is_undone() {
        let folder = folder("policy-killed");
        run_script(&folder, r#"cp "$POLICY" "$SEEN""#);
        fs::copy(folder.join("seen"), folder.join("policy-rc.d")).unwrap();
        fs::write(folder.join("policy-rc.d.before-adit"), "the user's").unwrap();
        assert_eq!(run_script(&folder, "exit 0"), Some(0));
        assert_eq!(fs::read_to_string(folder.join("policy-rc.d")).unwrap(), "the user's");
        assert!(!folder.join("policy-rc.d.before-adit").exists());
    }

    #[test]
    fn only_the_pinned_line_of_cargo_deny_counts() {
        assert!(is_deny("cargo-deny 0.20.9\n"));
        assert!(!is_deny("cargo-deny 0.2.1\n"));
        assert!(!is_deny("cargo-deny 0.21.0\n"));
    }

    #[test]
    fn a_package_debian_does_not_have_is_missing() {
        let need = Need::Packages(&["adit-no-such-package"]);
        assert!(missing(&need).is_some_and(|reason| reason.contains("adit-no-such-package")));
    }
}
