package adit.android.service

import adit.android.network.NetworkWatcher
import adit.android.network.UnderlyingNetwork
import adit.android.power.WakeUps
import adit.android.routes.Cidr
import adit.android.testing.FakeSession
import adit.android.testing.connection
import adit.android.testing.network
import adit.android.testing.networkError
import adit.android.testing.settings
import adit.android.tunnel.Apps
import adit.android.tunnel.BlockingMode
import adit.android.tunnel.TunDescriptor
import adit.android.tunnel.TunnelBuilder
import adit.android.tunnel.TunnelOptions
import adit.core.Answer
import adit.core.Credentials
import adit.core.HostAbilities
import adit.core.Outcome
import adit.core.Question
import adit.core.SessionEvent
import adit.core.SessionOptions
import adit.core.TunnelSettings
import io.mockk.Runs
import io.mockk.coEvery
import io.mockk.coVerify
import io.mockk.every
import io.mockk.just
import io.mockk.mockk
import io.mockk.verify
import io.mockk.verifyOrder
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.UnconfinedTestDispatcher
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.net.UnknownHostException
import kotlin.time.Duration.Companion.milliseconds

@OptIn(ExperimentalCoroutinesApi::class)
class TunnelRunnerTest {
    private val order = ArrayList<String>()
    private val builders = ArrayList<TunnelBuilder>()
    private val sessions = ArrayList<FakeSession>()
    private val session get() = sessions.last()
    private var changed: ((UnderlyingNetwork?) -> Unit)? = null
    private var options = SessionOptions(
        profile = byteArrayOf(1),
        credentials = Credentials(),
        host = HostAbilities(protectsSockets = false, resolvesNames = false, judgesChains = false, asksPassword = true),
    )
    private var tunnel = TunnelOptions(blocking = BlockingMode.Off)
    private val opened = ArrayList<SessionOptions>()
    private var tokens = 0uL
    private var startId = 0

    /** Whether builders make an interface. */
    private var willing = true

    private val ends = ArrayList<TunnelFailure?>()

    private val watcher = mockk<NetworkWatcher> {
        every { start(any()) } answers { changed = firstArg() }
        every { stop() } answers { changed = null }
    }
    private val alarms = mockk<WakeUps>(relaxed = true)
    private val platform = mockk<ServicePlatform> {
        every { api } returns 35
        every { ownPackage } returns "app.vpn"
        every { networks } returns watcher
        every { wakeUps } returns alarms
        every { isPrepared() } returns true
        every { isLockdown } returns false
        every { isAlwaysOn } returns false
        every { isInstalled(any()) } returns true
        every { showForeground(any()) } returns true
        every { protect(any()) } returns true
        every { bind(any(), any()) } returns true
        every { finished(any()) } just Runs
        every { log(any()) } just Runs
        every { newBuilder() } answers { builder(100 + builders.size).also { builders += it } }
    }
    private val app = mockk<TunnelApp>(relaxUnitFun = true) {
        coEvery { configuration(any()) } answers { TunnelConfiguration(options, tunnel) }
        every { onEnded(any()) } answers { ends += firstArg<TunnelFailure?>() }
    }

    private fun builder(number: Int) = mockk<TunnelBuilder>(relaxed = true) {
        every { addAllowedApplication(any()) } returns true
        every { establish() } answers {
            order += "establish $number"
            if (willing) descriptor(number) else null
        }
    }

    private fun descriptor(number: Int) = object : TunDescriptor {
        private var open = true
        override val fd = number

        override fun close() {
            if (open) order += "close $number"
            open = false
        }
    }

    private fun TestScope.runner() = TunnelRunner(
        platform,
        app,
        { options ->
            opened += options
            Outcome.Ok(FakeSession().also { sessions += it })
        },
        this,
        io = StandardTestDispatcher(testScheduler),
    )

    private fun TestScope.started(): TunnelRunner = runner().also {
        it.start(StartReason.App, ++startId)
        runCurrent()
    }

    private fun TestScope.happens(event: SessionEvent) {
        session.happens(event)
        runCurrent()
    }

    private fun TestScope.goesUp(with: TunnelSettings = settings()) = happens(SessionEvent.Up(with, connection))

