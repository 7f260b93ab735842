package adit.android.trust

import adit.core.Answer
import adit.core.Question
import io.mockk.every
import io.mockk.mockk
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.security.GeneralSecurityException
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.ProviderException
import java.security.Signature
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import java.security.spec.MGF1ParameterSpec
import java.security.spec.PSSParameterSpec
import java.util.Base64
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509TrustManager

class DeviceAnswersTest {
    private val names = ArrayList<String>()

    /** A trust manager of the JVM with one anchor, in the form that Android's have. */
    @Suppress("unused") // Found by its name, so it is public.
    inner class OneAnchor(anchor: X509Certificate) : X509TrustManager {
        private val inner = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm()).run {
            init(KeyStore.getInstance("PKCS12").apply { load(null); setCertificateEntry("anchor", anchor) })
            trustManagers.filterIsInstance<X509TrustManager>().first()
        }

        fun checkServerTrusted(chain: Array<X509Certificate>, type: String, host: String): List<X509Certificate> {
            names += host
            inner.checkServerTrusted(chain, type)
            return chain.toList()
        }

        override fun checkClientTrusted(chain: Array<X509Certificate>, type: String) = inner.checkClientTrusted(chain, type)

        override fun checkServerTrusted(chain: Array<X509Certificate>, type: String) = inner.checkServerTrusted(chain, type)

