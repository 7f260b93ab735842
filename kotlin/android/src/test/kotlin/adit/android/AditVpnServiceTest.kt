package adit.android

import adit.android.service.ServicePlatform
import adit.android.service.SessionFactory
import adit.android.service.StartReason
import adit.android.service.TunnelConfiguration
import adit.android.service.TunnelFailure
import adit.android.service.TunnelStatus
import adit.android.testing.FakeSession
import adit.android.testing.connection
import adit.android.testing.settings
import adit.android.tunnel.TunDescriptor
import adit.android.tunnel.TunnelBuilder
import adit.core.Answer
import adit.core.Credentials
import adit.core.HostAbilities
import adit.core.Outcome
import adit.core.Question
import adit.core.SessionEvent
import adit.core.SessionOptions
import android.app.Service
import android.content.Intent
import android.net.VpnService
import io.mockk.every
import io.mockk.mockk
import io.mockk.verify
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import kotlin.time.Duration.Companion.seconds

/** The service itself, an instance of Android's own class, with the seams in place of the system. */
class AditVpnServiceTest {
    private val session = FakeSession()
    private val descriptor = mockk<TunDescriptor>(relaxed = true) { every { fd } returns 42 }
    private val builder = mockk<TunnelBuilder>(relaxed = true) { every { establish() } returns descriptor }
    private val android = mockk<ServicePlatform>(relaxed = true) {
        every { api } returns 35
        every { ownPackage } returns "app.vpn"
        every { isPrepared() } returns true
        every { showForeground(any()) } returns true
        every { newBuilder() } returns builder
        every { isInstalled(any()) } returns true
        every { protect(any()) } returns false
    }
    private val starts = ArrayList<StartReason>()
    private val events = ArrayList<SessionEvent>()

    private inner class Vpn : AditVpnService() {
        override suspend fun configuration(reason: StartReason): TunnelConfiguration {
            starts += reason
            val host = HostAbilities(false, false, false, false)
            return TunnelConfiguration(SessionOptions(byteArrayOf(1), null, Credentials(), host, null))
        }

        override fun onEvent(event: SessionEvent) {
            events += event
        }

        override fun platform(): ServicePlatform = android

        override fun sessions() = SessionFactory { Outcome.Ok(session) }

        override fun scope() = CoroutineScope(SupervisorJob() + Dispatchers.Default.limitedParallelism(1))
    }

    private val service = Vpn().apply { onCreate() }

    private inline fun <reified T : TunnelStatus> awaited(): T = runBlocking {
        withTimeout(20.seconds) { AditVpnService.status.first { it is T } as T }
    }

    private fun intent(of: String?): Intent = Intent().apply { action = of }

    @AfterEach
    fun `nothing runs afterwards`() {
        service.onDestroy()
        awaited<TunnelStatus.Disconnected>()
    }

    @Test
    fun `an intent of the app starts it, and it stays`() {
        assertEquals(Service.START_STICKY, service.onStartCommand(intent("adit.android.START"), 0, 1))
        awaited<TunnelStatus.Connecting>()
        session.happens(SessionEvent.Up(settings(), connection))
        assertEquals(connection, awaited<TunnelStatus.Connected>().connection)
        assertEquals(listOf(StartReason.App), starts)
        assertTrue("attach 42" in session.calls)
    }

    @Test
    fun `no intent at all is a start by the system, as after the process was ended`() {
        assertEquals(Service.START_STICKY, service.onStartCommand(null, Service.START_FLAG_REDELIVERY, 1))
        session.happens(SessionEvent.Up(settings(), connection))
        awaited<TunnelStatus.Connected>()
        assertEquals(listOf(StartReason.System), starts)
    }

    @Test
    fun `always-on starts it by the system's own intent`() {
        service.onStartCommand(intent(VpnService.SERVICE_INTERFACE), 0, 1)
        session.happens(SessionEvent.Up(settings(), connection))
        awaited<TunnelStatus.Connected>()
        assertEquals(listOf(StartReason.System), starts)
    }

    @Test
    fun `an intent of the app stops it, and it is not started again`() {
        service.onStartCommand(null, 0, 1)
        session.happens(SessionEvent.Up(settings(), connection))
        awaited<TunnelStatus.Connected>()
        assertEquals(Service.START_NOT_STICKY, service.onStartCommand(intent("adit.android.STOP"), 0, 2))
        assertEquals(null, awaited<TunnelStatus.Disconnected>().failure)
        assertTrue("close" in session.calls)
        verify { descriptor.close() }
        verify { android.finished(2) }
    }

    @Test
    fun `revoked, it stops at once and says why`() {
        service.onStartCommand(null, 0, 1)
        session.happens(SessionEvent.Up(settings(), connection))
        awaited<TunnelStatus.Connected>()
        service.onRevoke()
        assertInstanceOf(TunnelFailure.Revoked::class.java, awaited<TunnelStatus.Disconnected>().failure)
        assertTrue("stop" in session.calls)
    }

    @Test
    fun `destroyed, it stops`() {
        service.onStartCommand(null, 0, 1)
        session.happens(SessionEvent.Up(settings(), connection))
        awaited<TunnelStatus.Connected>()
        service.onDestroy()
        awaited<TunnelStatus.Disconnected>()
        assertTrue("stop" in session.calls && "close" in session.calls)
    }

    @Test
    fun `a socket that is not protected is refused, and what the app does not answer too`() {
        service.onStartCommand(null, 0, 1)
        session.happens(SessionEvent.Ask(1u, 1_000u, Question.ProtectSocket(7)))
        session.happens(SessionEvent.Ask(2u, 1_000u, Question.Sign("key", "ed25519", byteArrayOf(1))))
        session.happens(SessionEvent.Up(settings(), connection))
        awaited<TunnelStatus.Connected>()
        for (tries in 0 until 200) if (session.answers.size < 2) Thread.sleep(10)
        assertInstanceOf(Answer.Refused::class.java, session.answers[1u])
        assertInstanceOf(Answer.Refused::class.java, session.answers[2u])
        assertEquals(3, events.size)
    }
}
