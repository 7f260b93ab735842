//! The Kotlin jars (Maven), and the `.aar` that Android apps add.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::table::Table;
use super::{LIBRARY, Work, android, copy, fresh, output, row, step, write, zip};

/// Builds the jars and lays the `.aar` out.
pub fn archives(work: &Work, table: &mut Table) -> Result<(), String> {
    let kotlin = work.root.join("kotlin");
    step("Kotlin jars", || {
        let mut maven = Command::new("mvn");
        output(maven.current_dir(&kotlin).args(["-B", "-q", "-DskipTests", "package"])).map(drop)
    })?;
    let core = work.out.join("adit-core.jar");
    copy(&jar(&kotlin.join("core/target"))?, &core)?;
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
        copy(&module.join("src/main/AndroidManifest.xml"), &folder.join("AndroidManifest.xml"))?;
        copy(&module.join("src/main/resources/META-INF/proguard/adit.pro"), &folder.join("proguard.txt"))?;
        // No resources.
        write(&folder.join("R.txt"), "")?;
        for abi in android::ABIS {
            let inside = PathBuf::from(abi.name).join(format!("lib{LIBRARY}.so"));
            copy(&work.out.join("android/jni").join(&inside), &folder.join("jni").join(&inside))?;
        }
        zip(&folder, &archive, &["."])
    })?;
    table.add(row("Android library, adit-android.aar", &archive)?);
    Ok(())
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
