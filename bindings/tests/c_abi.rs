//! The C ABI: the header beside the declarations, and a program in C that runs a tunnel.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![cfg(target_os = "linux")]

mod support;

use std::fmt::Write as _;
use std::mem::{offset_of, size_of};
use std::path::{Path, PathBuf};
use std::process::Command;

use adit_bindings::c_abi;
use adit_bindings::c_abi::packets::adit_packet;
use adit_bindings::c_abi::session::adit_stats;
use adit_test_gateway::{TestGateway, TestGatewayKind};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compiles a C program; `None`, and a line that says so, on a machine without a compiler.
fn compile(source: &Path, program: &Path, more: &[&str]) -> Option<()> {
    let output = Command::new("cc")
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-I"])
        .arg(folder().join("include"))
        .arg(source)
        .args(["-o"])
        .arg(program)
        .args(more)
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            println!("left out: the C ABI's programs: no C compiler ({error})");
            return None;
        }
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(())
}

fn out(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The names of the exported functions, from the source.
fn exported() -> Vec<String> {
    let mut names = Vec::new();
    for file in ["mod.rs", "packets.rs", "session.rs"] {
        let source = std::fs::read_to_string(folder().join("src/c_abi").join(file)).unwrap();
        for rest in source.split("extern \"C\" fn ").skip(1) {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if name.starts_with("adit_") {
                names.push(name);
            }
        }
    }
    names.sort();
    names
}

#[test]
fn the_header_has_every_function_every_size_and_every_number() {
    let header = std::fs::read_to_string(folder().join("include/adit.h")).unwrap();
    let mut declared: Vec<String> = header
        .lines()
        .filter(|line| !line.trim_start().starts_with(['*', '/']))
        .filter_map(|line| {
            let before = line.split_once('(')?.0;
            let name = before.rsplit([' ', '*']).next()?;
            (name.starts_with("adit_") && !before.starts_with("typedef")).then(|| name.to_owned())
        })
        .collect();
    declared.sort();
    assert_eq!(declared, exported());

    let mut expected: Vec<(String, i64)> = vec![
        ("sizeof(struct adit_packet)".into(), size_of::<adit_packet>() as i64),
        ("offsetof(struct adit_packet, data)".into(), offset_of!(adit_packet, data) as i64),
        ("offsetof(struct adit_packet, len)".into(), offset_of!(adit_packet, len) as i64),
        ("sizeof(struct adit_stats)".into(), size_of::<adit_stats>() as i64),
        ("ADIT_ABI_VERSION".into(), c_abi::ADIT_ABI_VERSION.into()),
        ("ADIT_BATCH_MAX".into(), c_abi::packets::ADIT_BATCH_MAX as i64),
        ("ADIT_EVENT".into(), c_abi::session::ADIT_EVENT.into()),
    ];
    macro_rules! fields {
        ($($field:ident),*) => { $(
            expected.push((format!("offsetof(struct adit_stats, {})", stringify!($field)), offset_of!(adit_stats, $field) as i64));
        )* };
    }
    fields!(
        connected,
        packets_sent,
        bytes_sent,
        packets_received,
        bytes_received,
        packets_not_sent,
        datagrams_discarded,
        datagrams_unsent,
        packets_undelivered
    );
    macro_rules! codes {
        ($($code:ident),*) => { $( expected.push((stringify!($code).into(), c_abi::$code.into())); )* };
    }
    codes!(
        ADIT_OK,
        ADIT_USAGE,
        ADIT_PROFILE,
        ADIT_CREDENTIALS,
        ADIT_SERVER_IDENTITY,
        ADIT_NEGOTIATION,
        ADIT_NETWORK,
        ADIT_SERVER_DISCONNECTED,
        ADIT_SYSTEM,
        ADIT_INTERNAL
    );
    let mut source = String::from("#include <stdio.h>\n#include \"adit.h\"\nint main(void) {\n");
    for (what, _) in &expected {
        writeln!(source, "    printf(\"%lld\\n\", (long long)({what}));").unwrap();
    }
    source.push_str("    return 0;\n}\n");
    let (file, program) = (out("layout.c"), out("layout"));
    std::fs::write(&file, source).unwrap();
    if compile(&file, &program, &[]).is_none() {
        return;
    }
    let output = Command::new(&program).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<i64> = printed.lines().map(|line| line.parse().unwrap()).collect();
    let wanted: Vec<i64> = expected.iter().map(|(_, number)| *number).collect();
    assert_eq!(numbers, wanted, "{expected:?}");
}

/// The most memory that a host has in use at 10,000 packets a second, in KiB.
const RESIDENT_MAX: u64 = 12 * 1024;

/// Runs the program in C against a gateway in this process, with 10,000 packets a second. Gives what it printed.
fn run_host(program: &Path, library: Option<&Path>, seconds: &str) -> String {
    let gateway = TestGateway::new(TestGatewayKind::Named).unwrap();
    let profile = program.with_extension("mobileconfig");
    std::fs::write(&profile, gateway.profile().unwrap()).unwrap();
    let mut host = Command::new(program);
    if let Some(library) = library {
        host.env("LD_LIBRARY_PATH", library);
    }
    let output =
        host.arg(&profile).arg(gateway.overrides().unwrap()).args(["10000", seconds]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[test]
fn a_program_in_c_runs_a_tunnel_and_moves_packets() {
    // Beside this test's own program lies the library it was built with.
    let library = std::env::current_exe().unwrap();
    let library = library.parent().unwrap();
    if !library.join("libadit_bindings.so").is_file() {
        panic!("the shared library is not at {}", library.display());
    }
    let program = out("host");
    let search = format!("-L{}", library.display());
    if compile(&folder().join("tests/c/host.c"), &program, &[&search, "-ladit_bindings"]).is_none() {
        return;
    }
    let said = run_host(&program, Some(library), "2");
    assert!(said.contains("received"), "{said}");
    print!("{said}");
}

/// `ADIT_PHONE_LIBRARY` names the static library, built for this machine as it is for apps: the suite `sizes` of
/// `cargo xtask test` does that.
#[test]
fn the_library_of_an_app_stays_within_its_memory() {
    let Some(library) = std::env::var_os("ADIT_PHONE_LIBRARY").map(PathBuf::from) else {
        println!("left out: the memory of the library as apps have it (cargo xtask test sizes)");
        return;
    };
    let program = out("host-phone");
    let library = library.to_str().unwrap();
    let libraries = [library, "-Wl,--gc-sections", "-lgcc_s", "-lpthread", "-ldl", "-lm"];
    if compile(&folder().join("tests/c/host.c"), &program, &libraries).is_none() {
        return;
    }
    let said = run_host(&program, None, "5");
    print!("{said}");
    let number = |before: &str, behind: &str| -> u64 {
        let (said, _) = said.split_once(behind).unwrap();
        said.rsplit_once(before).unwrap().1.parse().unwrap()
    };
    let resident = number("peak resident ", " KiB");
    assert!(resident <= RESIDENT_MAX, "{resident} KiB, of {RESIDENT_MAX} at most");
    let pace = number("\n", " packets a second");
    assert!(pace >= 9_500, "{pace} packets a second, of 10,000");
}