    private fun TestScope.below(name: String?, vararg dns: String) {
        changed!!(name?.let { UnderlyingNetwork(network(it, dns.toList())) })
        advanceTimeBy(300.milliseconds)
        runCurrent()
    }

    private fun TestScope.asked(question: Question): Answer? {
        val token = ++tokens
        happens(SessionEvent.Ask(token, 10_000u, question))
        return session.answers[token]
    }

    // From start to stop

    @Test
    fun `start, connect, come up, stop`() = runTest {
        val runner = started()
        assertEquals(TunnelStatus.Connecting(null), runner.status.value)
        happens(SessionEvent.Connecting("192.0.2.99:500"))
        assertEquals(TunnelStatus.Connecting("192.0.2.99:500"), runner.status.value)
        goesUp()
        val connected = assertInstanceOf(TunnelStatus.Connected::class.java, runner.status.value)
        assertEquals(connection, connected.connection)
        assertEquals(listOf("attach 100"), session.calls)
        assertEquals(listOf("establish 100"), order)
        runner.stop()
        assertEquals(TunnelStatus.Disconnecting, runner.status.value)
        runner.join()
        assertEquals(TunnelStatus.Disconnected(null), runner.status.value)
        assertEquals(listOf("attach 100", "stop", "close"), session.calls)
        assertEquals(listOf("establish 100", "close 100"), order)
        verify(exactly = 1) { platform.finished(any()) }
        verify(exactly = 1) { watcher.stop() }
        verify(exactly = 1) { alarms.stop() }
    }

    @Test
    fun `the core is told that Android protects sockets and resolves names, and what else the app does`() = runTest {
        val runner = started()
        assertEquals(options.copy(host = HostAbilities(true, true, false, true)), opened.single())
        runner.stop()
    }

    @Test
    fun `the notification is there before start returns, and shows each state`() = runTest {
        val runner = runner()
        runner.start(StartReason.App, ++startId)
        verify(exactly = 1) { platform.showForeground(TunnelStatus.Connecting()) }
        runCurrent()
        goesUp()
        verify(exactly = 1) { platform.showForeground(match { it is TunnelStatus.Connected }) }
        runner.stop()
    }

    @Test
    fun `a second start changes nothing`() = runTest {
        val runner = started()
        runner.start(StartReason.System, ++startId)
        runCurrent()
        assertEquals(1, sessions.size)
        runner.stop()
    }

    @Test
    fun `a start while it stops waits for the end and begins anew`() = runTest {
        val runner = started()
        goesUp()
        val reason = TunnelFailure.Revoked("taken away")
        runner.stop(reason)
        var begun = 0
        coEvery { app.configuration(any()) } answers {
            begun = ends.size
            TunnelConfiguration(options, tunnel)
        }
        runner.start(StartReason.App, ++startId)
        runCurrent()
        assertEquals(2, sessions.size)
        assertEquals(listOf<TunnelFailure?>(reason), ends, "the end of the first is told")
        assertEquals(1, begun, "before the second begins")
        assertEquals(listOf("attach 100", "stop", "close"), sessions.first().calls)
        assertInstanceOf(TunnelStatus.Connecting::class.java, runner.status.value)
        verify(exactly = 0) { platform.finished(any()) }
        runner.stop()
        runner.join()
        verify(exactly = 1) { platform.finished(any()) }
        assertEquals(listOf(reason, null), ends)
        assertEquals(order.filter { it.startsWith("est") }.size, order.filter { it.startsWith("close") }.size)
    }

    @Test
    fun `stopped before it began, it ends all the same`() = runTest {
        val runner = runner()
        runner.start(StartReason.App, ++startId)
        runner.stop()
        runCurrent()
        assertEquals(TunnelStatus.Disconnected(null), runner.status.value)
        assertEquals(0, sessions.size)
        verify(exactly = 1) { platform.finished(any()) }
    }

    @Test
    fun `a stop of what does not run lets the service go`() = runTest {
        runner().stop()
        verify(exactly = 1) { platform.finished(any()) }
    }

