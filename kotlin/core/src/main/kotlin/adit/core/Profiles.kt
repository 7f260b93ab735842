package adit.core

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/**
 * What can be asked about profiles and done with them, without a network.
 *
 * Reports and options are objects in JSON, the same as those of the command line and of the npm package; `docs` of Adit's
 * repository describes each. Work is done on [Dispatchers.Default]. The only error is [AditException.Usage], for options that
 * are wrong: what is wrong with a profile is in the report.
 */
public object Profiles {
    /** The options that choose nothing. */
    private const val NONE = "{}"

    /**
     * What is wrong with a file (`validate-json.md`).
     *
     * @param options `targets`, `at`, `select`, `ignore`, `template`, `set`, `password`.
     */
    public suspend fun validate(profile: ByteArray, options: String = NONE): Outcome<String> =
        asking { adit.core.validate(profile, options) }

    /** What the VPNs of a profile do, in words (`explain-json.md`). @param options those of [validate], and `payload`. */
    public suspend fun explain(profile: ByteArray, options: String = NONE): Outcome<String> =
        asking { adit.core.explain(profile, options) }

    /** A profile as XML with its secrets masked, and who signed it (`show-json.md`). @param options also `unmask`. */
    public suspend fun show(profile: ByteArray, options: String = NONE): Outcome<String> =
        asking { adit.core.show(profile, options) }

    /** A profile with its mistakes mended. @param options those of [validate], and `safety`. */
    public suspend fun fix(profile: ByteArray, options: String = NONE): Outcome<MadeProfile> =
        asking { adit.core.fix(profile, options) }

    /** A profile from a description (`new.md`). @param options `format`, `seed`, `allow`, `targets`, `at`. */
    public suspend fun build(description: String, options: String = NONE): Outcome<MadeProfile> =
        asking { adit.core.build(description, options) }

    /** A profile as declarations or as properties of Apple's API, and back. @param options `to`, `payload`, `unmask`. */
    public suspend fun convert(profile: ByteArray, options: String): Outcome<String> =
        asking { adit.core.convert(profile, options) }

    /** Two profiles compared by what they mean. @param options `ignore_identity`. */
    public suspend fun diff(before: ByteArray, after: ByteArray, options: String = NONE): Outcome<String> =
        asking { adit.core.diff(before, after, options) }

    /** What the on-demand rules of a VPN make of a network. @param question `network`, `payload`, `mode`. */
    public suspend fun evaluateOnDemand(profile: ByteArray, question: String): Outcome<String> =
        asking { adit.core.evaluateOnDemand(profile, question) }

    /** What a tunnel would be made from, and what its user would be asked for. @param options `payload`, `password`. */
    public suspend fun planSummary(profile: ByteArray, options: String = NONE): Outcome<String> =
        asking { adit.core.planSummary(profile, options) }

    private suspend fun <T> asking(question: () -> T): Outcome<T> = withContext(Dispatchers.Default) { outcome(question) }
}
