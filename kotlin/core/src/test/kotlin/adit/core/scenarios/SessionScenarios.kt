package adit.core.scenarios

import adit.core.AditException
import adit.core.Answer
import adit.core.Credentials
import adit.core.HostAbilities
import adit.core.NetworkInfo
import adit.core.NetworkKind
import adit.core.Question
import adit.core.Session
import adit.core.SessionEvent
import adit.core.SessionOptions
import adit.testgateway.TestGateway
import adit.testgateway.TestGatewayKind
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** One scenario of a tunnel at the test gateway. */
internal class SessionScenarios private constructor(private val gateway: TestGateway, private val session: Session) {
    private fun step(step: Map<String, Any?>) {
        val event = step["expect"]?.let { next(it.members(), step["besides"]?.items().orEmpty()) }
        step["answer"]?.let { answer(it.members(), event as SessionEvent.Ask) }
        when (val call = step["call"]) {
            null -> Unit
            "stop" -> session.stop()
            "attach_packets" -> session.attachPackets()
            "sleep" -> session.sleep()
            "wake" -> session.wake()
            "network_changed" -> session.networkChanged(step["args"].members()["network"]?.let { network(it.members()) })
            "drop_clients" -> gateway.dropClients()
            "clients" -> assertEquals(step["returns"], gateway.clients().toLong(), "clients")
            else -> error("there is no call $call")
        }
    }

    /** The next event that counts; it must be the one that is wanted, and what came before it what is to come besides. */
    private fun next(wanted: Map<String, Any?>, besides: List<Any?>): SessionEvent {
        val begun = TimeSource.Monotonic.markNow()
        val before = ArrayList<String>()
        while (begun.elapsedNow() < 30.seconds) {
            val event = session.waitEvent(200u) ?: continue
            val form = eventForm(event)
            if (matches(wanted, form)) {
                assertTrue(matches(besides, before), "besides $wanted: $before in place of $besides")
                return event
            }
            before += inShort(event) ?: error("wanted $wanted, there came $form")
        }
        error("$wanted did not come")
    }

    private fun answer(form: Map<String, Any?>, ask: SessionEvent.Ask) {
        val answer = when (val name = form["answer"]) {
            "done" -> Answer.Done
            "refused" -> Answer.Refused(form["reason"].text())
            "addresses" -> Answer.Addresses(form["list"].items().map { it.text() })
            "password" -> Answer.Password(form["username"] as String?, filled(form["password"].text(), gateway))
            "signature" -> (ask.question as Question.Sign).let { Answer.Signature(gateway.sign(it.scheme, it.message)) }
            else -> error("there is no answer $name")
        }
        session.answer(ask.token, answer)
    }

