package adit.core.manager

import adit.core.Outcome
import adit.core.map
import adit.core.outcome

/**
 * One view of a configuration (`NEVPNManager`): a copy that is loaded, changed and saved, and the connection.
 *
 * @property vpn the Personal VPN it belongs to.
 * @property key which configuration.
 */
public class VpnManager internal constructor(
    public val vpn: VpnSystem,
    private val id: UInt,
    public val key: VpnConfigurationKey,
) : AutoCloseable {
    /** Starts, stops and reports the tunnel. */
    public val connection: VpnConnection = VpnConnection(this, id)

    /** The copy; the defaults before it is loaded. A change stores nothing before [saveToPreferences]. */
    public var configuration: VpnConfiguration
        get() = ConfigurationForm.read(vpn.core.configuration(id))
        set(value) = vpn.calling { setConfiguration(id, ConfigurationForm.write(value)) }

    /** Changes the copy: `manager.edit { copy(isEnabled = true) }`. */
    public fun edit(change: VpnConfiguration.() -> VpnConfiguration) {
        configuration = configuration.change()
    }

    /** Sets a secret of the copy; the next save stores it with the host and puts its reference into the configuration. */
    public fun setSecret(slot: SecretSlot, content: ByteArray): Unit = vpn.calling { setSecret(id, slot.word, content) }

    /**
     * Makes the copy from a VPN of a profile, secrets included.
     *
     * @param payload a `PayloadUUID`; null: the first VPN.
     * @return what could not be carried over; or why the profile holds no such VPN.
     */
    public fun importProfile(profile: ByteArray, payload: String? = null): Outcome<List<ImportNote>> =
        outcome { vpn.calling { importProfile(id, profile, payload) } }.map { notes ->
            (Json.read(notes) as List<*>).map { Members.of(it) }.map { ImportNote(it.needText("path"), it.needText("reason")) }
        }

    /** Reads what is stored; must precede a save. Where nothing is stored the copy is empty. */
    public suspend fun loadFromPreferences(): Outcome<Unit> = vpn.operation(id, "load") { load(id) }

    /**
     * Stores the copy and its new secrets. The first save asks the user. An enabled one disables the others of its kind.
     * Fails with [VpnErrorCode.ConfigurationStale] before a load, or when something else was stored since.
     */
    public suspend fun saveToPreferences(): Outcome<Unit> = vpn.operation(id, "save") { save(id) }

    /** Deletes what is stored, with the secrets that were stored with it; the tunnel ends. */
    public suspend fun removeFromPreferences(): Outcome<Unit> = vpn.operation(id, "remove") { remove(id) }

    /** The user turns on demand [off], or lets it go on; fails where a managed configuration does not permit it. */
    public fun setUserOverride(off: Boolean): Outcome<Unit> = outcome { vpn.calling { setUserOverride(id, off) } }

    /** What is wrong with the copy; a save with one that is [refused][VpnObjection.refused] fails. */
    public fun objections(): List<VpnObjection> = list(vpn.core.objections(id)).map {
        VpnObjection(it.needText("property"), it.needText("message"), it.flag("refused"))
    }

    /** What this platform cannot do of the copy, before anything is saved or started. */
    public fun limitations(): List<VpnLimitation> = limitations(list(vpn.core.limitations(id)))

    /** What this platform is to set for a tunnel of the stored configuration that comes up; fails where nothing is stored. */
    public fun routingPlan(tunnel: VpnTunnelRoutes): Outcome<VpnRoutingPlan> =
        outcome { vpn.core.routingPlan(id, Json.write(tunnel.form())) }.map { VpnRoutingPlan.of(Members.read(it)) }

    /**
     * The apps of a per-app configuration as this platform names them; null when the copy is for all apps.
     *
     * @param installed the packages on this device. @param packages the package of each identifier that is not one itself.
     */
    public fun appLists(installed: Collection<String>, packages: Map<String, String> = emptyMap()): VpnAppLists? {
        val device = Json.write(mapOf("installed" to installed, "packages" to packages))
        return vpn.core.perAppLists(id, device)?.let { VpnAppLists.of(Members.read(it)) }
    }

    private fun list(text: String): List<Members> = (Json.read(text) as List<*>).map { Members.of(it) }

    /** Lets go of a manager that [VpnSystem.manager] gave; its configuration and its tunnel stay. */
    override fun close(): Unit = vpn.calling { closeManager(id) }
}

/**
 * What an import could not carry over.
 *
 * @property path where it is in the profile. @property reason why it has no counterpart.
 */
public data class ImportNote(public val path: String, public val reason: String)