    @Test
    fun `the system's revocation ends it and says so`() = runTest {
        val runner = started()
        goesUp()
        runner.stop(TunnelFailure.Revoked("taken away"))
        runner.join()
        assertEquals(TunnelStatus.Disconnected(TunnelFailure.Revoked("taken away")), runner.status.value)
        assertEquals(listOf("attach 100", "stop", "close"), session.calls)
        assertEquals("close 100", order.last())
    }

    @Test
    fun `the app is told of each event after it was acted upon, and of the reason of each start`() = runTest {
        val seen = ArrayList<Pair<SessionEvent, TunnelStatus>>()
        val runner = runner()
        every { app.onEvent(any()) } answers { seen += firstArg<SessionEvent>() to runner.status.value }
        runner.start(StartReason.System, ++startId)
        runCurrent()
        goesUp()
        happens(SessionEvent.Detail("{}"))
        assertEquals(listOf(SessionEvent.Up::class, SessionEvent.Detail::class), seen.map { it.first::class })
        assertInstanceOf(TunnelStatus.Connected::class.java, seen.first().second)
        coVerify(exactly = 1) { app.configuration(StartReason.System) }
        runner.stop()
    }

    // What goes wrong

    @Test
    fun `without consent nothing is opened`() = runTest {
        every { platform.isPrepared() } returns false
        val runner = started()
        assertInstanceOf(TunnelFailure.NotPrepared::class.java, (runner.status.value as TunnelStatus.Disconnected).failure)
        assertEquals(0, sessions.size)
    }

    @Test
    fun `without consent that is the reason, also where Android shows no notification of it`() = runTest {
        every { platform.isPrepared() } returns false
        every { platform.showForeground(any()) } returns false
        val runner = started()
        assertInstanceOf(TunnelFailure.NotPrepared::class.java, (runner.status.value as TunnelStatus.Disconnected).failure)
        verifyOrder {
            platform.isPrepared()
            platform.showForeground(any())
        }
    }

    @Test
    fun `what the user's lockdown takes from the app's choices is in the notes`() = runTest {
        every { platform.isLockdown } returns true
        tunnel = tunnel.copy(apps = Apps.AllBut(setOf("game")))
        val runner = started()
        session.happens(SessionEvent.Up(settings(), connection))
        runCurrent()
        val notes = (runner.status.value as TunnelStatus.Connected).notes
        assertTrue(notes.any { "connections without VPN are blocked" in it.text }, "$notes")
        runner.stop()
        runCurrent()
    }

    @Test
    fun `Android says what the user set once an interface stands, and each tunnel tells it once`() = runTest {
        // As the system has it: who has no interface is told no.
        every { platform.isLockdown } answers { order.isNotEmpty() }
        every { platform.isAlwaysOn } answers { order.isNotEmpty() }
        for (mode in listOf(BlockingMode.Off, BlockingMode.WhileConnecting)) {
            order.clear()
            tunnel = TunnelOptions(blocking = mode, apps = Apps.AllBut(setOf("game")))
            val runner = started()
            verify(exactly = if (mode == BlockingMode.Off) 0 else 2) { app.onInterface(any(), any()) }
            goesUp()
            goesUp(settings(ipv4 = listOf("10.9.0.77/32")))
            verify(exactly = if (mode == BlockingMode.Off) 1 else 2) { app.onInterface(true, true) }
            val notes = (runner.status.value as TunnelStatus.Connected).notes
            assertTrue(notes.any { "connections without VPN are blocked" in it.text }, "$mode: $notes")
            runner.stop()
            runner.join()
        }
    }

    @Test
    fun `an app that throws at what the user set keeps its tunnel`() = runTest {
        every { app.onInterface(any(), any()) } throws IllegalStateException("a bug of the app")
        val runner = started()
        goesUp()
        assertInstanceOf(TunnelStatus.Connected::class.java, runner.status.value)
        runner.stop()
        runner.join()
    }

    @Test
    fun `an end of which a part fails is an end all the same`() = runTest {
        every { watcher.stop() } throws IllegalArgumentException("not registered")
        every { alarms.stop() } throws IllegalArgumentException("not registered")
        val runner = started()
        goesUp()
        runner.stop()
        runner.join()
        assertEquals(TunnelStatus.Disconnected(null), runner.status.value)
        assertEquals("close 100", order.last())
        assertEquals(listOf<TunnelFailure?>(null), ends)
        verify(exactly = 1) { alarms.stop() }
    }

