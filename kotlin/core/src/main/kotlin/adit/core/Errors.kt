package adit.core

/** What is wrong, in a sentence, whatever the kind. ([Exception.message] has all three parts in one.) */
public val AditException.text: String get() = parts().first

/** What to do, in a sentence; perhaps empty. */
public val AditException.advice: String get() = parts().second

/** The name of the `NEVPNConnectionError` that Apple's API would give, such as `authenticationFailed`; perhaps empty. */
public val AditException.code: String get() = parts().third

private fun AditException.parts(): Triple<String, String, String> = when (this) {
    is AditException.Usage -> Triple(text, advice, code)
    is AditException.Profile -> Triple(text, advice, code)
    is AditException.Credentials -> Triple(text, advice, code)
    is AditException.ServerIdentity -> Triple(text, advice, code)
    is AditException.Negotiation -> Triple(text, advice, code)
    is AditException.Network -> Triple(text, advice, code)
    is AditException.ServerDisconnected -> Triple(text, advice, code)
    is AditException.System -> Triple(text, advice, code)
    is AditException.Internal -> Triple(text, advice, code)
}
