package adit.android

import adit.android.service.ServicePlatform
import adit.android.service.SessionFactory
import adit.android.service.StartReason
import adit.android.service.TunnelConfiguration
import adit.android.service.TunnelFailure
import adit.android.service.TunnelStatus
import adit.android.service.stopReason
import adit.android.testing.FakeSession
import adit.android.testing.connection
import adit.android.testing.settings
import adit.android.trust.DeviceAnswers
import adit.android.tunnel.TunDescriptor
import adit.android.tunnel.TunnelBuilder
import adit.core.AditException
import adit.core.Answer
import adit.core.Credentials
import adit.core.HostAbilities
import adit.core.Outcome
import adit.core.Question
import adit.core.SessionEvent
import adit.core.SessionOptions
import adit.core.manager.ProviderStopReason
import android.app.Application
import android.app.Notification
import android.app.NotificationManager
import android.app.Service
import android.content.Context
import android.content.Intent
import android.content.pm.ServiceInfo
import android.net.VpnService
import io.mockk.every
import io.mockk.mockk
import io.mockk.mockkStatic
import io.mockk.unmockkStatic
import io.mockk.verify
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.security.cert.CertificateException
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
    private val ends = ArrayList<TunnelFailure?>()
    private val lockdowns = ArrayList<Boolean>()
    private val asked = ArrayList<String>()
    private val messages = ArrayList<String>()
    private val shown = mockk<Notification>()
    private val notifications = mockk<NotificationManager>(relaxed = true)

    private inner class Vpn(private val its: FakeSession = session) : AditVpnService() {
        override suspend fun configuration(reason: StartReason): TunnelConfiguration {
            starts += reason
            val host = HostAbilities(false, false, false, false)
            return TunnelConfiguration(SessionOptions(byteArrayOf(1), null, Credentials(), host, null))
        }

        override fun onEvent(event: SessionEvent) {
            events += event
        }

        override fun onEnded(failure: TunnelFailure?) {
            ends += failure
        }

        override suspend fun onMessage(message: ByteArray) = message.reversedArray()

        override fun messageNotification(message: String): Notification = shown.also { messages += message }

        override fun getSystemService(name: String): Any? = notifications.takeIf { name == NOTIFICATION_SERVICE }

        override fun getSystemServiceName(type: Class<*>): String? = NOTIFICATION_SERVICE.takeIf { type == NotificationManager::class.java }

        override val deviceAnswers = DeviceAnswers({ _, identity -> if (identity != "vpn.example") throw CertificateException("no") }, mockk(relaxed = true) { every { key(any()) } returns null })

        override fun notification(status: TunnelStatus): Notification = throw IllegalStateException("a bug of the app")

        override fun plainNotification(status: TunnelStatus): Notification = shown

        override fun onLockdown(on: Boolean) {
            lockdowns += on
        }

        val isAlways get() = alwaysOn

        fun cancels(failure: TunnelFailure) = cancelTunnel(failure)

        fun displays(message: String) = displayMessage(message)

        override fun platform(): ServicePlatform = android

        override fun sessions() = SessionFactory { Outcome.Ok(its) }

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
    fun `it ends its own tunnel, with a reason`() {
        service.onStartCommand(null, 0, 1)
        session.happens(SessionEvent.Up(settings(), connection))
        awaited<TunnelStatus.Connected>()
        val reason = TunnelFailure.NoConfiguration("the licence is over")
        service.cancels(reason)
        assertEquals(reason, awaited<TunnelStatus.Disconnected>().failure)
        for (tries in 0 until 200) if (ends.isEmpty()) Thread.sleep(10)
        assertEquals(listOf<TunnelFailure?>(reason), ends)
    }

    @Test
    fun `a message of the app is answered, and one to the user is shown`() = runBlocking {
        assertEquals(listOf<Byte>(2, 1), AditVpnService.sendMessage(byteArrayOf(1, 2))?.toList())
        service.displays("the password expires")
        assertEquals(listOf("the password expires"), messages)
        verify { notifications.notify(any(), shown) }
        service.onDestroy()
        assertEquals(null, AditVpnService.sendMessage(byteArrayOf(1)))
    }

    @Test
    fun `binding is Android's own`() {
        assertEquals(null, service.onBind(intent("other")))
    }

    @Test
    fun `each end has Apple's reason`() {
        fun core(code: String) = TunnelFailure.Core(AditException.Network("text", "", code))
        val internal = TunnelFailure.Core(AditException.Internal("text", "", ""))
        val usage = TunnelFailure.Core(AditException.Usage("text", "", ""))
        val reasons = listOf(
            null to ProviderStopReason.UserInitiated,
            TunnelFailure.NotPrepared("") to ProviderStopReason.ProviderDisabled,
            TunnelFailure.NotInForeground("") to ProviderStopReason.ProviderDisabled,
            TunnelFailure.NoConfiguration("") to ProviderStopReason.ConfigurationFailed,
            TunnelFailure.Revoked("") to ProviderStopReason.Superceded,
            TunnelFailure.Idle("") to ProviderStopReason.IdleTimeout,
            TunnelFailure.NoInterface("") to ProviderStopReason.ProviderFailed,
            internal to ProviderStopReason.InternalError,
            usage to ProviderStopReason.ConfigurationFailed,
            core("noNetworkAvailable") to ProviderStopReason.NoNetworkAvailable,
            core("unrecoverableNetworkChange") to ProviderStopReason.UnrecoverableNetworkChange,
            core("configurationFailed") to ProviderStopReason.ConfigurationFailed,
            core("configurationNotFound") to ProviderStopReason.ConfigurationRemoved,
            core("pluginFailed") to ProviderStopReason.ProviderFailed,
            core("pluginDisabled") to ProviderStopReason.ProviderDisabled,
            core("serverNotResponding") to ProviderStopReason.ConnectionFailed,
        )
        for ((failure, reason) in reasons) assertEquals(reason, failure.stopReason, "$failure")
    }

    @Test
    fun `without consent nothing is started, and the status says why`() {
        val context = mockk<Context>(relaxed = true)
        mockkStatic(VpnService::class)
        try {
            every { VpnService.prepare(context) } returns mockk()
            assertFalse(AditVpnService.start(context, Vpn::class.java))
            verify(exactly = 0) { context.startForegroundService(any()) }
            assertInstanceOf(TunnelFailure.NotPrepared::class.java, (AditVpnService.status.value as TunnelStatus.Disconnected).failure)
            every { VpnService.prepare(context) } returns null
            assertTrue(AditVpnService.start(context, Vpn::class.java))
            verify(exactly = 1) { context.startForegroundService(any()) }
            every { context.startForegroundService(any()) } throws IllegalStateException("not now")
            assertThrows(IllegalStateException::class.java) { AditVpnService.start(context, Vpn::class.java) }
        } finally {
            unmockkStatic(VpnService::class)
        }
    }

    @Test
    fun `a stop that follows a start ends what that start brings, also from the background`() {
        mockkStatic(VpnService::class)
        try {
            for (background in listOf(false, true)) {
                val sent = ArrayList<String?>()
                val context = mockk<Context>(relaxed = true) {
                    every { startForegroundService(any()) } answers { sent += firstArg<Intent>().action; null }
                    every { startService(any()) } answers {
                        if (background) throw IllegalStateException("app is in background")
                        sent += firstArg<Intent>().action
                        null
                    }
                }
                every { VpnService.prepare(context) } returns null
                // The service is there and runs nothing, as after a tunnel that has just ended.
                AditVpnService.start(context, Vpn::class.java)
                AditVpnService.stop(context, Vpn::class.java)
                verify(exactly = 0) { context.stopService(any()) }
                sent.forEachIndexed { at, action -> service.onStartCommand(intent(action), 0, 10 + at) }
                for (tries in 0 until 200) if (ends.isEmpty()) Thread.sleep(10)
                assertEquals(listOf<TunnelFailure?>(null), ends, "$background $sent")
                assertEquals(TunnelStatus.Disconnected(null), AditVpnService.status.value)
                verify(atLeast = 1) { android.showForeground(any()) }
                ends.clear()
                // The next start is nobody's to stop.
                AditVpnService.start(context, Vpn::class.java)
                assertEquals(Service.START_STICKY, service.onStartCommand(intent(sent.last { it!!.endsWith("START") }), 0, 20))
                service.onStartCommand(intent("adit.android.STOP"), 0, 21)
                for (tries in 0 until 200) if (ends.isEmpty()) Thread.sleep(10)
                ends.clear()
            }
        } finally {
            unmockkStatic(VpnService::class)
        }
    }

    /** An app in the process `app.vpn`, in the background, whose service is in [process]. */
    private fun background(process: String) = mockk<Context>(relaxed = true) {
        every { packageManager.getServiceInfo(any(), any<Int>()) } returns ServiceInfo().apply { processName = process }
        every { startService(any()) } throws IllegalStateException("app is in background")
    }

    @Test
    fun `a start under way is stopped when it arrives, be the service made yet or not, and one that Android refuses takes no stop`() {
        service.onDestroy()
        mockkStatic(VpnService::class, Application::class)
        try {
            every { VpnService.prepare(any()) } returns null
            every { Application.getProcessName() } returns "app.vpn"
            val context = background("app.vpn")
            for (refused in listOf(false, true)) {
                AditVpnService.start(context, Vpn::class.java)
                AditVpnService.stop(context, Vpn::class.java)
                verify(exactly = 0) { context.stopService(any()) }
                if (refused) {
                    every { context.startForegroundService(any()) } throws IllegalStateException("not now")
                    assertThrows(IllegalStateException::class.java) { AditVpnService.start(context, Vpn::class.java) }
                }
                val next = Vpn(FakeSession()).apply { onCreate() }
                assertEquals(Service.START_NOT_STICKY, next.onStartCommand(intent("adit.android.START"), 0, 1), "$refused")
                next.onDestroy()
            }
            // One of another process is not seen to arrive here.
            val other = background("app.vpn:tunnel")
            AditVpnService.start(other, Vpn::class.java)
            AditVpnService.stop(other, Vpn::class.java)
            verify(exactly = 1) { other.stopService(any()) }
        } finally {
            unmockkStatic(VpnService::class, Application::class)
        }
    }

    @Test
    fun `a service that is made while the tunnel of the last one ends waits for it, and tells the state`() {
        val gate = CompletableDeferred<Unit>()
        session.stops = gate
        service.onStartCommand(null, 0, 1)
        session.happens(SessionEvent.Up(settings(), connection))
        awaited<TunnelStatus.Connected>()
        service.onDestroy()
        val its = FakeSession()
        val next = Vpn(its).apply { onCreate() }
        try {
            next.onStartCommand(intent("adit.android.START"), 0, 1)
            Thread.sleep(100)
            assertEquals(1, starts.size, "the first has not ended")
            gate.complete(Unit)
            for (tries in 0 until 200) if (starts.size < 2) Thread.sleep(10)
            assertEquals(listOf<TunnelFailure?>(null), ends)
            assertInstanceOf(TunnelStatus.Connecting::class.java, AditVpnService.status.value)
            its.happens(SessionEvent.Up(settings(), connection))
            awaited<TunnelStatus.Connected>()
        } finally {
            next.onDestroy()
        }
    }

    @Test
    fun `what Android tells of the user's settings is told when an interface stands`() {
        every { android.isAlwaysOn } answers { lockdowns.isNotEmpty() || "establish" in asked }
        every { android.isLockdown } answers { "establish" in asked }
        every { builder.establish() } answers { descriptor.also { asked += "establish" } }
        assertEquals(null, service.isAlways)
        service.onStartCommand(null, 0, 1)
        session.happens(SessionEvent.Up(settings(), connection))
        awaited<TunnelStatus.Connected>()
        assertEquals(listOf(true), lockdowns)
        assertEquals(true, service.isAlways)
    }

    @Test
    fun `it is stopped from the background too`() {
        val context = mockk<Context>(relaxed = true) { every { startService(any()) } throws IllegalStateException("app is in background") }
        service.onStartCommand(null, 0, 1)
        awaited<TunnelStatus.Connecting>()
        AditVpnService.stop(context, Vpn::class.java)
        assertEquals(null, awaited<TunnelStatus.Disconnected>().failure)
        verify(exactly = 0) { context.startService(any()) }
        service.onDestroy()
        AditVpnService.stop(context, Vpn::class.java)
        verify(exactly = 1) { context.stopService(any()) }
    }

    @Test
    fun `a notification that the app cannot make is the library's`() {
        assertEquals(shown, service.shownNotification(TunnelStatus.Connecting()))
    }

    @Test
    fun `the device judges chains and signs where the app does not`() {
        service.onStartCommand(null, 0, 1)
        session.happens(SessionEvent.Ask(1u, 1_000u, Question.JudgeChain(emptyList(), "vpn.example")))
        session.happens(SessionEvent.Ask(2u, 1_000u, Question.JudgeChain(emptyList(), "other.example")))
        session.happens(SessionEvent.Ask(3u, 1_000u, Question.Sign("key", "ed25519", byteArrayOf(1))))
        for (tries in 0 until 200) if (session.answers.size < 3) Thread.sleep(10)
        assertEquals(Answer.Done, session.answers[1u])
        assertTrue((session.answers[2u] as Answer.Refused).reason.contains("does not trust"))
        assertTrue((session.answers[3u] as Answer.Refused).reason.contains("key"))
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
