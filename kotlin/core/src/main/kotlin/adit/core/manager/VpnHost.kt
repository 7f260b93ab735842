package adit.core.manager

import adit.core.AditSession
import adit.core.Credentials
import adit.core.HostAbilities
import adit.core.SessionEvent
import adit.core.SessionOptions

/** The user or the platform does not permit what was asked for. @param reason why, for a person. */
public class VpnRefusal(reason: String) : Exception(reason)

/** What is stored is not what was thought: somebody else wrote meanwhile. */
public class VpnStaleRecord : Exception("something else is stored")

/**
 * What the Personal VPN needs of the platform: a store, the user's consent, the physical network, and tunnels.
 *
 * Each function is called in a coroutine of its own and may take its time; the model gives up by itself where there is a
 * deadline. [VpnRefusal] says no; any other exception says that it was tried and failed.
 */
public interface VpnHost {
    /** The configurations of which there is a record. */
    public suspend fun keys(): List<VpnConfigurationKey>

    /** The stored record; null: there is none. */
    public suspend fun load(key: VpnConfigurationKey): String?

    /**
     * Writes a record, all of it or nothing. It holds no secret.
     *
     * @param replaces the generation that it replaces ([recordGeneration] tells a record's); null: there is none.
     * @throws VpnStaleRecord another generation is stored.
     */
    public suspend fun save(key: VpnConfigurationKey, record: String, replaces: ULong?)

    /** Deletes a record. */
    public suspend fun remove(key: VpnConfigurationKey)

    /** Asks the user whether this app may add a VPN; returns when it may. @throws VpnRefusal it may not. */
    public suspend fun consent(key: VpnConfigurationKey, description: String?)

    /** Keeps a secret. @return the name by which it is read again. */
    public suspend fun storeSecret(key: VpnConfigurationKey, slot: SecretSlot, content: ByteArray): SecretReference

    /** Forgets secrets. */
    public suspend fun deleteSecrets(references: List<SecretReference>)

    /** A secret; null: there is none of that name. */
    public suspend fun readSecret(key: VpnConfigurationKey, slot: SecretSlot, reference: SecretReference): ByteArray?

    /** The addresses of a name, asked on the physical network and never through a tunnel, in the order to try them. */
    public suspend fun resolveName(host: String): List<String>

    /** Does any of these DNS servers answer, on the physical network? */
    public suspend fun probeDns(servers: List<String>): Boolean

    /** Does this name resolve on the physical network? */
    public suspend fun probeName(host: String): Boolean

    /** Does this URL answer with status 200, without a redirect, on the physical network? */
    public suspend fun probeUrl(url: String): Boolean

    /** Runs a tunnel, and tells [report] of it until it is over. Returns once it runs. */
    public suspend fun startTunnel(start: VpnTunnelStart, report: VpnTunnelReport)

    /** Ends a tunnel within a second; returns when it is gone. */
    public suspend fun stopTunnel(tunnel: UInt)
}

/** The generation of a stored record: it counts its saves. For a store that checks `replaces` before it writes. */
public fun recordGeneration(record: String): ULong = Members.read(record).needLong("generation").toULong()

/**
 * What a start hands to whoever runs tunnels.
 *
 * @property tunnel names the tunnel from its start to its end.
 * @property key whose it is.
 * @property profile the profile to make it of, with its secrets.
 * @property identityReference the host keeps the client's certificate and key under this name.
 * @property addresses the server's addresses, in the order to try them.
 * @property username the user's name for this start, in place of the profile's.
 * @property password the password for this start, in place of the profile's.
 * @property onDemand on demand started it.
 */
public class VpnTunnelStart internal constructor(
    public val tunnel: UInt,
    public val key: VpnConfigurationKey,
    public val profile: ByteArray,
    public val identityReference: SecretReference?,
    public val addresses: List<String>,
    public val username: String?,
    public val password: String?,
    public val onDemand: Boolean,
) {
    /**
     * What a session of it is made from. Its first attempt goes to [addresses]; a later one resolves the name again.
     *
     * @param host which questions the session may ask. @param identity the certificates of the key that [identityReference] names,
     *   DER, its own first; the question `Sign` then brings the reference back in hexadecimal.
     * @param overrides ports and timers for tests, as [SessionOptions] has them.
     */
    public fun sessionOptions(host: HostAbilities, identity: List<ByteArray> = emptyList(), overrides: String? = null): SessionOptions =
        SessionOptions(
            profile,
            null,
            Credentials(
                username = username,
                password = password,
                keyReference = identityReference?.bytes?.toHex(),
                keyCertificates = identity,
            ),
            host,
            overrides,
            addresses,
        )

    /** Without profile and password. */
    override fun toString(): String = "TunnelStart(tunnel=$tunnel, key=$key, onDemand=$onDemand)"
}

/** How whoever runs a tunnel tells of it. */
public interface VpnTunnelReport {
    /** An event of its session; all of them, in order. */
    public fun event(session: AditSession, event: SessionEvent)

    /** The system took the right to run a tunnel away (`VpnService.onRevoke`). */
    public fun revoked()

    /** Nothing went through it for as long as its configuration allows (`DisconnectOnIdle`), and it ended; its session did not tell. */
    public fun idle()

    /**
     * It is over, and its session did not tell: it ran in another process, or never did.
     *
     * @param error why, by Apple's case; null: somebody asked for it. @param message what happened, for a person.
     */
    public fun closed(error: VpnConnectionError?, message: String = "")
}
