//! A Maven repository of the Kotlin packages: each with a POM that names its dependencies, so that an app names one.
//!
//! Gradle and Maven read it where it lies, or from any web server.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Work, copy, fresh, output, write};

/// Their group, as in kotlin/pom.xml.
pub const GROUP: &str = "adit";

/// One package of the repository.
pub struct Artifact {
    /// Its name in the repository.
    pub name: &'static str,
    /// `jar` or `aar`.
    pub packaging: &'static str,
    /// The form of JNA it asks for: the `.aar` has the libraries for Android.
    pub jna: &'static str,
    /// One line.
    pub description: &'static str,
}

/// The library for any JVM.
pub const CORE: Artifact = Artifact {
    name: "adit-core",
    packaging: "jar",
    jna: "jar",
    description: "The Adit VPN core for the JVM. The Rust library is not in it: JNA looks where jna.library.path says.",
};

/// The library for Android.
pub const ANDROID: Artifact = Artifact {
    name: "adit-android",
    packaging: "aar",
    jna: "aar",
    description: "The Adit VPN core inside Android's VpnService, with the Rust library.",
};

/// What every package depends on: group, name, and the property of kotlin/pom.xml that has the version.
const DEPENDENCIES: [(&str, &str, &str); 3] = [
    ("org.jetbrains.kotlin", "kotlin-stdlib", "kotlin.version"),
    ("org.jetbrains.kotlinx", "kotlinx-coroutines-core", "coroutines.version"),
    ("net.java.dev.jna", "jna", "jna.version"),
];

/// An empty repository in the folder of packages.
pub fn repository(work: &Work) -> Result<PathBuf, String> {
    let folder = work.out.join("maven");
    fresh(&folder)?;
    Ok(folder)
}

/// Puts a package into the repository, and its POM also beside `file`.
pub fn add(
    work: &Work,
    repository: &Path,
    artifact: &Artifact,
    version: &str,
    file: &Path,
) -> Result<(), String> {
    let parent = work.root.join("kotlin/pom.xml");
    let parent = std::fs::read_to_string(&parent).map_err(|error| super::at(&parent, &error))?;
    let pom = pom(artifact, version, &parent)?;
    write(&file.with_extension("pom"), &pom)?;
    let folder = repository.join(GROUP).join(artifact.name).join(version);
    let stem = format!("{}-{version}", artifact.name);
    let packed = folder.join(format!("{stem}.{}", artifact.packaging));
    let described = folder.join(format!("{stem}.pom"));
    copy(file, &packed)?;
    write(&described, &pom)?;
    for file in [packed, described] {
        let said = output(Command::new("sha1sum").arg(&file))?;
        let sum = said.split_whitespace().next().unwrap_or_default();
        write(&PathBuf::from(format!("{}.sha1", file.display())), sum)?;
    }
    Ok(())
}

/// A package's POM; versions are those of kotlin/pom.xml, `parent`.
fn pom(artifact: &Artifact, version: &str, parent: &str) -> Result<String, String> {
    let mut dependencies = String::new();
    for (group, name, property) in DEPENDENCIES {
        let version = property_of(parent, property)?;
        let kind = match (name, artifact.jna) {
            ("jna", "aar") => "\n      <type>aar</type>",
            _ => "",
        };
        dependencies += &format!(
            "    <dependency>\n      <groupId>{group}</groupId>\n      <artifactId>{name}</artifactId>\n      \
             <version>{version}</version>{kind}\n      <scope>compile</scope>\n    </dependency>\n"
        );
    }
    let Artifact { name, packaging, description, .. } = artifact;
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n  \
         <modelVersion>4.0.0</modelVersion>\n  \
         <groupId>{GROUP}</groupId>\n  <artifactId>{name}</artifactId>\n  <version>{version}</version>\n  \
         <packaging>{packaging}</packaging>\n  <name>{name}</name>\n  <description>{description}</description>\n  \
         <licenses>\n    \
         <license><name>MIT</name><url>https://spdx.org/licenses/MIT.html</url></license>\n    \
         <license><name>Apache-2.0</name><url>https://spdx.org/licenses/Apache-2.0.html</url></license>\n  \
         </licenses>\n  \
         <dependencies>\n{dependencies}  </dependencies>\n</project>\n"
    ))
}

/// What a POM says between `<name>` and `</name>`.
fn property_of<'a>(pom: &'a str, name: &str) -> Result<&'a str, String> {
    let (_, rest) = pom
        .split_once(&format!("<{name}>"))
        .ok_or_else(|| format!("kotlin/pom.xml has no property {name}, the version of a dependency"))?;
    Ok(rest.split('<').next().unwrap_or_default().trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    fn parent() -> String {
        std::fs::read_to_string(root().join("kotlin/pom.xml")).unwrap()
    }

    #[test]
    fn a_pom_names_the_dependencies_with_the_versions_they_were_compiled_against() {
        let parent = parent();
        for artifact in [&CORE, &ANDROID] {
            let pom = pom(artifact, "1.2.3", &parent).unwrap();
            assert_eq!(property_of(&pom, "packaging").unwrap(), artifact.packaging);
            assert_eq!(property_of(&pom, "artifactId").unwrap(), artifact.name);
            assert_eq!(property_of(&pom, "version").unwrap(), "1.2.3");
            let parts: Vec<&str> = pom.split("<dependency>").skip(1).collect();
            assert_eq!(parts.len(), DEPENDENCIES.len());
            for ((group, name, property), part) in DEPENDENCIES.into_iter().zip(parts) {
                assert_eq!(property_of(part, "groupId").unwrap(), group);
                assert_eq!(property_of(part, "artifactId").unwrap(), name);
                assert_eq!(property_of(part, "version").unwrap(), property_of(&parent, property).unwrap());
                // Android wants JNA's own library for its processors.
                let form = property_of(part, "type").unwrap_or("jar");
                assert_eq!(form, if name == "jna" { artifact.packaging } else { "jar" });
            }
        }
    }

    #[test]
    fn a_version_that_kotlin_does_not_name_is_an_error() {
        let said = pom(&CORE, "1", "<project><kotlin.version>2</kotlin.version></project>").unwrap_err();
        assert!(said.contains("coroutines.version"), "{said}");
    }

    #[test]
    fn the_core_module_declares_what_the_poms_name_and_nothing_else() {
        let core = std::fs::read_to_string(root().join("kotlin/core/pom.xml")).unwrap();
        let named: Vec<&str> = core
            .split("<dependency>")
            .skip(1)
            .filter(|dependency| !dependency.contains("<scope>"))
            .filter_map(|dependency| property_of(dependency, "artifactId").ok())
            .collect();
        assert_eq!(named, DEPENDENCIES.map(|(_, name, _)| name));
    }

    #[test]
    fn the_document_names_both_packages_and_their_dependencies() {
        let page = std::fs::read_to_string(root().join("docs/packages.md")).unwrap();
        let version = env!("CARGO_PKG_VERSION");
        for artifact in [&CORE, &ANDROID] {
            let line = format!("{GROUP}:{}:{version}", artifact.name);
            assert!(page.contains(&line), "docs/packages.md does not name {line}");
        }
        for (group, name, property) in DEPENDENCIES {
            let line = format!("{group}:{name}:{}", property_of(&parent(), property).unwrap());
            assert!(page.contains(&line), "docs/packages.md does not name {line}");
        }
    }
}