    @Test
    fun `an app that throws at an event keeps its tunnel`() = runTest {
        every { app.onEvent(any()) } throws IllegalStateException("a bug of the app")
        val runner = started()
        session.happens(SessionEvent.Up(settings(), connection))
        runCurrent()
        assertInstanceOf(TunnelStatus.Connected::class.java, runner.status.value)
        verify { platform.log(match { "a bug of the app" in it }) }
        runner.stop()
        runCurrent()
    }

    @Test
    fun `without a configuration nothing is opened`() = runTest {
        coEvery { app.configuration(any()) } returns null
        val runner = started()
        assertInstanceOf(TunnelFailure.NoConfiguration::class.java, (runner.status.value as TunnelStatus.Disconnected).failure)
        verify(exactly = 1) { platform.finished(any()) }
    }

    @Test
    fun `a configuration that cannot be read is a failure, not the end of the process`() = runTest {
        coEvery { app.configuration(any()) } throws java.io.IOException("locked")
        val runner = started()
        val failure = (runner.status.value as TunnelStatus.Disconnected).failure
        assertTrue(assertInstanceOf(TunnelFailure.NoConfiguration::class.java, failure).text.contains("locked"))
    }

    @Test
    fun `the service ends by the number of the last start, so that a newer one is not ended with it`() = runTest {
        val runner = started()
        runner.stop(startId = 7)
        runner.join()
        verify(exactly = 1) { platform.finished(7) }
        runner.start(StartReason.App, 8)
        runCurrent()
        session.happens(SessionEvent.Closed(null))
        runner.join()
        verify(exactly = 1) { platform.finished(8) }
    }

    @Test
    fun `a configuration's text holds no password`() {
        val secret = options.copy(credentials = Credentials(password = "s3cret"))
        assertFalse(TunnelConfiguration(secret, tunnel).toString().contains("s3cret"))
    }

    @Test
    fun `a service that may not be in the foreground ends`() = runTest {
        every { platform.showForeground(any()) } returns false
        val runner = started()
        assertInstanceOf(TunnelFailure.NotInForeground::class.java, (runner.status.value as TunnelStatus.Disconnected).failure)
        assertEquals(0, sessions.size)
    }

    @Test
    fun `a profile the core does not take is the failure`() = runTest {
        val runner = TunnelRunner(platform, app, { Outcome.Failed(networkError("no")) }, this, io = StandardTestDispatcher(testScheduler))
        runner.start(StartReason.App, ++startId)
        runCurrent()
        val failure = assertInstanceOf(TunnelFailure.Core::class.java, (runner.status.value as TunnelStatus.Disconnected).failure)
        assertEquals("no", failure.text)
        verify(exactly = 1) { watcher.stop() }
    }

    @Test
    fun `the core's end with an error is the failure`() = runTest {
        val runner = started()
        goesUp()
        happens(SessionEvent.Closed(networkError("gone")))
        val failure = assertInstanceOf(TunnelFailure.Core::class.java, (runner.status.value as TunnelStatus.Disconnected).failure)
        assertEquals("gone", failure.text)
        assertEquals("close", session.calls.last())
        assertEquals("close 100", order.last())
    }

    @Test
    fun `an end for want of traffic is told from a stop, and blocks nothing`() = runTest {
        tunnel = TunnelOptions(blocking = BlockingMode.AlsoAfterFailure)
        val runner = started()
        goesUp()
        happens(SessionEvent.Idle(120u))
        happens(SessionEvent.Closed(null))
        runner.join()
        val failure = assertInstanceOf(TunnelFailure.Idle::class.java, (runner.status.value as TunnelStatus.Disconnected).failure)
        assertTrue("120 s" in failure.text, failure.text)
        assertEquals(listOf<TunnelFailure?>(failure), ends)
        assertEquals("close 101", order.last())
        verify(exactly = 1) { platform.finished(any()) }
    }

