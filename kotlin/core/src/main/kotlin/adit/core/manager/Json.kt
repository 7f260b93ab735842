package adit.core.manager

/**
 * JSON as the core's manager writes and reads it (RFC 8259): objects are maps, arrays lists, numbers [Long].
 *
 * What is read here was written by the core, and by it alone; what is not JSON is a bug and throws.
 */
internal object Json {
    fun read(text: String): Any? = Reader(text).document()

    fun write(value: Any?): String = StringBuilder().also { write(value, it) }.toString()

    private fun write(value: Any?, to: StringBuilder) {
        when (value) {
            null -> to.append("null")
            is String -> string(value, to)
            is Boolean, is Int, is Long, is UInt, is ULong -> to.append(value)
            is Map<*, *> -> joined(value.entries, '{', '}', to) { (name, member) ->
                string(name as String, to)
                to.append(':')
                write(member, to)
            }
            is Collection<*> -> joined(value, '[', ']', to) { write(it, to) }
            else -> throw IllegalArgumentException("no JSON of ${value::class.simpleName}")
        }
    }

    private fun <T> joined(items: Collection<T>, open: Char, close: Char, to: StringBuilder, each: (T) -> Unit) {
        to.append(open)
        items.forEachIndexed { at, item ->
            if (at > 0) to.append(',')
            each(item)
        }
        to.append(close)
    }

    private fun string(text: String, to: StringBuilder) {
        to.append('"')
        for (char in text) {
            when {
                char == '"' || char == '\\' -> to.append('\\').append(char)
                char < ' ' -> to.append("\\u").append(char.code.toString(16).padStart(4, '0'))
                else -> to.append(char)
            }
        }
        to.append('"')
    }

    private class Reader(private val text: String) {
        private var at = 0

        fun document(): Any? = value().also {
            blank()
            check(at == text.length) { "JSON goes on at $at" }
        }

        private fun value(): Any? {
            blank()
            return when (val char = next()) {
                '{' -> members()
                '[' -> items()
                '"' -> string()
                't' -> word("rue", true)
                'f' -> word("alse", false)
                'n' -> word("ull", null)
                else -> number(char)
            }
        }

        private fun members(): Map<String, Any?> {
            val members = LinkedHashMap<String, Any?>()
            blank()
            if (skip('}')) return members
            do {
                blank()
                expect('"')
                val name = string()
                blank()
                expect(':')
                members[name] = value()
                blank()
            } while (skip(','))
            expect('}')
            return members
        }

        private fun items(): List<Any?> {
            val items = ArrayList<Any?>()
            blank()
            if (skip(']')) return items
            do {
                items += value()
                blank()
            } while (skip(','))
            expect(']')
            return items
        }

        private fun string(): String {
            val found = StringBuilder()
            while (true) {
                when (val char = next()) {
                    '"' -> return found.toString()
                    '\\' -> found.append(escaped())
                    else -> found.append(char)
                }
            }
        }

        private fun escaped(): Char = when (val char = next()) {
            'n' -> '\n'
            't' -> '\t'
            'r' -> '\r'
            'b' -> '\b'
            'f' -> '\u000c'
            'u' -> (1..4).fold(0) { code, _ -> code * 16 + next().digitToInt(16) }.toChar()
            else -> char
        }

        private fun number(first: Char): Long {
            val from = at - 1
            while (at < text.length && text[at].isDigit()) at++
            return text.substring(from, at).toLongOrNull() ?: error("no JSON value at $from: $first")
        }

        private fun word(rest: String, value: Any?): Any? {
            rest.forEach { expect(it) }
            return value
        }

        private fun blank() {
            while (at < text.length && text[at].isWhitespace()) at++
        }

        private fun next(): Char = text.getOrNull(at++) ?: error("JSON ends at ${at - 1}")

        private fun skip(char: Char): Boolean = (text.getOrNull(at) == char).also { if (it) at++ }

        private fun expect(char: Char) {
            val found = next()
            check(found == char) { "JSON has $found, not $char, at ${at - 1}" }
        }
    }
}

/** An object of JSON, member by member. */
@JvmInline
internal value class Members(private val members: Map<String, Any?>) {
    fun has(name: String): Boolean = members[name] != null

    fun text(name: String): String? = members[name] as String?

    fun needText(name: String): String = checkNotNull(text(name)) { "no $name" }

    fun flag(name: String): Boolean = members[name] == true

    fun long(name: String): Long? = members[name] as Long?

    fun needLong(name: String): Long = checkNotNull(long(name)) { "no $name" }

    fun int(name: String): Int = needLong(name).toInt()

    fun texts(name: String): List<String>? = (members[name] as List<*>?)?.map { it as String }

    fun inner(name: String): Members? = members[name]?.let { of(it) }

    fun inners(name: String): List<Members>? = (members[name] as List<*>?)?.map { of(it) }

    fun numbers(name: String): List<Long> = (members[name] as List<*>?).orEmpty().map { it as Long }

    fun value(name: String): Any? = members[name]

    companion object {
        @Suppress("UNCHECKED_CAST")
        fun of(value: Any?): Members = Members(value as Map<String, Any?>)

        fun read(text: String): Members = of(Json.read(text))
    }
}

internal fun ByteArray.toHex(): String = joinToString("") { (it.toInt() and 0xff).toString(16).padStart(2, '0') }

internal fun String.fromHex(): ByteArray = if (length % 2 != 0) throw IllegalArgumentException("an odd number of digits") else ByteArray(length / 2) { substring(it * 2, it * 2 + 2).toInt(16).toByte() }
