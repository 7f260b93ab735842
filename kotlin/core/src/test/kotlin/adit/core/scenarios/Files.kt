package adit.core.scenarios

import adit.core.AditException
import adit.core.advice
import adit.core.code
import adit.core.repository
import adit.core.text
import org.junit.jupiter.api.Assertions.assertEquals
import java.nio.ByteBuffer
import java.nio.charset.CharacterCodingException
import java.nio.file.Files
import java.nio.file.Path
import java.util.Base64
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.nameWithoutExtension
import kotlin.io.path.readBytes
import kotlin.io.path.readText

private val folder: Path get() = repository.resolve("scenarios")

/** A scenario whose input is not here. */
internal class LeftOut(val why: String) : Exception(why)

/** The names of a folder's scenarios, which are those of the list. */
internal fun names(of: String): List<String> {
    val listed = Json.read(folder.resolve("list.json").readText()).members().getValue(of).items().map { it.text() }
    val there = folder.resolve(of).listDirectoryEntries().map { it.nameWithoutExtension }
    assertEquals(listed.sorted(), there.sorted(), "scenarios/list.json and scenarios/$of differ")
    return listed
}

/** Runs each scenario of a folder. */
internal fun each(of: String, run: (Map<String, Any?>) -> Unit) {
    val names = names(of)
    val failed = ArrayList<String>()
    var ran = 0
    var leftOut: LeftOut? = null
    for (name in names) {
        try {
            run(Json.read(folder.resolve(of).resolve("$name.json").readText()).members())
            ran++
        } catch (missing: LeftOut) {
            leftOut = missing
        } catch (failure: Throwable) {
            failed += "$of/$name: ${failure.message}"
        }
    }
    leftOut?.let { println("LEFT OUT: scenarios of the corpus: ${it.why}") }
    println("$ran scenarios of $of")
    assertEquals(emptyList<String>(), failed, "${failed.size} of ${names.size} failed")
}

private val inputs = setOf("text", "base64", "file", "corpus", "replace", "cut")

/** The bytes of an input. */
internal fun bytesOf(input: Map<String, Any?>): ByteArray {
    check(inputs.containsAll(input.keys)) { "there is no input ${input.keys - inputs}" }
    var bytes = when {
        "text" in input -> input["text"].text().toByteArray()
        "base64" in input -> Base64.getDecoder().decode(input["base64"].text())
        "file" in input -> repository.resolve(input["file"].text()).readBytes()
        else -> corpus().resolve(input["corpus"].text()).readBytes()
    }
    for (pair in input["replace"]?.items().orEmpty()) {
        val (from, to) = pair.items().map { it.text() }
        val before = String(bytes)
        check(from in before) { "$from is not in the input" }
        bytes = before.replace(from, to).toByteArray()
    }
    return input["cut"]?.let { bytes.copyOf((it as Long).toInt()) } ?: bytes
}

private fun corpus(): Path {
    val shared = System.getenv("ADIT_SHARED")?.let(Path::of) ?: repository.resolve("../shared")
    if (!shared.exists() || !shared.isDirectory()) throw LeftOut("no folder $shared")
    return shared.resolve("corpus/profiles")
}

/** A file as it stands in a scenario. */
internal fun fileForm(bytes: ByteArray): Map<String, Any?>? {
    if (bytes.isEmpty()) return null
    return try {
        mapOf("text" to Charsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString())
    } catch (_: CharacterCodingException) {
        mapOf("base64" to Base64.getEncoder().encodeToString(bytes))
    }
}

/** An error as it stands in a scenario. */
internal fun errorForm(error: AditException): Map<String, Any?> =
    mapOf("kind" to error.javaClass.simpleName, "message" to error.text, "advice" to error.advice, "code" to error.code)