    @Test
    fun `an error outweighs the idle timer, and so does a stop`() = runTest {
        val runner = started()
        happens(SessionEvent.Idle(120u))
        happens(SessionEvent.Closed(networkError("gone")))
        runner.join()
        runner.start(StartReason.App, ++startId)
        runCurrent()
        session.happens(SessionEvent.Idle(120u))
        runCurrent()
        runner.stop()
        runner.join()
        assertEquals(listOf("gone", null), ends.map { it?.text })
    }

    @Test
    fun `a start that is stopped while it waits does not let the next one overtake what is being stopped`() = runTest {
        val runner = started()
        goesUp()
        val gate = CompletableDeferred<Unit>()
        session.stops = gate
        runner.stop()
        // The second is stopped before it begins to wait, the third while it waits.
        for (round in 2..4) {
            runner.start(StartReason.App, ++startId)
            if (round > 2) runCurrent()
            if (round < 4) runner.stop()
            runCurrent()
        }
        assertEquals(1, sessions.size)
        gate.complete(Unit)
        runCurrent()
        assertEquals(2, sessions.size)
        assertEquals("close", sessions.first().calls.last())
        runner.stop()
    }

    @Test
    fun `consent that is gone when the interface is made ends it`() = runTest {
        willing = false
        val runner = started()
        goesUp()
        assertInstanceOf(TunnelFailure.NotPrepared::class.java, (runner.status.value as TunnelStatus.Disconnected).failure)
        assertEquals(listOf("stop", "close"), session.calls)
    }

    @Test
    fun `an interface the core does not take is closed`() = runTest {
        val runner = started()
        session.attaching = Outcome.Failed(networkError("bad descriptor"))
        goesUp()
        assertInstanceOf(TunnelFailure.Core::class.java, (runner.status.value as TunnelStatus.Disconnected).failure)
        assertEquals(listOf("establish 100", "close 100"), order)
    }

    @Test
    fun `an interface that would leak is not established`() = runTest {
        every { platform.newBuilder() } answers {
            builder(100).also { every { it.addRoute(any()) } throws IllegalArgumentException("no") }
        }
        val runner = started()
        goesUp()
        assertInstanceOf(TunnelFailure.NoInterface::class.java, (runner.status.value as TunnelStatus.Disconnected).failure)
        assertEquals(emptyList<String>(), order)
    }

    @Test
    fun `what Android throws when it makes the interface is the failure`() = runTest {
        every { platform.newBuilder() } answers {
            mockk<TunnelBuilder>(relaxed = true) { every { establish() } throws SecurityException("no") }
        }
        val runner = started()
        goesUp()
        assertInstanceOf(TunnelFailure.NoInterface::class.java, (runner.status.value as TunnelStatus.Disconnected).failure)
    }

    // The interface, made again

    @Test
    fun `the new interface is in use before the old one is closed`() = runTest {
        val runner = started()
        goesUp()
        happens(SessionEvent.Reasserting(networkError("lost"), 1_000u))
        val reasserting = assertInstanceOf(TunnelStatus.Reasserting::class.java, runner.status.value)
        assertEquals(1_000L, reasserting.retryMs)
        assertEquals(listOf("establish 100"), order, "the interface stays while it connects again")
        goesUp(settings(ipv4 = listOf("10.9.0.77/32")))
        assertEquals(listOf("establish 100", "establish 101", "close 100"), order)
        assertEquals(listOf("attach 100", "attach 101"), session.calls)
        runner.stop()
        runner.join()
        assertEquals("close 101", order.last())
    }

    @Test
    fun `up again with other networks outside, as on another network, makes the interface anew without a gap`() = runTest {
        val runner = started()
        goesUp(settings(excluded = listOf("192.168.1.0/24")))
        verify { builders[0].excludeRoute(Cidr.parse("192.168.1.0/24")!!) }
        val states = ArrayList<TunnelStatus>()
        backgroundScope.launch(UnconfinedTestDispatcher(testScheduler)) { runner.status.collect { states += it } }
        goesUp(settings(excluded = listOf("10.20.0.0/16")))
        verify { builders[1].excludeRoute(Cidr.parse("10.20.0.0/16")!!) }
        verify(exactly = 0) { builders[1].excludeRoute(Cidr.parse("192.168.1.0/24")!!) }
        // The core has the new one before the old one goes: there is no moment without.
        assertEquals(listOf("establish 100", "establish 101", "close 100"), order)
        assertEquals(listOf("attach 100", "attach 101"), session.calls)
        assertTrue(states.all { it is TunnelStatus.Connected }, "$states")
        runner.stop()
    }

