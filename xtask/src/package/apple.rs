//! The XCFramework for the Swift package, and what of the library ends up in an app.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::cross::{IOS_OLDEST, MACOS_OLDEST, Target, archive, rust_lld};
use super::exports::{self, HEADER_FOLDER, HEADERS};
use super::table::{Row, Table};
use super::{BUDGET, LIBRARY, Work, copy, fresh, output, row, size, step, write, zip};

/// One library of the framework.
#[derive(Clone, Copy)]
pub struct Slice {
    target: &'static str,
    /// Its folder, as Xcode names it.
    identifier: &'static str,
    platform: &'static str,
    oldest: &'static str,
    what: &'static str,
}

/// iPhones and iPads.
pub const IOS: Slice = Slice {
    target: "aarch64-apple-ios",
    identifier: "ios-arm64",
    platform: "ios",
    oldest: IOS_OLDEST,
    what: "static library, iOS arm64",
};

const MACOS: Slice = Slice {
    target: "aarch64-apple-darwin",
    identifier: "macos-arm64",
    platform: "macos",
    oldest: MACOS_OLDEST,
    what: "static library, macOS arm64",
};

const NAME: &str = "Adit.xcframework";

/// For an app's privacy report: nothing is collected, and time since boot is read to keep deadlines. Also a resource of the
/// Swift package, where Xcode looks for it in any case.
const PRIVACY: &str = include_str!("../../../swift-package/Sources/Adit/PrivacyInfo.xcprivacy");

/// What the framework is made of.
pub const SLICES: [Slice; 2] = [IOS, MACOS];

impl Slice {
    /// What is built for it.
    pub fn target(&self) -> Target {
        (self.target, None)
    }
}

/// Lays the framework out, of libraries that are built, and zips it. Answers the zip.
pub fn framework(work: &Work, table: &mut Table) -> Result<PathBuf, String> {
    let framework = work.out.join(NAME);
    fresh(&framework)?;
    for slice in SLICES {
        let folder = framework.join(slice.identifier);
        without_debugging(&archive(&work.target, slice.target), &folder.join(format!("lib{LIBRARY}.a")))?;
        let headers = folder.join("Headers/AditFFI");
        for header in HEADERS {
            copy(&work.root.join(HEADER_FOLDER).join(header), &headers.join(header))?;
        }
        write(&headers.join("module.modulemap"), &module_map())?;
        write(&folder.join("PrivacyInfo.xcprivacy"), PRIVACY)?;
        table.add(measure(work, slice)?);
    }
    write(&framework.join("Info.plist"), &info(&SLICES))?;
    let archive = work.out.join(format!("{NAME}.zip"));
    step("Adit.xcframework.zip", || zip(&work.out, &archive, &[NAME]))?;
    table.add(row("Adit.xcframework.zip", &archive)?);
    Ok(archive)
}

/// Copies a library without what tells a debugger of ring's C and assembler: the paths in it are this machine's.
fn without_debugging(library: &Path, to: &Path) -> Result<(), String> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(|error| super::at(folder, &error))?;
    }
    output(Command::new("llvm-objcopy").arg("--strip-debug").arg(library).arg(to)).map(drop)
}

/// Tells the Swift package where the zip will be found and what it must be.
pub fn release(work: &Work, archive: &Path, url: &str) -> Result<(), String> {
    let said = output(Command::new("sha256sum").arg(archive))?;
    let checksum = said.split_whitespace().next().unwrap_or_default();
    let path = work.root.join("swift-package/XCFramework.release");
    write(&path, &release_text(url, checksum)?)?;
    println!("written to {}", path.display());
    Ok(())
}

/// What `XCFramework.release` says; `swift-package/Package.swift` reads it.
///
/// # Errors
/// SwiftPM would not take the address.
pub fn release_text(url: &str, checksum: &str) -> Result<String, String> {
    // SwiftPM takes nothing else, and a checksum over an open connection would be for nothing.
    if !url.starts_with("https://") || !url.ends_with(".zip") {
        return Err(format!("--url {url}: SwiftPM wants an https address of a .zip"));
    }
    Ok(format!("url: {url}\nchecksum: {checksum}\n"))
}

