//! The Kotlin jars (Maven), and the `.aar` that Android apps add.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::table::Table;
use super::{LIBRARY, Work, android, copy, fresh, maven, output, row, step, write, zip};

/// The package of the library's classes, as `kotlin/android/build.gradle.kts` has it.
const NAMESPACE: &str = "adit.android";

/// The least API level, as there.
const LEAST_LEVEL: u32 = 26;

/// Builds the jars, lays the `.aar` out, and makes a Maven repository of both.
pub fn archives(work: &Work, table: &mut Table) -> Result<(), String> {
    let kotlin = work.root.join("kotlin");
    step("Kotlin jars", || {
        crate::kotlin::cleaned(&kotlin).map_err(|error| super::at(&kotlin, &error))?;
        let mut maven = Command::new("mvn");
        output(maven.current_dir(&kotlin).args(["-B", "-q", "-DskipTests", "package"])).map(drop)
    })?;
    let repository = maven::repository(work)?;
    let core = work.out.join("adit-core.jar");
    copy(&jar(&kotlin.join("core/target"))?, &core)?;
    maven::add(work, &repository, &maven::CORE, VERSION, &core)?;
    table.add(row("Kotlin library (JVM), adit-core.jar", &core)?);
    let archive = work.out.join("adit-android.aar");
    step("adit-android.aar", || {
        let folder = work.out.join("aar");
        fresh(&folder)?;
        let module = kotlin.join("android");
        // One jar for the app: the service and the library below it.
        let classes = folder.join("classes");
        for part in [jar(&kotlin.join("core/target"))?, jar(&module.join("target"))?] {
            std::fs::create_dir_all(&classes).map_err(|error| super::at(&classes, &error))?;
            output(Command::new("jar").current_dir(&classes).arg("-xf").arg(part))?;
        }
        zip(&classes, &folder.join("classes.jar"), &["."])?;
        std::fs::remove_dir_all(&classes).map_err(|error| super::at(&classes, &error))?;
        lay_out(&module, &work.out.join("android/jni"), &folder)?;
        if work.ndk.is_none() {
            write(&folder.join(android::MARK.0), android::MARK.1)?;
        }
        zip(&folder, &archive, &["."])?;
        std::fs::remove_dir_all(&folder).map_err(|error| super::at(&folder, &error))
    })?;
    maven::add(work, &repository, &maven::ANDROID, &version_for_android(work.ndk.is_some()), &archive)?;
    table.add(row("Android library, adit-android.aar", &archive)?);
    Ok(())
}

/// The version of the packages: the workspace's.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The version of the `.aar`, which no app takes by mistake for one it can ship.
fn version_for_android(for_apps: bool) -> String {
    format!("{VERSION}{}", if for_apps { "" } else { "-for-checking-only" })
}

/// What an `.aar` has beside `classes.jar`: the manifest with what Android's tools want of a packed one, keep rules, the list
/// of resources, and the libraries.
fn lay_out(module: &Path, libraries: &Path, folder: &Path) -> Result<(), String> {
    let manifest = module.join("src/main/AndroidManifest.xml");
    let source = std::fs::read_to_string(&manifest).map_err(|error| super::at(&manifest, &error))?;
    write(&folder.join("AndroidManifest.xml"), &packed(&source)?)?;
    copy(&module.join("src/main/resources/META-INF/proguard/adit.pro"), &folder.join("proguard.txt"))?;
    // No resources.
    write(&folder.join("R.txt"), "")?;
    for abi in android::ABIS {
        let inside = PathBuf::from(abi.name).join(format!("lib{LIBRARY}.so"));
        copy(&libraries.join(&inside), &folder.join("jni").join(&inside))?;
    }
    Ok(())
}

/// The manifest as it is packed. In sources Gradle's file says package and least level; who reads the archive has no other
/// place for them.
fn packed(source: &str) -> Result<String, String> {
    let malformed = || "kotlin/android's manifest has no <manifest ...>".to_owned();
    let (head, rest) = source.split_once("<manifest").ok_or_else(malformed)?;
    let (attributes, body) = rest.split_once('>').ok_or_else(malformed)?;
    if attributes.contains("package=") || body.contains("<uses-sdk") {
        return Err("kotlin/android's manifest says what kotlin/android/build.gradle.kts says: take it out"
            .to_owned());
    }
    let level = format!("<uses-sdk android:minSdkVersion=\"{LEAST_LEVEL}\" />");
    Ok(format!("{head}<manifest{attributes}\n    package=\"{NAMESPACE}\">\n\n    {level}{body}"))
}

/// The jar of a Maven module, but those of sources and documentation.
fn jar(target: &Path) -> Result<PathBuf, String> {
    let entries = std::fs::read_dir(target).map_err(|error| super::at(target, &error))?;
    let is_library = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.ends_with(".jar") && !["-sources", "-javadoc", "-tests"].iter().any(|kind| name.contains(kind))
    };
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_library).collect();
    found.sort();
    found.pop().ok_or_else(|| format!("{} holds no jar", target.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn module() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("kotlin/android")
    }

    #[test]
    fn the_archive_says_package_and_least_level_and_has_what_apps_take_from_it() {
        let scratch = std::env::temp_dir().join(format!("adit-aar-{}", std::process::id()));
        let _ = fs::remove_dir_all(&scratch);
        for abi in android::ABIS {
            write(&scratch.join("jni").join(abi.name).join("libadit_bindings.so"), abi.name).unwrap();
        }
        let folder = scratch.join("aar");
        lay_out(&module(), &scratch.join("jni"), &folder).unwrap();
        let manifest = fs::read_to_string(folder.join("AndroidManifest.xml")).unwrap();
        let root = manifest.split_once("<manifest").unwrap().1.split_once('>').unwrap().0;
        assert!(root.contains("package=\"adit.android\"") && root.contains("xmlns:android="), "{root}");
        assert_eq!(manifest.matches("<uses-sdk android:minSdkVersion=\"26\" />").count(), 1);
        let source = fs::read_to_string(module().join("src/main/AndroidManifest.xml")).unwrap();
        let permissions = |text: &str| text.matches("<uses-permission").count();
        assert!(permissions(&manifest) >= 7 && permissions(&manifest) == permissions(&source));
        for abi in ["arm64-v8a", "x86_64"] {
            let library = fs::read_to_string(folder.join("jni").join(abi).join("libadit_bindings.so"));
            assert_eq!(library.unwrap(), abi);
        }
        assert!(fs::read_to_string(folder.join("proguard.txt")).unwrap().contains("com.sun.jna"));
        assert_eq!(fs::read_to_string(folder.join("R.txt")).unwrap(), "");
        fs::remove_dir_all(&scratch).unwrap();
    }

    #[test]
    fn package_and_least_level_are_those_of_gradle() {
        let gradle = fs::read_to_string(module().join("build.gradle.kts")).unwrap();
        assert!(gradle.contains(&format!("namespace = \"{NAMESPACE}\"")));
        assert!(gradle.contains(&format!("minSdk = {LEAST_LEVEL}\n")));
    }

    #[test]
    fn a_manifest_that_says_it_twice_is_refused() {
        for wrong in ["", "<manifest", "<manifest package=\"a\">", "<manifest><uses-sdk/></manifest>"] {
            assert!(packed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_for_checking_only_says_so_in_its_version() {
        assert_eq!(version_for_android(true), VERSION);
        assert_eq!(version_for_android(false), format!("{VERSION}-for-checking-only"));
    }
}