    @Test
    fun `up again with the same settings leaves the interface alone`() = runTest {
        val runner = started()
        goesUp()
        happens(SessionEvent.Reasserting(null, 0u))
        goesUp()
        assertInstanceOf(TunnelStatus.Connected::class.java, runner.status.value)
        assertEquals(listOf("establish 100"), order)
        assertEquals(listOf("attach 100"), session.calls)
        runner.stop()
    }

    @Test
    fun `what blocks while connecting is replaced by the tunnel without a gap`() = runTest {
        tunnel = TunnelOptions(blocking = BlockingMode.WhileConnecting)
        val runner = started()
        assertEquals(listOf("establish 100"), order)
        verifyOrder {
            builders[0].addAddress(Cidr.parse("172.16.252.1/32")!!)
            builders[0].addRoute(Cidr.ALL_V4)
            builders[0].addRoute(Cidr.ALL_V6)
            builders[0].establish()
        }
        assertEquals(emptyList<String>(), session.calls, "what blocks is not the core's")
        goesUp()
        assertEquals(listOf("establish 100", "establish 101", "close 100"), order)
        runner.stop()
        runner.join()
        assertEquals("close 101", order.last())
    }

    @Test
    fun `after a failure it goes on blocking until it is stopped, where that is asked for`() = runTest {
        tunnel = TunnelOptions(blocking = BlockingMode.AlsoAfterFailure)
        val runner = started()
        goesUp()
        happens(SessionEvent.Closed(networkError("gone")))
        val held = assertInstanceOf(TunnelStatus.Disconnected::class.java, runner.status.value)
        assertTrue(held.blocking)
        assertFalse("close 101" in order)
        verify(exactly = 0) { platform.finished(any()) }
        runner.start(StartReason.App, ++startId)
        runCurrent()
        assertEquals(2, sessions.size)
        assertFalse("close 101" in order, "what blocks is taken over")
        goesUp()
        assertEquals(listOf("establish 102", "close 101"), order.takeLast(2))
        runner.stop()
        runner.join()
        assertEquals("close 102", order.last())
        assertEquals(listOf("gone", null), ends.map { it?.text })
        assertEquals(TunnelStatus.Disconnected(null), runner.status.value)
        verify(exactly = 1) { platform.finished(any()) }
    }

    @Test
    fun `a profile with IncludeAllNetworks goes on blocking after a failure, also when the app does not ask for it`() = runTest {
        for ((everything, blocks) in listOf(false to false, true to true)) {
            val runner = started()
            goesUp(settings(everything = everything))
            happens(SessionEvent.Closed(networkError("gone")))
            val held = assertInstanceOf(TunnelStatus.Disconnected::class.java, runner.status.value)
            assertEquals(blocks, held.blocking)
            runner.stop()
            runner.join()
        }
    }

    @Test
    fun `what goes on blocking ends with a stop`() = runTest {
        tunnel = TunnelOptions(blocking = BlockingMode.AlsoAfterFailure)
        val runner = started()
        happens(SessionEvent.Closed(networkError("gone")))
        assertTrue((runner.status.value as TunnelStatus.Disconnected).blocking)
        runner.stop()
        runCurrent()
        assertEquals("close 100", order.last())
        assertEquals(listOf("gone"), ends.map { it?.text }, "the end of one tunnel is told once")
        assertFalse((runner.status.value as TunnelStatus.Disconnected).blocking)
        verify(exactly = 1) { platform.finished(any()) }
    }

    // Questions

    @Test
    fun `a socket is protected, then bound to the network below`() = runTest {
        val runner = started()
        below("wlan0")
        assertEquals(Answer.Done, asked(Question.ProtectSocket(7)))
        verifyOrder {
            platform.protect(7)
            platform.bind(7, match { it.info.`interface` == "wlan0" })
        }
        runner.stop()
    }

