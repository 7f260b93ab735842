package adit.android

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.w3c.dom.Element
import java.nio.file.Files
import java.nio.file.Path
import javax.xml.parsers.DocumentBuilderFactory
import kotlin.io.path.extension
import kotlin.io.path.readText
import kotlin.streams.asSequence

/** What stands in files rather than in code: documentation of everything public, the README's examples, the manifests. */
class SourcesTest {
    private val kotlin: Path = generateSequence(Path.of("").toAbsolutePath()) { it.parent }
        .first { Files.exists(it.resolve("settings.gradle.kts")) }

    private fun sources(folder: String): List<Path> = Files.walk(kotlin.resolve(folder)).use { paths ->
        paths.asSequence().filter { it.extension == "kt" && "generated" !in it.toString() }.sorted().toList()
    }

    @Test
    fun `everything public is documented`() {
        val public = Regex("^\\s*public (?!companion)")
        val silent = Regex("^(abstract |data |enum |open |sealed |fun )*(class|interface|object|fun|val|var|const|typealias) ")
        for (source in sources("core/src/main") + sources("android/src/main")) {
            val lines = source.readText().lines()
            for (line in lines) assertFalse(silent.containsMatchIn(line), "${source.fileName}: public or not? $line")
            lines.forEachIndexed { at, line ->
                if (!public.containsMatchIn(line)) return@forEachIndexed
                // Constructor properties are documented with their class.
                if (line.trimEnd().endsWith(",")) return@forEachIndexed
                val before = lines.take(at).asReversed().first { !it.trim().startsWith("@") }.trim()
                assertTrue(before.endsWith("*/"), "${source.fileName}:${at + 1} has no KDoc: ${line.trim()}")
            }
        }
    }

    @Test
    fun `the README's examples are compiled`() {
        val readmes = listOf(kotlin.resolve("README.md"), kotlin.resolve("../README.md")).map { it.readText() }
        val fence = Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL)
        val blocks = readmes.flatMap { text -> fence.findAll(text).map { it.groupValues[1].trim() } }
        val compiled = (sources("core/src/test") + sources("android/src/test"))
            .filter { it.fileName.toString() == "QuickStart.kt" }.joinToString("\n") { it.readText() }
        assertTrue(blocks.size >= 5)
        for (block in blocks) assertTrue(block in compiled, "not in a QuickStart.kt:\n$block")
    }

    private fun manifest(path: String): Element =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(kotlin.resolve(path).toFile()).documentElement

    private fun Element.all(tag: String): List<Element> =
        getElementsByTagName(tag).let { nodes -> List(nodes.length) { nodes.item(it) as Element } }

    @Test
    fun `the library's manifest asks for what the service uses, and no more`() {
        val permissions = manifest("android/src/main/AndroidManifest.xml").all("uses-permission")
            .map { it.getAttribute("android:name").removePrefix("android.permission.") }
        assertEquals(
            listOf(
                "INTERNET", "ACCESS_NETWORK_STATE", "CHANGE_NETWORK_STATE", "FOREGROUND_SERVICE",
                "FOREGROUND_SERVICE_SYSTEM_EXEMPTED", "WAKE_LOCK", "POST_NOTIFICATIONS",
            ),
            permissions,
        )
    }

    @Test
    fun `the sample's service is what Android takes for a VPN`() {
        val service = manifest("examples/app/src/main/AndroidManifest.xml").all("service").single()
        assertEquals("android.permission.BIND_VPN_SERVICE", service.getAttribute("android:permission"))
        assertEquals("systemExempted", service.getAttribute("android:foregroundServiceType"))
        assertEquals("false", service.getAttribute("android:exported"))
        assertEquals(android.net.VpnService.SERVICE_INTERFACE, service.all("action").single().getAttribute("android:name"))
        val data = service.all("meta-data").single()
        assertEquals(android.net.VpnService.SERVICE_META_DATA_SUPPORTS_ALWAYS_ON, data.getAttribute("android:name"))
        val name = service.getAttribute("android:name").removePrefix(".")
        assertTrue(Files.exists(kotlin.resolve("examples/app/src/main/kotlin/adit/example/$name.kt")))
    }

    @Test
    fun `Gradle and Maven use the same versions`() {
        val pom = kotlin.resolve("pom.xml").readText()
        val gradle = listOf("build.gradle.kts", "core/build.gradle.kts", "android/build.gradle.kts")
            .joinToString("\n") { kotlin.resolve(it).readText() }
        fun version(name: String) = pom.substringAfter("<$name.version>").substringBefore("<")
        assertEquals(setOf(version("kotlin")), Regex("kotlin\\(\"\\w+\"\\) version \"([^\"]+)\"").findAll(gradle).map { it.groupValues[1] }.toSet())
        assertTrue("kotlinx-coroutines-core:${version("coroutines")}" in gradle)
        assertEquals(setOf(version("jna")), Regex("jna:jna:([0-9.]+)").findAll(gradle).map { it.groupValues[1] }.toSet())
    }

    @Test
    fun `Gradle takes the native libraries from where they are laid out, and builds nothing without them`() {
        val gradle = kotlin.resolve("android/build.gradle.kts").readText()
        val folder = gradle.substringAfter("getOrElse(\"").substringBefore('"')
        assertEquals(kotlin.parent.resolve("target/package/android/jni"), kotlin.resolve("android").resolve(folder).normalize())
        val layout = kotlin.resolve("../xtask/src/package/kotlin.rs").readText()
        assertTrue("work.out.join(\"android/jni\")" in layout, "cargo xtask package lays them out elsewhere")
        assertTrue("jniLibs.srcDir(nativeLibraries)" in gradle)
        assertTrue(Regex("preBuild.*\\{\\s+doLast \\{[^}]*}\\.isEmpty\\) \\{\\s+throw GradleException").containsMatchIn(gradle))
    }

    @Test
    fun `R8 keeps what JNA finds by name`() {
        val rules = kotlin.resolve("android/src/main/resources/META-INF/proguard/adit.pro").readText()
        for (rule in listOf("-keep class com.sun.jna.** { *; }", "-keep class adit.core.** { *; }")) assertTrue(rule in rules)
    }
}
