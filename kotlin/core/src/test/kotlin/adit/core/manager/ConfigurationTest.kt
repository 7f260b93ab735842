package adit.core.manager

import adit.core.repository
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readLines

/** A row of `personal-vpn-api.tsv`. */
private class Fact(val owner: String, val kind: String, val name: String, val type: String, val default: String)

private val facts: List<Fact> by lazy {
    val shared = System.getenv("ADIT_SHARED")?.let { Path.of(it) } ?: repository.resolve("../shared")
    val table = shared.resolve("reference/personal-vpn-api.tsv")
    if (!table.exists()) println("left out: raw values and defaults of the platform's API, without ${table.fileName}")
    assumeTrue(table.exists())
    table.readLines().drop(1).map { it.split('\t') }
        .filter { it[0] == "personal-vpn" || it[1] == "NEProviderStopReason" }.map { Fact(it[1], it[2], it[3], it[5], it[6]) }
}

class ConfigurationTest {
    private val reference = SecretReference(byteArrayOf(1, -1, 0))

    private val proxies = VpnProxySettings(
        autoProxyConfigurationEnabled = true,
        proxyAutoConfigurationUrl = "https://proxy.example/pac",
        proxyAutoConfigurationJavaScript = "function FindProxyForURL() { return \"DIRECT\\n\"; }",
        httpEnabled = true,
        httpServer = VpnProxyServer("192.0.2.1", 8080, true, "me", reference),
        httpsEnabled = true,
        httpsServer = VpnProxyServer("proxy.example", 65535, true, "you", SecretReference(byteArrayOf())),
        excludeSimpleHostnames = true,
        exceptionList = listOf("a.example"),
        matchDomains = listOf("b.example", ""),
    )

    private val ipsec = IpsecProtocol(
        serverAddress = "vpn.example",
        username = "Zoë \"\\\u0001",
        passwordReference = reference,
        identityReference = SecretReference(byteArrayOf(2)),
        identityDataReference = SecretReference(byteArrayOf(3)),
        identityDataPasswordReference = SecretReference(byteArrayOf(4)),
        disconnectOnSleep = true,
        proxySettings = proxies,
        includeAllNetworks = true,
        excludeLocalNetworks = false,
        excludeCellularServices = false,
        excludeApns = false,
        excludeDeviceCommunication = false,
        enforceRoutes = true,
        sliceUuid = "A4B9F2B1-6F0A-4A0E-8E40-0E2F3C1B9D11",
        authenticationMethod = IkeAuthenticationMethod.Certificate,
        useExtendedAuthentication = true,
        sharedSecretReference = SecretReference(byteArrayOf(5)),
        localIdentifier = "me",
        remoteIdentifier = "server",
    )