    @Test
    fun `a socket Android does not protect is refused and not bound`() = runTest {
        every { platform.protect(7) } returns false
        val runner = started()
        below("wlan0")
        assertInstanceOf(Answer.Refused::class.java, asked(Question.ProtectSocket(7)))
        verify(exactly = 0) { platform.bind(any(), any()) }
        runner.stop()
    }

    @Test
    fun `a socket whose network is gone is protected all the same`() = runTest {
        every { platform.bind(any(), any()) } returns false
        val runner = started()
        below("wlan0")
        assertEquals(Answer.Done, asked(Question.ProtectSocket(7)))
        runner.stop()
    }

    @Test
    fun `names are resolved on the network below`() = runTest {
        every { platform.resolve("vpn.example", match { it.info.`interface` == "wlan0" }) } returns listOf("192.0.2.99")
        every { platform.resolve("no.example", any()) } throws UnknownHostException("no.example")
        val runner = started()
        below("wlan0")
        asked(Question.ResolveName("vpn.example"))
        asked(Question.ResolveName("no.example"))
        val answers = session.answers.values
        assertTrue(Answer.Addresses(listOf("192.0.2.99")) in answers)
        assertTrue(answers.any { it is Answer.Refused && it.reason.contains("no.example") })
        runner.stop()
    }

    @Test
    fun `a name without a network is refused before the question's deadline`() = runTest {
        val runner = started()
        happens(SessionEvent.Ask(1u, 10_000u, Question.ResolveName("vpn.example")))
        advanceTimeBy(8_900.milliseconds)
        assertEquals(null, session.answers[1u])
        advanceTimeBy(200.milliseconds)
        assertInstanceOf(Answer.Refused::class.java, session.answers[1u])
        runner.stop()
    }

    @Test
    fun `what only the app knows it is asked for, and the rest goes on meanwhile`() = runTest {
        val entered = CompletableDeferred<Answer>()
        coEvery { app.answer(any()) } coAnswers { entered.await() }
        val runner = started()
        happens(SessionEvent.Ask(1u, 60_000u, Question.Password("ada", 0u, null)))
        happens(SessionEvent.Connecting("192.0.2.99:500"))
        assertEquals(TunnelStatus.Connecting("192.0.2.99:500"), runner.status.value)
        entered.complete(Answer.Password(null, "pass"))
        runCurrent()
        assertEquals(Answer.Password(null, "pass"), session.answers[1u])
        runner.stop()
    }

    @Test
    fun `an app that throws has refused`() = runTest {
        coEvery { app.answer(any()) } throws IllegalStateException("no key")
        val runner = started()
        assertEquals(Answer.Refused("no key"), asked(Question.Sign("key", "ed25519", byteArrayOf(1))))
        runner.stop()
    }

    // Networks

    @Test
    fun `the core is told of networks that held still`() = runTest {
        val runner = started()
        below("wlan0")
        below(null)
        below("rmnet0")
        assertEquals(listOf("network wlan0", "network null", "network rmnet0"), session.calls)
        runner.stop()
    }

    @Test
    fun `a tunnel for some networks without a name server follows those of the network below`() = runTest {
        val runner = started()
        below("wlan0", "192.168.1.1")
        goesUp(settings(included = listOf("10.0.0.0/8"), dns = emptyList()))
        verify { builders[0].addDnsServer(Cidr.parse("192.168.1.1")!!) }
        below("rmnet0", "203.0.113.53")
        verify { builders[1].addDnsServer(Cidr.parse("203.0.113.53")!!) }
        assertEquals(listOf("establish 100", "establish 101", "close 100"), order)
        below("wlan1", "203.0.113.53")
        assertEquals(3, order.size, "the same name servers make the same interface")
        runner.stop()
    }

    @Test
    fun `a tunnel for everything is not made again by a change of network`() = runTest {
        val runner = started()
        below("wlan0", "192.168.1.1")
        goesUp()
        below("rmnet0", "203.0.113.53")
        assertEquals(listOf("establish 100"), order)
        runner.stop()
    }
}