/// What of one library, which is built, ends up in an app: links everything that an app may call into an image and drops the
/// rest, as Xcode does.
pub fn measure(work: &Work, slice: Slice) -> Result<Row, String> {
    let library = archive(&work.target, slice.target);
    let image = library.with_extension("measured.dylib");
    let mut lld = Command::new(rust_lld()?);
    lld.args([
        "-flavor",
        "darwin",
        "-arch",
        "arm64",
        "-platform_version",
        slice.platform,
        slice.oldest,
        "26.0",
    ]);
    lld.args(["-dylib", "-undefined", "dynamic_lookup", "-dead_strip", "-x"]);
    for symbol in exports::functions(&work.root)? {
        // As Apple's linkers name it.
        let symbol = format!("_{symbol}");
        lld.args(["-u", &symbol, "-exported_symbol", &symbol]);
    }
    output(lld.arg(&library).arg("-o").arg(&image))?;
    let (file, linked) = (size(&library)?, size(&image)?);
    let budget = (slice.platform == "ios").then_some(BUDGET);
    Ok(Row { what: slice.what.into(), file, linked: Some(linked), budget })
}

fn module_map() -> String {
    let headers: String = HEADERS.iter().map(|name| format!("    header \"{name}\"\n")).collect();
    format!("module AditFFI {{\n{headers}    export *\n}}\n")
}

fn info(slices: &[Slice]) -> String {
    let libraries: String = slices
        .iter()
        .map(|slice| {
            format!(
                "\t\t<dict>\n\
                 \t\t\t<key>BinaryPath</key>\n\t\t\t<string>lib{LIBRARY}.a</string>\n\
                 \t\t\t<key>HeadersPath</key>\n\t\t\t<string>Headers</string>\n\
                 \t\t\t<key>LibraryIdentifier</key>\n\t\t\t<string>{}</string>\n\
                 \t\t\t<key>LibraryPath</key>\n\t\t\t<string>lib{LIBRARY}.a</string>\n\
                 \t\t\t<key>SupportedArchitectures</key>\n\t\t\t<array>\n\t\t\t\t<string>arm64</string>\n\t\t\t</array>\n\
                 \t\t\t<key>SupportedPlatform</key>\n\t\t\t<string>{}</string>\n\
                 \t\t</dict>\n",
                slice.identifier, slice.platform
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n\
         \t<key>AvailableLibraries</key>\n\t<array>\n{libraries}\t</array>\n\
         \t<key>CFBundlePackageType</key>\n\t<string>XFWK</string>\n\
         \t<key>XCFrameworkFormatVersion</key>\n\t<string>1.0</string>\n\
         </dict>\n</plist>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_property_lists_are_property_lists() {
        for (name, text) in [("Info.plist", info(&SLICES)), ("PrivacyInfo.xcprivacy", PRIVACY.to_owned())] {
            let list = plist::Value::from_reader_xml(text.as_bytes())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(list.as_dictionary().is_some(), "{name}");
        }
        let list = plist::Value::from_reader_xml(info(&SLICES).as_bytes()).unwrap();
        let libraries = list.as_dictionary().unwrap().get("AvailableLibraries").unwrap().as_array().unwrap();
        let identifiers: Vec<_> = libraries
            .iter()
            .map(|one| one.as_dictionary().unwrap().get("LibraryIdentifier").unwrap().as_string().unwrap())
            .collect();
        assert_eq!(identifiers, ["ios-arm64", "macos-arm64"]);
    }

    #[test]
    fn the_module_is_the_one_that_swift_imports() {
        assert!(module_map().starts_with("module AditFFI {") && module_map().contains("header \"adit.h\""));
    }
}