    private val ikev2 = Ikev2Protocol(
        serverAddress = ipsec.serverAddress,
        username = ipsec.username,
        passwordReference = ipsec.passwordReference,
        identityReference = ipsec.identityReference,
        identityDataReference = ipsec.identityDataReference,
        identityDataPasswordReference = ipsec.identityDataPasswordReference,
        disconnectOnSleep = true,
        proxySettings = proxies,
        includeAllNetworks = true,
        excludeLocalNetworks = false,
        excludeCellularServices = false,
        excludeApns = false,
        excludeDeviceCommunication = false,
        enforceRoutes = true,
        sliceUuid = ipsec.sliceUuid,
        authenticationMethod = IkeAuthenticationMethod.SharedSecret,
        useExtendedAuthentication = true,
        sharedSecretReference = ipsec.sharedSecretReference,
        localIdentifier = "me",
        remoteIdentifier = "server",
        ikeSecurityAssociationParameters = Ikev2SecurityAssociationParameters(
            Ikev2EncryptionAlgorithm.Aes256Gcm,
            Ikev2IntegrityAlgorithm.Sha384,
            Ikev2DiffieHellmanGroup.Group20,
            720,
            listOf(Ikev2PostQuantumKeyExchangeMethod.Method36, Ikev2PostQuantumKeyExchangeMethod.Method37),
        ),
        childSecurityAssociationParameters = Ikev2SecurityAssociationParameters(
            Ikev2EncryptionAlgorithm.ChaCha20Poly1305,
            Ikev2IntegrityAlgorithm.Sha512,
            Ikev2DiffieHellmanGroup.Group31,
            99,
            listOf(Ikev2PostQuantumKeyExchangeMethod.None),
        ),
        deadPeerDetectionRate = Ikev2DeadPeerDetectionRate.High,
        serverCertificateIssuerCommonName = "CA",
        serverCertificateCommonName = "vpn",
        certificateType = Ikev2CertificateType.Ed25519,
        useConfigurationAttributeInternalIpSubnet = true,
        disableMobike = true,
        disableRedirect = true,
        enablePfs = true,
        allowPostQuantumKeyExchangeFallback = true,
        enableRevocationCheck = true,
        strictRevocationCheck = true,
        minimumTlsVersion = Ikev2TlsVersion.Version1_2,
        maximumTlsVersion = Ikev2TlsVersion.Version1_3,
        enableFallback = true,
        mtu = 1400,
        ppkConfiguration = Ikev2PpkConfiguration("key", SecretReference(byteArrayOf(6)), false),
        trustedCertificates = listOf(TrustedCertificate(byteArrayOf(48, 0))),
        profileOnly = Ikev2ProfileSettings(true, true, 20, true),
    )

    private val rules = listOf(
        OnDemandRuleConnect(listOf("a"), listOf("192.0.2.1"), OnDemandRuleInterfaceType.WiFi, listOf("home"), "https://a.example"),
        OnDemandRuleDisconnect(listOf("b"), listOf("192.0.2.2"), OnDemandRuleInterfaceType.Ethernet, listOf("work"), "http://b.example"),
        OnDemandRuleIgnore(listOf("c"), emptyList(), OnDemandRuleInterfaceType.Cellular, listOf(""), "https://c.example"),
        OnDemandRuleEvaluateConnection(
            listOf(
                EvaluateConnectionRule(
                    listOf("d.example"), EvaluateConnectionRuleAction.ConnectIfNeeded, listOf("192.0.2.3"), "https://d.example",
                ),
                EvaluateConnectionRule(listOf("e.example"), EvaluateConnectionRuleAction.NeverConnect),
            ),
            listOf("f"), listOf("192.0.2.4"), OnDemandRuleInterfaceType.WiFi, listOf("cafe"), "https://f.example",
        ),
    )

    private val app = VpnAppRule("org.example.app", "sign", "anchor apple", "/Applications/A", listOf(VpnAppRule("tool")))

    private val full = VpnConfiguration(
        isEnabled = true,
        protocolConfiguration = ikev2,
        localizedDescription = "Work",
        isOnDemandEnabled = true,
        onDemandRules = rules,
        managed = ManagedVpnSettings(
            profileMatching = true,
            onDemandUserOverrideDisabled = true,
            disconnectOnIdleSeconds = 600,
            perApp = PerAppVpn(
                "0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A60", true, listOf(app),
                listOf("s"), listOf("m"), listOf("c"), listOf("k"), listOf("a"), listOf("x"), listOf("f"),
            ),
        ),
    )

    /** The properties that data classes are made of, with those of what they hold, by path. */
    private fun values(of: Any?, path: String, into: MutableMap<String, Any?>) {
        into[path] = of
        val type = of?.javaClass ?: return
        if (!type.name.startsWith("adit.core.manager")) return
        for (method in type.methods.filter { it.name.startsWith("component") && it.parameterCount == 0 }) {
            values(method.invoke(of), "$path.${method.name}", into)
        }
    }

    private fun values(of: Any): Map<String, Any?> = LinkedHashMap<String, Any?>().also { values(of, "", it) }

