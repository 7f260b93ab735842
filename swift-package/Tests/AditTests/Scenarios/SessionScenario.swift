#if canImport(AditTestGateway)
import Adit
import AditTestGateway
import Foundation
import XCTest

/// One scenario of a tunnel at the test gateway.
struct SessionScenario {
    private let gateway: TestGateway
    private let session: Session

    static func run(_ scenario: Json) throws {
        let gateway = try TestGateway(kind: kind(scenario["gateway"]?.text() ?? ""))
        defer { try? gateway.stop() }
        let session: Session
        do {
            session = try Session(options: options(scenario, gateway))
        } catch let error as AditError {
            guard let wanted = scenario["fails"], matches(wanted, Scenarios.form(of: error)), scenario["steps"] == nil else {
                throw error
            }
            return
        }
        guard scenario["fails"] == nil else { throw Failed("it was made") }
        let scene = SessionScenario(gateway: gateway, session: session)
        for step in try scenario["steps"]?.items() ?? [] { try scene.step(step) }
        guard try session.isClosed() else { throw Failed("a scenario ends with its tunnel") }
    }

    private func step(_ step: Json) throws {
        let event = try step["expect"].map { try next($0, besides: step["besides"] ?? .array([])) }
        if let form = step["answer"] {
            guard case .ask(let token, _, let question)? = event else { throw Failed("nothing is asked") }
            try session.answer(token: token, answer: answer(form, question))
        }
        switch try step["call"]?.text() {
        case nil: break
        case "stop": try session.stop()
        case "attach_packets": _ = try session.attachPackets()
        case "sleep": try session.sleep()
        case "wake": try session.wake()
        case "network_changed":
            try session.networkChanged(network: step["args"]?["network"]?.given.map(SessionScenario.network))
        case "drop_clients": try gateway.dropClients()
        case "clients":
            let clients = Json.int(Int64(try gateway.clients()))
            guard clients == step["returns"] else { throw Failed("clients: \(clients)") }
        case let other?: throw Failed("there is no call \(other)")
        }
    }

    /// The next event that counts; it must be the one that is wanted, and what came before it what is to come besides.
    private func next(_ wanted: Json, besides: Json) throws -> SessionEvent {
        let deadline = Date().addingTimeInterval(30)
        var before: [Json] = []
        while Date() < deadline {
            guard let event = try session.waitEvent(timeoutMs: 200) else { continue }
            let form = SessionScenario.form(of: event)
            if SessionScenario.matches(wanted, form) {
                guard SessionScenario.matches(besides, .array(before)) else {
                    throw Failed("besides \(wanted): \(before) in place of \(besides)")
                }
                return event
            }
            guard let short = try SessionScenario.inShort(event) else { throw Failed("wanted \(wanted), there came \(form)") }
            before.append(.string(short))
        }
        throw Failed("\(wanted) did not come")
    }

    private func answer(_ form: Json, _ question: Question) throws -> Answer {
        func text(_ name: String) throws -> String? {
            try form[name]?.given?.text().replacingOccurrences(of: "${password}", with: gateway.password())
        }
        switch try form["answer"]?.text() {
        case "done": return .done
        case "refused": return .refused(reason: try text("reason") ?? "")
        case "addresses": return .addresses(list: try form["list"]?.items().map { try $0.text() } ?? [])
        case "password": return .password(username: try text("username"), password: try text("password") ?? "")
        case "signature":
            guard case .sign(_, let scheme, let message) = question else { throw Failed("\(question) is for no key") }
            return .signature(bytes: try gateway.sign(scheme: scheme, message: message))
        case let other: throw Failed("there is no answer \(other ?? "")")
        }
    }

    private static func kind(_ name: String) throws -> TestGatewayKind {
        switch name {
        case "Standard": .standard
        case "WithoutPassword": .withoutPassword
        case "WrongPassword": .wrongPassword
        case "Named": .named
        case "WithoutAnchor": .withoutAnchor
        case "OtherAnchor": .otherAnchor
        case "Silent": .silent
        case "SharedSecret": .sharedSecret
        case "WrongSharedSecret": .wrongSharedSecret
        case "ClientCertificate": .clientCertificate
        case "OtherProposals": .otherProposals
        default: throw Failed("there is no gateway \(name)")
        }
    }

    private static func options(_ scenario: Json, _ gateway: TestGateway) throws -> SessionOptions {
        let given = scenario["credentials"] ?? .object([:])
        func text(_ name: String) throws -> String? {
            try given[name]?.text().replacingOccurrences(of: "${password}", with: gateway.password())
        }
        func does(_ name: String) throws -> Bool { try scenario["host"]?[name]?.flag() ?? false }
        let key = try text("key_reference")
        let overrides = try Json.read(gateway.overrides()).members()
            .merging(scenario["overrides"]?.members() ?? [:]) { $1 }
        return SessionOptions(
            profile: try scenario["profile"].map(Scenarios.bytes) ?? gateway.profile(),
            credentials: Credentials(
                username: try text("username"), password: try text("password"), keyReference: key,
                keyCertificates: key == nil ? [] : try gateway.clientCertificates()),
            host: HostAbilities(
                protectsSockets: try does("protects_sockets"), resolvesNames: try does("resolves_names"),
                judgesChains: try does("judges_chains"), asksPassword: try does("asks_password")),
            overridesJson: try Json.object(overrides).written())
    }

