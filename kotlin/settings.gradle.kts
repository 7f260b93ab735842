// For app developers who build the library with Gradle beside their app: `includeBuild("../adit/kotlin")`, or open this
// folder. Maven (pom.xml) is what the project itself tests with.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "adit"

include(":core", ":android", ":examples:app")
