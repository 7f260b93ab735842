plugins {
    id("com.android.library")
    kotlin("android")
}

group = "adit"
version = "0.1.0-SNAPSHOT"

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
            // libadit_bindings.so of each ABI, as `cargo xtask package` lays them out.
            jniLibs.srcDir("src/main/jniLibs")
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
