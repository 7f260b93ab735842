#if canImport(AditTestGateway)
import Adit
import Foundation
import XCTest

/// One scenario of the Personal VPN model.
final class ManagerScenario {
    private let manager: Manager
    /// Requests that wait for an answer, the oldest first.
    private var open: [Json] = []
    /// The record that was saved last.
    private var saved: Json = .null

    private init(_ scenario: Json) throws {
        guard let options = scenario["options"] else { throw Failed("there are no options") }
        manager = try Manager(optionsJson: options.written())
    }

    static func run(_ scenario: Json) throws {
        let app = try ManagerScenario(scenario)
        for (number, step) in try (scenario["steps"]?.items() ?? []).enumerated() {
            try Scenarios.equal(step, app.step(step), "step \(number)")
        }
    }

    /// The step, with what came of it.
    private func step(_ step: Json) throws -> Json {
        var found = try step.members().filter { $0.key == "call" || $0.key == "args" }
        do {
            if let returned = try call(step) { found["returns"] = returned }
        } catch let error as AditError {
            found["error"] = Scenarios.form(of: error)
        }
        let then = try drain()
        if !then.isEmpty { found["then"] = .array(then) }
        return .object(found)
    }

    private func call(_ step: Json) throws -> Json? {
        let args = step["args"] ?? .object([:])
        func argument(_ name: String) throws -> Json {
            guard let value = args[name] else { throw Failed("there is no \(name)") }
            return value
        }
        func number(_ name: String) throws -> UInt32 { UInt32(try argument(name).number()) }
        func text(_ name: String) throws -> String? { try args[name]?.given?.text() }
        func json(_ name: String) throws -> String { try argument(name).written() }
        func id() throws -> UInt32 { try number("manager") }
        switch try step["call"]?.text() {
        case "shared": return .int(Int64(try manager.shared()))
        case "open": return .int(Int64(try manager.open(keyJson: json("key"))))
        case "declare": try manager.declare(keyJson: json("key"))
        case "store_changed": try manager.storeChanged(keyJson: json("key"))
        case "close_manager": try manager.closeManager(manager: id())
        case "configuration": return try Json.read(manager.configuration(manager: id()))
        case "set_configuration": try manager.setConfiguration(manager: id(), configurationJson: json("configuration"))
        case "set_secret":
            try manager.setSecret(
                manager: id(), slot: argument("slot").text(), content: Data(argument("content").text().utf8))
        case "import_profile":
            let profile = try Scenarios.bytes(argument("profile"))
            return try Json.read(manager.importProfile(manager: id(), profile: profile, payload: text("payload")))
        case "objections": return try Json.read(manager.objections(manager: id()))
        case "limitations": return try Json.read(manager.limitations(manager: id()))
        case "routing_plan": return try Json.read(manager.routingPlan(manager: id(), tunnelJson: json("tunnel")))
        case "per_app_lists":
            return try manager.perAppLists(manager: id(), deviceJson: json("device")).map(Json.read) ?? .null
        case "load": try manager.load(manager: id())
        case "save": try manager.save(manager: id())
        case "remove": try manager.remove(manager: id())
        case "start": try manager.start(manager: id(), username: text("username"), password: text("password"))
        case "stop": try manager.stop(manager: id())
        case "set_user_override": try manager.setUserOverride(manager: id(), off: argument("off").flag())
        case "status": return .string(try manager.status(manager: id()))
        case "connected_date": return try manager.connectedDate(manager: id()).map { .int(Int64($0)) } ?? .null
        case "last_disconnect": return try manager.lastDisconnect(manager: id()).map(Json.read) ?? .null
        case "connections": return try Json.read(manager.connections())
        case "network_changed": try manager.networkChanged(networkJson: args["network"]?.given?.written())
        case "connection_opened": try manager.connectionOpened(host: argument("host").text())
        case "sleep": try manager.sleep()
        case "wake": try manager.wake()
        case "timeout_ms": return try manager.timeoutMs().map { .int(Int64($0)) } ?? .null
        case "advance":
            try manager.advanceClock(milliseconds: UInt64(argument("milliseconds").number()))
            try manager.handleTimeout()
        case "tunnel_report": try manager.tunnelReport(tunnel: number("tunnel"), reportJson: json("report"))
        case "tunnel_revoked": try manager.tunnelRevoked(tunnel: number("tunnel"))
        case "answer": try answer(to: argument("to"), argument("answer"))
        case let other: throw Failed("there is no call \(other ?? "")")
        }
        return nil
    }

    private func answer(to name: Json, _ answer: Json) throws {
        guard let place = open.firstIndex(where: { $0["request"] == name }) else { throw Failed("nothing asks \(name)") }
        let filled = try answer.members().mapValues { $0 == .string("${saved}") ? saved : $0 }
        let token = UInt64(try open[place]["token"]?.number() ?? -1)
        try manager.answer(token: token, answerJson: Json.object(filled).written())
        open.remove(at: place)
    }

    /// Everything that came: notifications, then requests.
    private func drain() throws -> [Json] {
        var all: [Json] = []
        while let text = try manager.nextNotification() { all.append(try Json.read(text)) }
        while let text = try manager.nextRequest() {
            var request = try Json.read(text).members()
            if request["request"] == .string("save") { saved = request["record"] ?? .null }
            if let profile = request["profile"] { request["profile"] = .string(try ManagerScenario.unhex(profile.text())) }
            open.append(.object(request))
            all.append(.object(request))
        }
        return all
    }

    /// The text that stands there in hexadecimal.
    private static func unhex(_ text: String) throws -> String {
        let digits = Array(text.utf8)
        let bytes = try stride(from: 0, to: digits.count - 1, by: 2).map { at -> UInt8 in
            guard let byte = UInt8(String(decoding: digits[at...at + 1], as: UTF8.self), radix: 16) else { throw Failed(text) }
            return byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
#endif
