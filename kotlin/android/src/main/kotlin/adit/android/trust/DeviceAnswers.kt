package adit.android.trust

import adit.core.Answer
import adit.core.Question
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runInterruptible
import java.io.ByteArrayInputStream
import java.security.GeneralSecurityException
import java.security.NoSuchAlgorithmException
import java.security.PrivateKey
import java.security.ProviderException
import java.security.Signature
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import java.security.spec.MGF1ParameterSpec
import java.security.spec.PSSParameterSpec

/**
 * Answers what the device can answer without the app: the judgement of a chain, and signatures by keys that it keeps.
 *
 * @param trust judges chains. @param keys the keys; a key's reference is its alias. @param io where what blocks does so.
 */
public class DeviceAnswers(
    private val trust: ServerTrust,
    private val keys: DeviceKeys,
    private val io: CoroutineDispatcher = Dispatchers.IO,
) {
    /** The answer; null: only the app can give one. */
    public suspend fun answer(question: Question): Answer? = when (question) {
        is Question.JudgeChain -> refusing("the device does not trust the server's certificate") {
            trust.check(question.certificates.map(::certificate), question.identity)
            Answer.Done
        }
        is Question.Sign -> refusing("the key ${question.key} did not sign") {
            val key = keys.key(question.key) ?: throw GeneralSecurityException("it is not on the device, or not for this app")
            Answer.Signature(sign(key, question.scheme, question.message))
        }
        else -> null
    }

    /** The certificates of a key, DER, its own first, as `Credentials.keyCertificates` has them. @throws GeneralSecurityException there are none. */
    public suspend fun certificates(alias: String): List<ByteArray> = runInterruptible(io) {
        keys.certificates(alias).map { it.encoded }
    }.ifEmpty { throw GeneralSecurityException("there is no key $alias on the device, or not for this app") }

    private suspend fun refusing(what: String, answer: () -> Answer): Answer = try {
        runInterruptible(io, answer)
    } catch (refused: GeneralSecurityException) {
        Answer.Refused("$what: ${refused.message ?: refused}")
    } catch (broken: ProviderException) {
        // How Android's KeyStore tells that it cannot be reached, or that the key wants the user's finger.
        Answer.Refused("$what: ${broken.message ?: broken}")
    }

    private fun certificate(der: ByteArray): X509Certificate =
        CertificateFactory.getInstance("X.509").generateCertificate(ByteArrayInputStream(der)) as X509Certificate
}

/**
 * A signature by one of the schemes of `Question.Sign`.
 *
 * @throws GeneralSecurityException the scheme is none of them, the key is of another type, or its store refused.
 */
internal fun sign(key: PrivateKey, scheme: String, message: ByteArray): ByteArray = signature(scheme).run {
    initSign(key)
    update(message)
    sign()
}

private fun signature(scheme: String): Signature {
    val hash = HASHES[scheme.substringAfterLast('-')]
    return when (scheme.substringBeforeLast('-')) {
        "rsa-pkcs1" -> Signature.getInstance("${known(hash, scheme)}withRSA")
        "rsa-pss" -> pss(known(hash, scheme))
        "ecdsa" -> Signature.getInstance("${known(hash, scheme)}withECDSA")
        "ed25519" -> Signature.getInstance("Ed25519")
        else -> throw NoSuchAlgorithmException("there is no scheme $scheme here")
    }
}

private fun known(hash: String?, scheme: String) = hash ?: throw NoSuchAlgorithmException("there is no scheme $scheme here")

/** With a salt as long as the hash: Android's names mean that, the JVM's says it. */
private fun pss(hash: String): Signature = try {
    Signature.getInstance("${hash}withRSA/PSS")
} catch (_: NoSuchAlgorithmException) {
    val name = hash.replaceFirst("SHA", "SHA-")
    val salt = checkNotNull(SALTS[hash])
    Signature.getInstance("RSASSA-PSS").apply { setParameter(PSSParameterSpec(name, "MGF1", MGF1ParameterSpec(name), salt, 1)) }
}

private val HASHES = mapOf("sha1" to "SHA1", "sha256" to "SHA256", "sha384" to "SHA384", "sha512" to "SHA512")

private val SALTS = mapOf("SHA1" to 20, "SHA256" to 32, "SHA384" to 48, "SHA512" to 64)