    @Test
    fun `every field goes through the core and back`() = withVpn(FakeHost()) { vpn ->
        for (sent in listOf(full, full.copy(protocolConfiguration = ipsec))) {
            vpn.shared.configuration = sent
            assertEquals(sent, vpn.shared.configuration)
        }
        vpn.shared.edit { copy(isEnabled = false) }
        assertFalse(vpn.shared.configuration.isEnabled)
        assertEquals(ipsec, vpn.shared.configuration.protocolConfiguration)
    }

    @Test
    fun `the round trip leaves no field at its default`() {
        val defaults = values(VpnConfiguration(protocolConfiguration = Ikev2Protocol()))
        val sent = values(full)
        for ((path, value) in defaults) assertNotEquals(value, sent[path], "$path is at its default")
        val ipsecDefaults = values(IpsecProtocol())
        for ((path, value) in values(ipsec)) if (path in ipsecDefaults) assertNotEquals(value, ipsecDefaults[path], path)
        for ((path, value) in values(VpnProxySettings())) assertNotEquals(value, values(proxies)[path], path)
        for ((path, value) in values(PerAppVpn())) assertNotEquals(value, values(full.managed.perApp!!)[path], path)
        for ((path, value) in values(VpnAppRule("a"))) assertNotEquals(value, values(app)[path], path)
    }

    @Test
    fun `what is not set has the core's default`() = withVpn(FakeHost()) { vpn ->
        assertEquals(VpnConfiguration(), vpn.shared.configuration)
        // The core fills in what a text leaves out.
        for ((name, default) in listOf("ikev2" to Ikev2Protocol(), "ipsec" to IpsecProtocol())) {
            val read = vpn.core.run {
                setConfiguration(shared(), """{"protocol_configuration":{"$name":{}}}""")
                vpn.shared.configuration.protocolConfiguration
            }
            assertEquals(default, read)
        }
    }

    @Test
    fun `raw values are Apple's`() {
        val enums: Map<String, List<RawValue>> = mapOf(
            "NEVPNIKEAuthenticationMethod" to IkeAuthenticationMethod.entries,
            "NEVPNIKEv2EncryptionAlgorithm" to Ikev2EncryptionAlgorithm.entries,
            "NEVPNIKEv2IntegrityAlgorithm" to Ikev2IntegrityAlgorithm.entries,
            "NEVPNIKEv2DiffieHellmanGroup" to Ikev2DiffieHellmanGroup.entries,
            "NEVPNIKEv2PostQuantumKeyExchangeMethod" to Ikev2PostQuantumKeyExchangeMethod.entries,
            "NEVPNIKEv2DeadPeerDetectionRate" to Ikev2DeadPeerDetectionRate.entries,
            "NEVPNIKEv2CertificateType" to Ikev2CertificateType.entries,
            "NEVPNIKEv2TLSVersion" to Ikev2TlsVersion.entries,
            "NEVPNStatus" to VpnStatus.entries,
            "NEProviderStopReason" to ProviderStopReason.entries,
            "NEVPNError" to VpnErrorCode.entries,
            "NEVPNConnectionError" to VpnConnectionError.entries,
            "NEOnDemandRuleAction" to OnDemandRuleAction.entries,
            "NEOnDemandRuleInterfaceType" to OnDemandRuleInterfaceType.entries,
            "NEEvaluateConnectionRuleAction" to EvaluateConnectionRuleAction.entries,
        )
        val cases = facts.filter { it.kind.endsWith(" case") }.groupBy { it.owner }
        assertEquals(cases.keys, enums.keys)
        for ((owner, entries) in enums) {
            assertEquals(
                cases.getValue(owner).associate { it.name to it.type.toInt() },
                entries.associate { it.swiftName to it.raw },
                owner,
            )
        }
    }