    companion object {
        fun run(scenario: Map<String, Any?>) {
            val kind = TestGatewayKind.entries.first { camel(it.name) == scenario["gateway"] }
            TestGateway(kind).use { gateway ->
                try {
                    run(scenario, gateway)
                } finally {
                    gateway.stop()
                }
            }
        }

        private fun run(scenario: Map<String, Any?>, gateway: TestGateway) {
            val session = try {
                Session(options(scenario, gateway))
            } catch (error: AditException) {
                assertTrue(matches(scenario["fails"], errorForm(error)), error.message)
                return assertNull(scenario["steps"])
            }
            assertNull(scenario["fails"], "it was made")
            session.use {
                val scene = SessionScenarios(gateway, session)
                for (step in scenario.getValue("steps").items()) scene.step(step.members())
                assertTrue(session.isClosed(), "a scenario ends with its tunnel")
            }
        }

        /** `WITHOUT_PASSWORD` as `WithoutPassword`. */
        private fun camel(name: String): String =
            name.split('_').joinToString("") { it.lowercase().replaceFirstChar(Char::uppercase) }

        private fun filled(text: String, gateway: TestGateway): String = text.replace("\${password}", gateway.password())

        private fun options(scenario: Map<String, Any?>, gateway: TestGateway): SessionOptions {
            val given = scenario["credentials"]?.members().orEmpty()
            val host = scenario["host"]?.members().orEmpty()
            fun does(name: String) = host[name] as Boolean? ?: false
            fun text(name: String) = (given[name] as String?)?.let { filled(it, gateway) }
            val key = text("key_reference")
            val overrides = Json.read(gateway.overrides()).members() + scenario["overrides"]?.members().orEmpty()
            return SessionOptions(
                scenario["profile"]?.let { bytesOf(it.members()) } ?: gateway.profile(),
                null,
                Credentials(text("username"), text("password"), null, key, if (key == null) emptyList() else gateway.clientCertificates()),
                HostAbilities(does("protects_sockets"), does("resolves_names"), does("judges_chains"), does("asks_password")),
                Json.write(overrides),
            )
        }

        private fun network(form: Map<String, Any?>) = NetworkInfo(
            (form["handle"] as Long?)?.toULong(), form["interface"] as String?, NetworkKind.OTHER, emptyList(), emptyList(),
            emptyList(), null, false,
        )

        /** An event as it stands in a scenario. */
        private fun eventForm(event: SessionEvent): Map<String, Any?> = when (event) {
            is SessionEvent.Connecting -> mapOf("event" to "connecting", "address" to event.address)
            is SessionEvent.Ask -> mapOf("event" to "ask", "question" to questionForm(event.question))
            is SessionEvent.Up -> mapOf(
                "event" to "up",
                "settings" to event.settings.run {
                    mapOf(
                        "remote_address" to remoteAddress, "ipv4" to ipv4, "ipv6" to ipv6, "included_routes" to includedRoutes,
                        "excluded_routes" to excludedRoutes, "dns" to dns, "mtu" to mtu.toLong(), "block_ipv4" to blockIpv4,
                        "block_ipv6" to blockIpv6, "proxy" to proxy,
                    )
                },
                "connection" to event.connection.run {
                    mapOf("server" to server, "server_authentication" to serverAuthentication, "ike_suite" to ikeSuite, "nat" to nat)
                },
            )
            is SessionEvent.Warning -> mapOf("event" to "warning", "text" to event.text)
            is SessionEvent.Rekeyed -> mapOf("event" to "rekeyed", "what" to event.what)
            is SessionEvent.PathChanged -> mapOf("event" to "path_changed", "local" to event.local, "remote" to event.remote)
            is SessionEvent.Reasserting -> mapOf("event" to "reasserting", "error" to event.error?.let(::errorForm))
            is SessionEvent.Detail -> mapOf("event" to "detail", "json" to event.json)
            is SessionEvent.Idle -> mapOf("event" to "idle", "seconds" to event.seconds.toLong())
            is SessionEvent.Closed -> mapOf("event" to "closed", "error" to event.error?.let(::errorForm))
        }

        /** An event as it stands among those that come besides; null: it has a step of its own. */
        internal fun inShort(event: SessionEvent): String? = when (event) {
            is SessionEvent.Warning -> "warning: ${event.text}"
            is SessionEvent.Rekeyed -> "rekeyed ${event.what.substringBefore(':')}"
            is SessionEvent.PathChanged -> "path_changed"
            is SessionEvent.Detail -> {
                val detail = Json.read(event.json).members()
                listOfNotNull("detail", detail["event"], detail["exchange"], detail["purpose"]).joinToString(" ")
            }
            else -> null
        }

        private fun questionForm(question: Question): Map<String, Any?> = when (question) {
            is Question.ProtectSocket -> mapOf("ask" to "protect_socket")
            is Question.ResolveName -> mapOf("ask" to "resolve_name", "host" to question.host)
            is Question.Password -> mapOf(
                "ask" to "password", "username" to question.username, "attempt" to question.attempt.toLong(),
                "refusal" to question.refusal,
            )
            is Question.Sign -> mapOf("ask" to "sign", "key" to question.key, "scheme" to question.scheme)
            is Question.JudgeChain -> mapOf("ask" to "judge_chain", "identity" to question.identity)
        }

        /** Whether a value is what is wanted: the members that are named, each element, a text by its pattern. */
        internal fun matches(wanted: Any?, found: Any?): Boolean = when {
            wanted is Map<*, *> && found is Map<*, *> -> wanted.all { (name, value) -> name in found && matches(value, found[name]) }
            wanted is List<*> && found is List<*> ->
                wanted.size == found.size && wanted.zip(found).all { (one, other) -> matches(one, other) }
            wanted is String && found is String ->
                Regex(wanted.split('*').joinToString(".*") { Regex.escape(it) }, RegexOption.DOT_MATCHES_ALL).matches(found)
            else -> wanted == found
        }
    }
}
