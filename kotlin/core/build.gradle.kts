plugins {
    kotlin("jvm")
    `java-library`
}

group = "adit"
version = "0.1.0-SNAPSHOT"

kotlin {
    jvmToolchain(17)
}

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.11.0")
    // The app chooses the form: the jar on a JVM, the aar on Android.
    compileOnly("net.java.dev.jna:jna:5.19.1")
}