    private static func network(_ form: Json) throws -> NetworkInfo {
        NetworkInfo(
            handle: try form["handle"].map { UInt64(try $0.number()) }, interface: try form["interface"]?.text(), kind: .other,
            addresses: [], dns: [], searchDomains: [], ssid: nil, metered: false)
    }

    /// An event as it stands in a scenario.
    private static func form(of event: SessionEvent) -> Json {
        func texts(_ list: [String]) -> Json { .array(list.map(Json.string)) }
        switch event {
        case .connecting(let address): return .object(["event": .string("connecting"), "address": .string(address)])
        case .ask(_, _, let question): return .object(["event": .string("ask"), "question": form(of: question)])
        case .up(let settings, let connection):
            return .object([
                "event": .string("up"),
                "settings": .object([
                    "remote_address": .string(settings.remoteAddress), "ipv4": texts(settings.ipv4),
                    "ipv6": texts(settings.ipv6), "included_routes": texts(settings.includedRoutes),
                    "excluded_routes": texts(settings.excludedRoutes), "dns": texts(settings.dns),
                    "mtu": .int(Int64(settings.mtu)), "block_ipv4": .bool(settings.blockIpv4),
                    "block_ipv6": .bool(settings.blockIpv6), "proxy": settings.proxy == nil ? .null : .object([:]),
                ]),
                "connection": .object([
                    "server": .string(connection.server),
                    "server_authentication": .string(connection.serverAuthentication),
                    "ike_suite": .string(connection.ikeSuite), "nat": .bool(connection.nat),
                ]),
            ])
        case .warning(let text): return .object(["event": .string("warning"), "text": .string(text)])
        case .rekeyed(let what): return .object(["event": .string("rekeyed"), "what": .string(what)])
        case .pathChanged(let local, let remote):
            return .object(["event": .string("path_changed"), "local": .string(local), "remote": .string(remote)])
        case .reasserting(let error, _):
            return .object(["event": .string("reasserting"), "error": error.map(Scenarios.form) ?? .null])
        case .detail(let json): return .object(["event": .string("detail"), "json": .string(json)])
        case .idle(let seconds): return .object(["event": .string("idle"), "seconds": .int(Int64(seconds))])
        case .closed(let error):
            return .object(["event": .string("closed"), "error": error.map(Scenarios.form) ?? .null])
        }
    }

    /// An event as it stands among those that come besides; nil: it has a step of its own.
    private static func inShort(_ event: SessionEvent) throws -> String? {
        switch event {
        case .warning(let text): return "warning: \(text)"
        case .rekeyed(let what): return "rekeyed \(what.prefix { $0 != ":" })"
        case .pathChanged: return "path_changed"
        case .detail(let json):
            let detail = try Json.read(json)
            let words = try ["event", "exchange", "purpose"].compactMap { try detail[$0]?.given?.text() }
            return (["detail"] + words).joined(separator: " ")
        default: return nil
        }
    }

    private static func form(of question: Question) -> Json {
        switch question {
        case .protectSocket: return .object(["ask": .string("protect_socket")])
        case .resolveName(let host): return .object(["ask": .string("resolve_name"), "host": .string(host)])
        case .password(let username, let attempt, let refusal):
            return .object([
                "ask": .string("password"), "username": .of(username), "attempt": .int(Int64(attempt)), "refusal": .of(refusal),
            ])
        case .sign(let key, let scheme, _):
            return .object(["ask": .string("sign"), "key": .string(key), "scheme": .string(scheme)])
        case .judgeChain(_, let identity):
            return .object(["ask": .string("judge_chain"), "identity": .string(identity)])
        }
    }

    /// Whether a value is what is wanted: the members that are named, each element, a text by its pattern.
    static func matches(_ wanted: Json, _ found: Json) -> Bool {
        switch (wanted, found) {
        case (.object(let members), .object(let there)):
            members.allSatisfy { name, wanted in there[name].map { matches(wanted, $0) } ?? false }
        case (.array(let one), .array(let other)):
            one.count == other.count && zip(one, other).allSatisfy { matches($0, $1) }
        case (.string(let pattern), .string(let text)): holds(pattern, text)
        default: wanted == found
        }
    }

    /// A pattern in which each `*` stands for any text.
    static func holds(_ pattern: String, _ text: String) -> Bool {
        let parts = pattern.components(separatedBy: "*")
        guard let first = parts.first, let last = parts.last, parts.count > 1 else { return pattern == text }
        guard text.hasPrefix(first) else { return false }
        var rest = text.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let place = rest.range(of: part) else { return false }
            rest = rest[place.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}
#endif
