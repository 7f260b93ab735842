package adit.core

/** What came of a call: a value or the error, so that the compiler asks what is done about it. */
public sealed interface Outcome<out T> {
    /** It was done. @property value what it gives. */
    public data class Ok<out T>(val value: T) : Outcome<T>

    /** It was not done. @property error says who must act and what to do. */
    public data class Failed(val error: AditException) : Outcome<Nothing>
}

/** The value, or null after a failure. */
public fun <T> Outcome<T>.valueOrNull(): T? = (this as? Outcome.Ok)?.value

/** The error, or null when it was done. */
public fun Outcome<*>.errorOrNull(): AditException? = (this as? Outcome.Failed)?.error

/** The value; throws the error. */
public fun <T> Outcome<T>.orThrow(): T = when (this) {
    is Outcome.Ok -> value
    is Outcome.Failed -> throw error
}

/** The same outcome with [change] made to the value. */
public inline fun <T, R> Outcome<T>.map(change: (T) -> R): Outcome<R> = when (this) {
    is Outcome.Ok -> Outcome.Ok(change(value))
    is Outcome.Failed -> this
}

/** Runs [call] and catches the core's errors, and nothing else: a bug stays an exception. */
public inline fun <T> outcome(call: () -> T): Outcome<T> = try {
    Outcome.Ok(call())
} catch (error: AditException) {
    Outcome.Failed(error)
}
