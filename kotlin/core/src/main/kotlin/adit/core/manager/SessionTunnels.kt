package adit.core.manager

import adit.core.AditSession
import adit.core.Answer
import adit.core.HostAbilities
import adit.core.Outcome
import adit.core.Question
import adit.core.SessionEvent
import adit.core.TunnelSettings
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import java.util.concurrent.ConcurrentHashMap

/**
 * What a tunnel that runs in this process needs of it. [VpnRefusal] refuses; so does any other exception. What the
 * [abilities] do not name is not asked.
 */
public interface TunnelHost {
    /** What is answered here. */
    public val abilities: HostAbilities

    /** Hands over the descriptor for the tunnel's packets, with [AditSession.attachTun]; called again when settings change. */
    public suspend fun attach(session: AditSession, settings: TunnelSettings)

    /** Keeps a socket out of the tunnel (`VpnService.protect`); nothing is sent before it returns. */
    public suspend fun protect(fd: Int): Unit = throw VpnRefusal("sockets are not protected here")

    /** The addresses of a name, on the physical network. */
    public suspend fun resolveName(host: String): List<String> = throw VpnRefusal("names are not resolved here")

    /** Signs with a key that only the host can use; `scheme` as in [Question.Sign]. The message is not hashed yet. */
    public suspend fun sign(key: String, scheme: String, message: ByteArray): ByteArray = throw VpnRefusal("there are no keys here")

    /** Judges a chain, DER, the server's own first; returns when it is trusted for the identity. */
    public suspend fun judgeChain(certificates: List<ByteArray>, identity: String): Unit =
        throw VpnRefusal("certificates are not judged here")

    /** The user's name, if another one, and password. `attempt` counts refusals by the server. */
    public suspend fun password(username: String?, attempt: UInt): Pair<String?, String> = throw VpnRefusal("nobody is asked here")

    /** The certificates of the key under a reference, DER, its own first. */
    public suspend fun identity(reference: SecretReference): List<ByteArray> = throw VpnRefusal("there are no keys here")
}

/**
 * Runs tunnels in this process: the part of a [VpnHost] that starts and stops them, for hosts on a JVM. On Android the
 * service does.
 *
 * @param scope where tunnels run. @param overrides ports and timers for tests.
 */
public class SessionTunnels(private val host: TunnelHost, private val scope: CoroutineScope, private val overrides: String? = null) {
    private class Running(val session: AditSession, val job: Job)

    private val running = ConcurrentHashMap<UInt, Running>()

    /** As [VpnHost.startTunnel]. */
    public suspend fun start(start: VpnTunnelStart, report: VpnTunnelReport) {
        val identity = start.identityReference?.let { host.identity(it) }.orEmpty()
        val session = when (val opened = AditSession.open(start.sessionOptions(host.abilities, identity, overrides))) {
            is Outcome.Ok -> opened.value
            is Outcome.Failed -> throw opened.error
        }
        val job = scope.launch {
            try {
                session.events.collect { event ->
                    if (event is SessionEvent.Ask) launch { session.answer(event.token, answer(event.question)) }
                    if (event is SessionEvent.Up) host.attach(session, event.settings)
                    report.event(session, event)
                }
            } catch (cancelled: CancellationException) {
                throw cancelled
            } catch (failed: Exception) {
                // The host's code: what it throws ends this tunnel, and nothing else.
                report.closed(VpnConnectionError.PluginFailed, failed.message ?: failed.toString())
            } finally {
                running.remove(start.tunnel)
                session.close()
            }
        }
        running[start.tunnel] = Running(session, job)
        if (job.isCompleted) running.remove(start.tunnel)
    }

    /** As [VpnHost.stopTunnel]. */
    public suspend fun stop(tunnel: UInt) {
        val found = running[tunnel] ?: return
        found.session.stop()
        found.job.join()
    }

    private suspend fun answer(question: Question): Answer = try {
        when (question) {
            is Question.ProtectSocket -> Answer.Done.also { host.protect(question.fd) }
            is Question.ResolveName -> Answer.Addresses(host.resolveName(question.host))
            is Question.Sign -> Answer.Signature(host.sign(question.key, question.scheme, question.message))
            is Question.JudgeChain -> Answer.Done.also { host.judgeChain(question.certificates, question.identity) }
            is Question.Password -> host.password(question.username, question.attempt).let { Answer.Password(it.first, it.second) }
        }
    } catch (cancelled: CancellationException) {
        throw cancelled
    } catch (refused: Exception) {
        Answer.Refused(refused.message ?: refused.toString())
    }
}
