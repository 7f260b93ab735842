package adit.core.scenarios

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The scenarios of `scenarios/`, which Rust, Swift and JavaScript run too; its README has the format. */
class ScenariosTest {
    @Test
    fun `profiles in, reports out`() = each("profiles", ProfileScenarios::run)

    @Test
    fun `what only apps ask`() = each("apps", ProfileScenarios::run)

    @Test
    fun `the manager's calls, requests and notifications, in order`() = each("manager") { ManagerScenarios.run(it) }

    @Test
    fun `sessions at the test gateway`() = each("sessions", SessionScenarios::run)

    @Test
    fun `what nobody knows is a failure`() {
        fun fails(what: String, run: () -> Unit) {
            val message = assertThrows(Throwable::class.java) { run() }.message.orEmpty()
            assertTrue(what in message, message)
        }
        fails("no operation") { ProfileScenarios.run(mapOf("operation" to "guess", "expect" to null, "about" to "")) }
        fails("no input") { bytesOf(mapOf("colour" to "red")) }
        fails("no-such-file") { bytesOf(mapOf("file" to "no-such-file")) }
        fails("is not in the input") { bytesOf(mapOf("text" to "a", "replace" to listOf(listOf("b", "c")))) }
        val options = mapOf("app" to "a", "platform" to "linux")
        fails("no call") { ManagerScenarios.run(mapOf("options" to options, "steps" to listOf(mapOf("call" to "guess")))) }
        val wrong = mapOf("call" to "shared", "returns" to 7L)
        val step = mapOf("expect" to mapOf("event" to "connecting", "address" to "*"), "besides" to listOf("detail guessed"))
        fails("besides") { SessionScenarios.run(mapOf("gateway" to "Silent", "steps" to listOf(step))) }
        fails("expected") { ManagerScenarios.run(mapOf("options" to options, "steps" to listOf(wrong))) }
    }

    @Test
    fun `patterns hold where they should`() {
        for ((pattern, text) in listOf("*" to "", "a*c" to "abc", "a*b*c" to "a1b2c", "abc" to "abc")) {
            assertTrue(SessionScenarios.matches(pattern, text), pattern)
        }
        for ((pattern, text) in listOf("a*c" to "abcd", "abc" to "abcd", "a.c" to "abc")) {
            assertFalse(SessionScenarios.matches(pattern, text), pattern)
        }
        assertFalse(SessionScenarios.matches(mapOf("error" to null), mapOf("event" to "closed")), "a member that is not there")
    }

    @Test
    fun `JSON goes round`() {
        val text = """{"a":[1,-2,true,null,"é\n\"\\😀"],"b":{"c":1.5}}"""
        assertEquals(Json.read(text), Json.read(Json.write(Json.read(text))))
        assertEquals(Json.read("\"\\u00e9\\ud83d\\ude00\""), "é😀")
        assertThrows(IllegalStateException::class.java) { Json.read("{\"a\":1} x") }
    }
}
