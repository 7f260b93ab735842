package adit.core.scenarios

/**
 * JSON as plain values: [Map], [List], [String], [Long], [Double], [Boolean], null. Two are equal when the JSON is, whatever
 * the order of members.
 */
internal class Json private constructor(private val text: String) {
    private var at = 0

    private fun fail(what: String): Nothing = error("$what at $at of ${text.take(200)}")

    private fun blanks() {
        while (at < text.length && text[at] in " \t\r\n") at++
    }

    private fun take(char: Char) {
        blanks()
        if (at >= text.length || text[at] != char) fail("no $char")
        at++
    }

    private fun taken(char: Char): Boolean {
        blanks()
        return (at < text.length && text[at] == char).also { if (it) at++ }
    }

    private fun value(): Any? {
        blanks()
        if (at >= text.length) fail("nothing")
        return when (text[at]) {
            '{' -> members()
            '[' -> items()
            '"' -> string()
            't' -> word("true", true)
            'f' -> word("false", false)
            'n' -> word("null", null)
            else -> number()
        }
    }

    private fun <T> word(word: String, value: T): T {
        if (!text.startsWith(word, at)) fail("no $word")
        at += word.length
        return value
    }

    private fun number(): Any {
        val begin = at
        while (at < text.length && text[at] in "+-.eE0123456789") at++
        val number = text.substring(begin, at)
        return number.toLongOrNull() ?: number.toDoubleOrNull() ?: fail("no number")
    }

    private fun members(): Map<String, Any?> {
        val members = LinkedHashMap<String, Any?>()
        take('{')
        if (taken('}')) return members
        do {
            blanks()
            val name = string()
            take(':')
            check(name !in members) { "$name twice" }
            members[name] = value()
        } while (taken(','))
        take('}')
        return members
    }

    private fun items(): List<Any?> {
        val items = ArrayList<Any?>()
        take('[')
        if (taken(']')) return items
        do items += value() while (taken(','))
        take(']')
        return items
    }

    private fun string(): String {
        take('"')
        val out = StringBuilder()
        while (true) {
            when (val char = text[at++]) {
                '"' -> return out.toString()
                '\\' -> out.append(escape())
                else -> out.append(char)
            }
        }
    }

    private fun escape(): Char = when (val char = text[at++]) {
        'n' -> '\n'
        't' -> '\t'
        'r' -> '\r'
        'b' -> '\b'
        'f' -> '\u000c'
        'u' -> text.substring(at, at + 4).toInt(16).toChar().also { at += 4 }
        else -> char
    }

    companion object {
        fun read(text: String): Any? {
            val json = Json(text)
            val value = json.value()
            json.blanks()
            if (json.at != text.length) json.fail("more")
            return value
        }

        fun write(value: Any?): String = when (value) {
            null, is Boolean, is Number -> value.toString()
            is String -> quoted(value)
            is List<*> -> value.joinToString(",", "[", "]") { write(it) }
            is Map<*, *> -> value.entries.joinToString(",", "{", "}") { (name, member) -> "${quoted(name as String)}:${write(member)}" }
            else -> error("${value.javaClass} is no JSON")
        }

        private fun quoted(text: String): String = buildString {
            append('"')
            for (char in text) {
                when {
                    char == '"' || char == '\\' -> append('\\').append(char)
                    char < ' ' -> append("\\u%04x".format(char.code))
                    else -> append(char)
                }
            }
            append('"')
        }
    }
}

/** The object that it is. */
@Suppress("UNCHECKED_CAST")
internal fun Any?.members(): Map<String, Any?> = this as? Map<String, Any?> ?: error("no object: $this")

/** The array that it is. */
internal fun Any?.items(): List<Any?> = this as? List<Any?> ?: error("no array: $this")

/** The text that it is. */
internal fun Any?.text(): String = this as? String ?: error("no text: $this")
