package adit.core.scenarios

import adit.core.AditException
import adit.core.Manager
import org.junit.jupiter.api.Assertions.assertEquals
import java.util.HexFormat

/** One scenario of the Personal VPN model. */
internal class ManagerScenarios private constructor(private val manager: Manager) {
    /** Requests that wait for an answer, the oldest first. */
    private val open = ArrayList<Map<String, Any?>>()

    /** The record that was saved last. */
    private var saved: String? = null

    private fun step(step: Map<String, Any?>) {
        val args = step["args"]?.members().orEmpty()
        val found = step.filterKeys { it == "call" || it == "args" }.toMutableMap()
        try {
            val returned = call(step.getValue("call").text(), args)
            if (returned != Unit) found["returns"] = returned
        } catch (error: AditException) {
            found["error"] = errorForm(error)
        }
        val then = drain()
        if (then.isNotEmpty()) found["then"] = then
        assertEquals(step, found)
    }

    private fun call(name: String, args: Map<String, Any?>): Any? {
        fun number(name: String): UInt = (args.getValue(name) as Long).toUInt()
        fun text(name: String): String? = args[name] as String?
        fun json(name: String): String = Json.write(args.getValue(name))
        val id by lazy { number("manager") }
        return when (name) {
            "shared" -> manager.shared().toLong()
            "open" -> manager.open(json("key")).toLong()
            "declare" -> manager.declare(json("key"))
            "store_changed" -> manager.storeChanged(json("key"))
            "close_manager" -> manager.closeManager(id)
            "configuration" -> Json.read(manager.configuration(id))
            "set_configuration" -> manager.setConfiguration(id, json("configuration"))
            "set_secret" -> manager.setSecret(id, text("slot")!!, text("content")!!.toByteArray())
            "import_profile" ->
                Json.read(manager.importProfile(id, bytesOf(args.getValue("profile").members()), text("payload")))
            "objections" -> Json.read(manager.objections(id))
            "limitations" -> Json.read(manager.limitations(id))
            "routing_plan" -> Json.read(manager.routingPlan(id, json("tunnel")))
            "per_app_lists" -> manager.perAppLists(id, json("device"))?.let(Json::read)
            "load" -> manager.load(id)
            "save" -> manager.save(id)
            "remove" -> manager.remove(id)
            "start" -> manager.start(id, text("username"), text("password"))
            "stop" -> manager.stop(id)
            "set_user_override" -> manager.setUserOverride(id, args.getValue("off") as Boolean)
            "status" -> manager.status(id)
            "connected_date" -> manager.connectedDate(id)?.toLong()
            "last_disconnect" -> manager.lastDisconnect(id)?.let(Json::read)
            "connections" -> Json.read(manager.connections())
            "network_changed" -> manager.networkChanged(args["network"]?.let(Json::write))
            "connection_opened" -> manager.connectionOpened(text("host")!!)
            "sleep" -> manager.sleep()
            "wake" -> manager.wake()
            "timeout_ms" -> manager.timeoutMs()?.toLong()
            "advance" -> {
                manager.advanceClock(number("milliseconds").toULong())
                manager.handleTimeout()
            }
            "tunnel_report" -> manager.tunnelReport(number("tunnel"), json("report"))
            "tunnel_revoked" -> manager.tunnelRevoked(number("tunnel"))
            "answer" -> answer(args)
            else -> error("there is no call $name")
        }
    }

    private fun answer(args: Map<String, Any?>) {
        val request = checkNotNull(open.firstOrNull { it["request"] == args["to"] }) { "nothing asks ${args["to"]}" }
        val answer = args.getValue("answer").members().mapValues { (_, value) -> if (value == "\${saved}") saved else value }
        manager.answer((request.getValue("token") as Long).toULong(), Json.write(answer))
        open -= request
    }

    /** Everything that came: notifications, then requests. */
    private fun drain(): List<Map<String, Any?>> {
        val all = ArrayList<Map<String, Any?>>()
        while (true) all += Json.read(manager.nextNotification() ?: break).members()
        while (true) {
            var request = Json.read(manager.nextRequest() ?: break).members()
            if (request["request"] == "save") saved = request["record"].text()
            request["profile"]?.let { request = request + ("profile" to String(HexFormat.of().parseHex(it.text()))) }
            open += request
            all += request
        }
        return all
    }

    companion object {
        fun run(scenario: Map<String, Any?>) = Manager(Json.write(scenario.getValue("options"))).use { manager ->
            val app = ManagerScenarios(manager)
            scenario.getValue("steps").items().forEachIndexed { number, step ->
                try {
                    app.step(step.members())
                } catch (failure: Throwable) {
                    throw AssertionError("step $number: ${failure.message}", failure)
                }
            }
        }
    }
}