    @Test
    fun `defaults are Apple's`() {
        val objects: Map<String, Any> = mapOf(
            "NEVPNProtocol" to Ikev2Protocol(),
            "NEVPNProtocolIPSec" to IpsecProtocol(),
            "NEVPNProtocolIKEv2" to Ikev2Protocol(),
            "NEVPNIKEv2SecurityAssociationParameters" to Ikev2SecurityAssociationParameters.ike(),
            "NEVPNIKEv2PPKConfiguration" to Ikev2PpkConfiguration("a"),
            "NEOnDemandRule" to OnDemandRuleConnect(),
            "NEEvaluateConnectionRule" to EvaluateConnectionRule(listOf("a"), EvaluateConnectionRuleAction.NeverConnect),
            "NEProxySettings" to VpnProxySettings(),
            "NEProxyServer" to VpnProxyServer("a", 1),
            "NEVPNManager" to VpnConfiguration(),
        )
        // Secrets are set apart, so that no configuration holds one; one property has an old name besides.
        val secrets = setOf("identityData", "identityDataPassword", "password")
        val old = "protocol"
        var compared = 0
        for (fact in facts.filter { it.kind == "property" && it.default.isNotEmpty() && it.owner in objects && it.name !in secrets && it.name != old }) {
            val of = objects.getValue(fact.owner)
            val name = fact.name.lowercase()
            val getter = of.javaClass.methods.firstOrNull { it.name.lowercase() == "get$name" || it.name.lowercase() == name }
            checkNotNull(getter) { "${fact.owner} has no ${fact.name}" }
            val value = when (val value = getter.invoke(of)) {
                is RawValue -> value.swiftName
                null, emptyList<Any>() -> "nil"
                else -> value.toString()
            }
            // "(profile default 1280)", "false (macOS); true (iOS)", "60 (IKE SA), ..", "algorithmAES256 (iOS 14+ ..)".
            val words = Regex("[A-Za-z0-9_]+").findAll(fact.default.replace("empty", "nil")).map { it.value }.toList()
            assertTrue(value in words, "${fact.owner}.${fact.name}: $value, not ${fact.default}")
            compared++
        }
        assertTrue(compared > 40, "$compared")
        assertEquals(30, Ikev2SecurityAssociationParameters.child().lifetimeMinutes)
    }

    @Test
    fun `domains and names are Apple's`() {
        assertEquals("NEVPNErrorDomain", VpnErrorCode.DOMAIN)
        assertEquals("NEVPNConnectionErrorDomain", VpnConnectionError.DOMAIN)
        assertEquals("NEVPNConfigurationChangeNotification", VpnNotification.ConfigurationChanged.NAME)
        assertEquals("NEVPNStatusDidChangeNotification", VpnNotification.StatusChanged.NAME)
        assertEquals("NEVPNConnectionStartOptionUsername", VpnStartOptions.USERNAME)
        assertEquals("NEVPNConnectionStartOptionPassword", VpnStartOptions.PASSWORD)
    }

    @Test
    fun `rules do what their class says`() {
        assertEquals(OnDemandRuleAction.entries.toList(), listOf(rules[0], rules[1], rules[3], rules[2]).map { it.action })
    }

    @Test
    fun `texts show no reference and no secret`() {
        assertFalse(full.toString().contains("[1,") || SecretReference("hunter2".toByteArray()).toString().contains("hunter2"))
        assertFalse(VpnStartOptions("me", "hunter2").toString().contains("hunter2"))
        assertEquals(SecretReference(byteArrayOf(1)).hashCode(), SecretReference(byteArrayOf(1)).hashCode())
        assertNotEquals(TrustedCertificate(byteArrayOf(1)), TrustedCertificate(byteArrayOf(2)))
    }

    @Test
    fun `JSON is read as it is written`() {
        val value = mapOf("a" to listOf(1L, null, true, false, "\"\\/\u0000\n€😀"), "b" to emptyMap<String, Any?>(), "" to emptyList<Any?>())
        assertEquals(value, Json.read(Json.write(value)))
        assertEquals(listOf("\n\t\r\b\u000c/A"), Json.read(" [ \"\\n\\t\\r\\b\\f\\/\\u0041\" ] "))
        for (wrong in listOf("", "{", "[1", "\"", "tru", "[1]x", "{\"a\"1}", "-")) {
            assertTrue(runCatching { Json.read(wrong) }.isFailure, wrong)
        }
        assertNull(Json.read("null"))
    }
}
