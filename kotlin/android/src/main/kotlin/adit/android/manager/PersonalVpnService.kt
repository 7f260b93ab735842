package adit.android.manager

import adit.android.AditVpnService
import adit.android.service.SessionFactory
import adit.android.service.StartReason
import adit.android.service.TunnelConfiguration
import adit.android.service.TunnelFailure
import adit.android.tunnel.Apps
import adit.android.tunnel.TunnelOptions
import adit.core.AditSession
import adit.core.Answer
import adit.core.Outcome
import adit.core.Question
import adit.core.SessionEvent
import adit.core.HostAbilities
import adit.core.manager.VpnRefusal
import adit.core.manager.SecretReference
import adit.core.manager.VpnConfiguration
import adit.core.orThrow
import adit.android.service.log
import java.io.IOException
import java.security.GeneralSecurityException

/**
 * The service that runs the tunnels of an [AndroidPersonalVpn]: subclass it, name the subclass in the manifest as for
 * [AditVpnService].
 *
 * A start by the system, as always-on or after it ended the process, starts what is stored for this app.
 */
public abstract class PersonalVpnService : AditVpnService() {
    /** The one of the process; called for each start. */
    protected abstract fun personalVpn(): AndroidPersonalVpn

    /** Which questions [answer] answers: the device judges chains; an app that asks its user for passwords says so here. */
    protected open val abilities: HostAbilities get() = HostAbilities(true, true, judgesChains = true, asksPassword = false)

    /**
     * The certificates of the key under a configuration's `identityReference`, DER, its own first. The question `Sign` brings the
     * reference back, in hexadecimal. As it is, a reference is the alias of a key of [deviceAnswers], in UTF-8.
     */
    protected open suspend fun identity(reference: SecretReference): List<ByteArray> = try {
        deviceAnswers.certificates(reference.bytes.decodeToString())
    } catch (missing: GeneralSecurityException) {
        throw VpnRefusal(missing.message ?: missing.toString())
    }

    override suspend fun answer(question: Question): Answer = super.answer(
        if (question is Question.Sign) question.copy(key = SecretReference.ofHex(question.key).bytes.decodeToString()) else question,
    )

    /** The package of an app of a per-app configuration; its identifier unless told. */
    protected open fun packageOf(identifier: String): String = identifier

    /** What the app chooses about the tunnel beside its configuration. */
    protected open fun tunnelOptions(configuration: VpnConfiguration): TunnelOptions = TunnelOptions(
        session = configuration.localizedDescription ?: "VPN",
        apps = apps(configuration),
    )

    @Volatile
    private var session: AditSession? = null

    /** For the model of the next process: that of this one is made already, perhaps. */
    override fun onLockdown(on: Boolean) {
        try {
            personalVpn().lockdown?.remember(on)
        } catch (failed: IOException) {
            log("whether connections without VPN are blocked is not remembered: ${failed.message}")
        }
    }

    override suspend fun configuration(reason: StartReason): TunnelConfiguration? {
        val personal = personalVpn()
        val start = personal.tunnels.take {
            personal.vpn.shared.loadFromPreferences().orThrow()
            personal.vpn.shared.connection.startVpnTunnel().orThrow()
        } ?: return null
        val configuration = personal.vpn.stored(start.key) ?: return null
        val identity = start.identityReference?.let { identity(it) }.orEmpty()
        return TunnelConfiguration(start.sessionOptions(abilities, identity), tunnelOptions(configuration))
    }

    /** Sessions that report to the model. */
    override fun sessions(): SessionFactory = SessionFactory { options ->
        when (val opened = AditSession.open(options)) {
            is Outcome.Failed -> opened
            is Outcome.Ok -> Outcome.Ok(opened.value.also { session = it })
        }
    }

    override fun onEvent(event: SessionEvent) {
        val session = session ?: return
        personalVpn().tunnels.event(session, event)
    }

    override fun onEnded(failure: TunnelFailure?) {
        session = null
        personalVpn().tunnels.ended(failure)
    }

    private fun apps(configuration: VpnConfiguration): Apps {
        val perApp = configuration.managed.perApp ?: return Apps.All
        val names = perApp.apps.associate { it.identifier to packageOf(it.identifier) }
        // An empty list would take every app.
        if (names.isEmpty()) throw VpnRefusal("the configuration is for chosen apps and names none")
        return Apps.Only(names.values.toSet())
    }
}
