plugins {
    id("com.android.library")
    kotlin("android")
}

group = "adit"
version = "0.1.0-SNAPSHOT"

// libadit_bindings.so of each ABI, as `cargo xtask package` lays them out; another folder: -Padit.jni=FOLDER.
val nativeLibraries = file(providers.gradleProperty("adit.jni").getOrElse("../../target/package/android/jni"))

// Without them, or with those that are linked without the NDK, the app would be built, and end with an UnsatisfiedLinkError on
// the device.
tasks.matching { it.name == "preBuild" }.configureEach {
    doLast {
        if (fileTree(nativeLibraries).matching { include("*/libadit_bindings.so") }.isEmpty) {
            throw GradleException("$nativeLibraries holds no libadit_bindings.so: run `cargo xtask package` in Adit's repository first")
        }
        val mark = nativeLibraries.resolveSibling("FOR-CHECKING-ONLY.txt")
        if (mark.exists()) {
            throw GradleException("$mark: Android cannot load these libraries; set ANDROID_NDK_HOME and run `cargo xtask package` again")
        }
    }
}

android {
    namespace = "adit.android"
    compileSdk = 35

    defaultConfig {
        minSdk = 26
        consumerProguardFiles("src/main/resources/META-INF/proguard/adit.pro")
    }

    sourceSets {
        getByName("main") {
            kotlin.srcDir("src/main/kotlin")
            jniLibs.srcDir(nativeLibraries)
        }
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

dependencies {
    api(project(":core"))
    api("net.java.dev.jna:jna:5.19.1@aar")
}