        override fun getAcceptedIssuers(): Array<X509Certificate> = inner.acceptedIssuers
    }

    private val none = mockk<DeviceKeys> {
        every { key(any()) } returns null
        every { certificates(any()) } returns emptyList()
    }

    private fun certificate(der: ByteArray) =
        CertificateFactory.getInstance("X.509").generateCertificate(der.inputStream()) as X509Certificate

    private fun trusting(anchor: ByteArray) = DeviceAnswers(DeviceTrust { OneAnchor(certificate(anchor)) }, none)

    @Test
    fun `a chain to an anchor of the device is good, by the name it was asked for`() = runTest {
        assertEquals(Answer.Done, trusting(ca).answer(Question.JudgeChain(listOf(server), "vpn.example")))
        assertEquals(Answer.Done, trusting(ca).answer(Question.JudgeChain(listOf(server, ca), "vpn.example")))
        assertEquals(listOf("vpn.example", "vpn.example"), names)
    }

    @Test
    fun `a chain to another anchor, an empty one and one that cannot be read are refused`() = runTest {
        for (chain in listOf(listOf(ca.copyOf().also { it[it.size - 1]++ }), emptyList(), listOf(byteArrayOf(0x30, 1)), listOf(server.copyOf(99)))) {
            assertInstanceOf(Answer.Refused::class.java, trusting(ca).answer(Question.JudgeChain(chain, "vpn.example")))
        }
        val other = trusting(server).answer(Question.JudgeChain(listOf(ca), "vpn.example")) as Answer.Refused
        assertTrue(other.reason.contains("does not trust"), other.reason)
    }

    private fun keys(alias: String, key: PrivateKey) = mockk<DeviceKeys> {
        every { key(any()) } answers { key.takeIf { firstArg<String>() == alias } }
        every { certificates(alias) } returns listOf(certificate(server))
    }

    private fun pair(algorithm: String, size: Int? = null): KeyPair =
        KeyPairGenerator.getInstance(algorithm).apply { size?.let { initialize(it) } }.generateKeyPair()

    @Test
    fun `each scheme of the core is signed with, so that others can verify it`() = runTest {
        val rsa = pair("RSA", 2048)
        val ec = pair("EC", 256)
        val edwards = pair("Ed25519")
        val message = "what both sides said".toByteArray()
        suspend fun signed(by: KeyPair, scheme: String): ByteArray {
            val answers = DeviceAnswers({ _, _ -> }, keys("work", by.private))
            return (answers.answer(Question.Sign("work", scheme, message)) as Answer.Signature).bytes
        }
        fun holds(by: KeyPair, verifier: Signature, signature: ByteArray) = verifier.run {
            initVerify(by.public)
            update(message)
            verify(signature)
        }
        for ((word, hash, salt) in listOf(Triple("sha1", "1", 20), Triple("sha256", "256", 32), Triple("sha384", "384", 48), Triple("sha512", "512", 64))) {
            assertTrue(holds(rsa, Signature.getInstance("SHA${hash}withRSA"), signed(rsa, "rsa-pkcs1-$word")), word)
            assertTrue(holds(ec, Signature.getInstance("SHA${hash}withECDSA"), signed(ec, "ecdsa-$word")), word)
            val pss = Signature.getInstance("RSASSA-PSS")
            pss.setParameter(PSSParameterSpec("SHA-$hash", "MGF1", MGF1ParameterSpec("SHA-$hash"), salt, 1))
            assertTrue(holds(rsa, pss, signed(rsa, "rsa-pss-$word")), word)
        }
        val signature = signed(edwards, "ed25519")
        assertEquals(64, signature.size)
        assertTrue(holds(edwards, Signature.getInstance("Ed25519"), signature))
    }

    @Test
    fun `a key that is not there, of another type, or locked, and an unknown scheme are refused in words`() = runTest {
        val answers = DeviceAnswers({ _, _ -> }, keys("work", pair("EC", 256).private))
        for ((alias, scheme) in listOf("home" to "ecdsa-sha256", "work" to "rsa-pss-sha256", "work" to "ecdsa-md5", "work" to "", "work" to "ml-dsa")) {
            val refused = answers.answer(Question.Sign(alias, scheme, byteArrayOf(1)))
            assertTrue(refused is Answer.Refused && alias in refused.reason, "$alias $scheme: $refused")
        }
        val locked = mockk<DeviceKeys> { every { key(any()) } throws ProviderException("the key wants its user") }
        val refused = DeviceAnswers({ _, _ -> }, locked).answer(Question.Sign("work", "ecdsa-sha256", byteArrayOf(1)))
        assertTrue((refused as Answer.Refused).reason.contains("wants its user"))
    }

    @Test
    fun `what only the app knows is not answered`() = runTest {
        assertNull(trusting(ca).answer(Question.Password(null, 0u, null)))
    }

    @Test
    fun `the app's own keys go before those of the device`() = runTest {
        val own = pair("EC", 256).private
        val password = CharArray(0)
        val store = KeyStore.getInstance("PKCS12").apply {
            load(null)
            setKeyEntry("own", own, password, arrayOf(certificate(server), certificate(ca)))
        }
        // Android's store takes no password, the JVM's wants one.
        val android = mockk<KeyStore> {
            every { getKey(any(), null) } answers { store.getKey(firstArg(), password) }
            every { isKeyEntry(any()) } answers { store.isKeyEntry(firstArg()) }
            every { getCertificateChain(any()) } answers { store.getCertificateChain(firstArg()) }
        }
        val device = pair("EC", 256).private
        val found = AndroidKeys({ android }, keys("shared", device))
        assertArrayEquals(own.encoded, found.key("own")!!.encoded)
        assertEquals(device, found.key("shared"))
        assertNull(found.key("gone"))
        val answers = DeviceAnswers({ _, _ -> }, found)
        assertEquals(listOf(server.toList(), ca.toList()), answers.certificates("own").map { it.toList() })
        assertEquals(1, answers.certificates("shared").size)
        val nothing = DeviceAnswers({ _, _ -> }, none)
        assertInstanceOf(GeneralSecurityException::class.java, runCatching { nothing.certificates("gone") }.exceptionOrNull())
    }

    private companion object {
        fun der(text: String): ByteArray = Base64.getMimeDecoder().decode(text)

        /** Of a key made for this test, until 2120. */
        val ca = der(
            """
            MIIBYTCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxBZGl0IHRl
            c3QgQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBcxFTATBgNV
            BAMMDEFkaXQgdGVzdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCfFs4Ip
            6UtKg1/JFrwu8KqJOsRVup4L9Y69nqB7wisUKCZU2LcXIxlfXCt++SPgGGvbwBc/
            VX/CDSbDZlEtvumjQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIE
            MB0GA1UdDgQWBBQey/+Aa28Ytreki6SrQPwpnb6drjAKBggqhkjOPQQDAgNIADBF
            AiEAlWk1dlkVRxto8m2oDDLZKO+ZDdoJXUwewFHHX65GB3MCIHnPIl4gCrSSLIsh
            Yl4qrkQresNwsG4BTgfN4xI5ISN0
            """,
        )

        /** vpn.example, issued by it. */
        val server = der(
            """
            MIIBmzCCAUCgAwIBAgIBAjAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxBZGl0IHRl
            c3QgQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBYxFDASBgNV
            BAMMC3Zwbi5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqawGrWB8
            +wDxVrgaXJMmtufE0PdChKlKxfmv0fQ0RGDT6uy5sOmeKUq/XbAVS1iQsDxEXjIQ
            g41+eAXFvxhFf6N8MHowFgYDVR0RBA8wDYILdnBuLmV4YW1wbGUwEwYDVR0lBAww
            CgYIKwYBBQUHAwEwCwYDVR0PBAQDAgeAMB0GA1UdDgQWBBT6/1U2mWZHBbCPf9+W
            epuZbFExxDAfBgNVHSMEGDAWgBQey/+Aa28Ytreki6SrQPwpnb6drjAKBggqhkjO
            PQQDAgNJADBGAiEAjnciNw/ZvD6BAA3gNa5igBsL/PTT/cKzohPM/hrAwhQCIQC5
            4eiEsN8GtUDz+RehCfQpGt9bQpbPivHUOpNCxpVM6Q==
            """,
        )
    }
}
