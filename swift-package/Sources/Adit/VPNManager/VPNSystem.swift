import Foundation

/// The physical network, as far as on-demand rules ask for it.
public struct VPNNetwork: Equatable, Sendable {
    /// The hardware of the primary interface.
    public enum Interface: String, CaseIterable, Codable, Sendable {
        /// Wired Ethernet.
        case ethernet = "Ethernet"
        /// Wi-Fi.
        case wiFi = "WiFi"
        /// Mobile data.
        case cellular = "Cellular"
        /// Anything else.
        case other = "Other"
    }

    /// The primary interface.
    public var interface: Interface
    /// The Wi-Fi network; nil where it is not known.
    public var ssid: String?
    /// The search domains that the network gives out.
    public var searchDomains: [String]
    /// The DNS servers that the network gives out.
    public var dnsServers: [String]

    /// A network.
    public init(interface: Interface, ssid: String? = nil, searchDomains: [String] = [], dnsServers: [String] = []) {
        self.interface = interface
        self.ssid = ssid
        self.searchDomains = searchDomains
        self.dnsServers = dnsServers
    }
}

extension VPNNetwork: Encodable {
    enum CodingKeys: String, CodingKey {
        case interface, ssid
        case searchDomains = "search_domains"
        case dnsServers = "dns_servers"
    }
}

/// Where the VPN runs, for what a platform can do of a configuration.
public enum VPNPlatform: Equatable, Sendable {
    /// A Packet Tunnel extension on iOS or iPadOS.
    case ios(major: Int, minor: Int)
    /// A Packet Tunnel extension on macOS.
    case macos(major: Int, minor: Int)
    /// A program on Linux.
    case linux

    /// This device.
    public static var current: VPNPlatform {
        let version = ProcessInfo.processInfo.operatingSystemVersion
        #if os(macOS)
        return .macos(major: version.majorVersion, minor: version.minorVersion)
        #elseif os(Linux)
        _ = version
        return .linux
        #else
        return .ios(major: version.majorVersion, minor: version.minorVersion)
        #endif
    }

    /// In the core's JSON.
    fileprivate var json: Any {
        switch self {
        case .ios(let major, let minor): ["ios": ["major": major, "minor": minor]]
        case .macos(let major, let minor): ["macos": ["major": major, "minor": minor]]
        case .linux: "linux"
        }
    }
}

/// The Personal VPN of a device: configurations, connections and on-demand rules with the semantics of Apple's API, run by the
/// core, for platforms and programs that have none.
///
/// It asks its ``VPNHost`` for what only that can do and reads the events of the sessions that it makes. Its members may be
/// called from any thread; those that return at once do. It lives at least as long as a tunnel of it runs.
public final class VPNSystem: @unchecked Sendable {
    private let core: Manager
    private let app: String
    private let host: any VPNHost
    /// Who waits is told here and never with the lock: a task that is being cancelled holds one of its own, which a resumption
    /// needs, while its handler asks for ours.
    private let delivery = DispatchQueue(label: "adit.vpn.delivery")
    /// Held while something begins, so that those who wait stand in the order in which the core has what they wait for.
    private let order = NSLock()
    private let lock = NSLock()
    // From here on: with the lock only.
    private var readers: [UUID: AsyncStream<VPNNotification>.Continuation] = [:]
    private var waiting: [Waiting] = []
    private var lastWaiting: UInt64 = 0
    private var tunnels: [UInt32: Running] = [:]
    private var timer: Task<Void, Never>?

    /// Who waits for the end of a load, save or remove.
    private struct Waiting {
        var id: UInt64
        var manager: UInt32
        var operation: String
        var continuation: CheckedContinuation<Void, any Error>
    }

    /// A tunnel from its start to its end.
    private enum Running {
        /// Its session is being made; it may be unwanted already.
        case starting(stop: [UInt64])
        /// Nil: it runs in another process.
        case running(Session?)
    }

    /// A system that knows nothing yet.
    ///
    /// - Parameters:
    ///   - app: this app's identifier; its own configuration has its name.
    ///   - platform: where tunnels run.
    ///   - host: who does what only the app can.
    ///   - oneTunnel: the platform runs one tunnel at a time.
    ///   - acceptsTrafficOutside: start also where the platform cannot keep traffic inside that belongs there.
    /// - Throws: ``AditError`` when the core cannot be set up.
    public init(
        app: String, platform: VPNPlatform = .current, host: any VPNHost, oneTunnel: Bool = false,
        acceptsTrafficOutside: Bool = false
    ) throws {
        let options: [String: Any] = [
            "app": app, "platform": platform.json, "one_tunnel": oneTunnel,
            "accepts_traffic_outside": acceptsTrafficOutside,
        ]
        let json = try JSONSerialization.data(withJSONObject: options)
        core = try Manager(optionsJson: String(decoding: json, as: UTF8.self))
        self.host = host
        self.app = app
    }

    deinit {
        timer?.cancel()
        delivery.async { [readers] in readers.values.forEach { $0.finish() } }
    }

    /// The one manager of this app's own configuration (`NEVPNManager.shared()`).
    public func shared() throws -> VPNManager {
        VPNManager(system: self, number: try core.shared(), key: .personal(app: app), isShared: true)
    }

    /// Another manager of a configuration.
    public func manager(of key: VPNConfigurationKey) throws -> VPNManager {
        let json = String(decoding: try JSONEncoder().encode(key), as: UTF8.self)
        return VPNManager(system: self, number: try core.open(keyJson: json), key: key, isShared: false)
    }

    /// Tells of the physical network; nil: there is none. On-demand rules are looked at.
    public func networkChanged(_ network: VPNNetwork?) throws {
        let json = try network.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        try call { try $0.networkChanged(networkJson: json) }
    }

    /// The device is about to sleep.
    public func sleep() throws { try call { try $0.sleep() } }

    /// The device is awake.
    public func wake() throws { try call { try $0.wake() } }

    /// Tells what became of a tunnel: that packets went through it, or that the system took it away; and everything of one
    /// that runs in another process.
    public func report(_ report: VPNTunnelReport, of tunnel: UInt32) throws {
        let json = try JSONSerialization.data(withJSONObject: report.json)
        try call { try $0.tunnelReport(tunnel: tunnel, reportJson: String(decoding: json, as: UTF8.self)) }
        switch report {
        case .closed, .idle, .revoked: lock.withLock { _ = forget(tunnel) }
        case .up, .reasserting, .pathChanged: break
        }
    }

    /// What happens from now on, for as long as the reader reads. The newest 64 are kept for a reader that is slow.
    public func notifications() -> AsyncStream<VPNNotification> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: VPNNotification.self, bufferingPolicy: .bufferingNewest(64))
        let reader = UUID()
        lock.withLock { readers[reader] = continuation }
        continuation.onTermination = { [weak self] _ in
            guard let self else { return }
            _ = self.lock.withLock { self.readers.removeValue(forKey: reader) }
        }
        return stream
    }

    // MARK: For managers

    /// Calls the core, and does what follows from it. A refusal with one of Apple's codes is thrown as ``VPNError``.
    @discardableResult
    func call<Value>(_ body: (Manager) throws -> Value) throws -> Value {
        defer { pump() }
        do { return try body(core) } catch let refusal as AditError { throw VPNError(refusal) ?? refusal }
    }

    /// Asks the core something that changes nothing.
    func ask<Value>(_ body: (Manager) throws -> Value) throws -> Value { try body(core) }

    /// Begins a load, save or remove, and waits for its end.
    func complete(_ operation: String, manager: UInt32, _ begin: @Sendable (Manager) throws -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            do {
                try order.withLock {
                    // Before it begins: its end may be told by another thread.
                    let id = lock.withLock {
                        lastWaiting += 1
                        waiting.append(
                            Waiting(id: lastWaiting, manager: manager, operation: operation, continuation: continuation))
                        return lastWaiting
                    }
                    do { try begin(core) } catch {
                        // It did not begin, so nothing is told of it: this one waits for nothing.
                        lock.withLock { waiting.removeAll { $0.id == id } }
                        throw error
                    }
                }
            } catch {
                continuation.resume(throwing: (error as? AditError).flatMap(VPNError.init) ?? error)
            }
            pump()
        }
    }

    // MARK: What the core wants

    /// Passes on what the core tells, and has done what it asks.
    private func pump() {
        // One at a time, so that what is told stays in order.
        lock.lock()
        while let told = try? core.nextNotification() { tell(told) }
        var requests: [CoreRequest] = []
        while let asked = try? core.nextRequest() {
            if let request = try? JSONDecoder().decode(CoreRequest.self, from: Data(asked.utf8)) {
                requests.append(request)
            }
        }
        var stops: [(token: UInt64, tunnel: UInt32, session: Session?)] = []
        for request in requests {
            switch request.demand {
            case .startTunnel(let start): tunnels[start.tunnel] = .starting(stop: [])
            case .stopTunnel(let tunnel):
                switch tunnels[tunnel] {
                case .starting(let waiting): tunnels[tunnel] = .starting(stop: waiting + [request.token])
                case .running(let session): stops.append((request.token, tunnel, session))
                // It was not ours, or is over.
                case nil: stops.append((request.token, tunnel, nil))
                }
            default: break
            }
        }
        arm()
        lock.unlock()
        for (token, tunnel, session) in stops { end(tunnel, session, answering: [token]) }
        for request in requests {
            if case .stopTunnel = request.demand { continue }
            Task { [self] in await perform(request) }
        }
    }

    private func tell(_ told: String) {
        switch try? JSONDecoder().decode(CoreNotification.self, from: Data(told.utf8)) {
        case .completed(let manager, let operation, let error):
            guard let at = waiting.firstIndex(where: { $0.manager == manager && $0.operation == operation }) else { return }
            let one = waiting.remove(at: at)
            delivery.async { one.continuation.resume(with: error.map { .failure($0) } ?? .success(())) }
        case .told(let notification):
            delivery.async { [readers] in for reader in readers.values { reader.yield(notification) } }
        case nil: break
        }
    }

    /// Has the core called when it wants to be.
    private func arm() {
        timer?.cancel()
        timer = nil
        guard let milliseconds = (try? core.timeoutMs()) ?? nil else { return }
        timer = Task { [weak self] in
            do { try await Task.sleep(nanoseconds: min(milliseconds, 86_400_000) * 1_000_000) } catch { return }
            try? self?.call { try $0.handleTimeout() }
        }
    }

    private func answer(_ token: UInt64, _ answer: CoreAnswer) {
        // It fails for an answer of another kind only, and the kinds are chosen by the request.
        try? call { try $0.answer(token: token, answerJson: answer.json) }
    }

    private func perform(_ request: CoreRequest) async {
        if case .startTunnel(let start) = request.demand {
            await run(start, token: request.token)
            return
        }
        let done: CoreAnswer
        do { done = try await result(of: request.demand) } catch { done = CoreAnswer(error, to: request.demand) }
        answer(request.token, done)
    }

    private func result(of demand: CoreRequest.Demand) async throws -> CoreAnswer {
        switch demand {
        case .load(let key): return .record(try await host.record(of: key))
        case .save(let key, let record, let replaces): try await host.store(record, of: key, replacing: replaces)
        case .remove(let key): try await host.removeRecord(of: key)
        case .consent(let key, let description): try await host.askConsent(for: key, description: description)
        case .storeSecret(let key, let slot, let content):
            return .reference(try await host.store(content, for: slot, of: key))
        case .deleteSecrets(let references): try await host.removeSecrets(references)
        case .readSecret(let key, let slot, let reference):
            return .secret(try await host.secret(reference, for: slot, of: key))
        case .resolveName(let name): return .addresses(try await host.addresses(of: name))
        case .probeDNS(let servers): return .reachable(try await host.answers(dnsServers: servers))
        case .probeName(let name): return .reachable(try await host.resolves(name))
        case .probeURL(let url): return .reachable(try await host.answers(url: url))
        case .startTunnel, .stopTunnel: break
        }
        return .done
    }

    // MARK: Tunnels

    /// A tunnel from its session's making to its end.
    private func run(_ start: VPNTunnelStart, token: UInt64) async {
        let session: Session?
        do { session = try await host.makeSession(start) } catch {
            let stops = lock.withLock { forget(start.tunnel) }
            answer(token, CoreAnswer(error, to: .startTunnel(start)))
            for stop in stops { answer(stop, .done) }
            return
        }
        let stops: [UInt64] = lock.withLock {
            let stops = forget(start.tunnel)
            tunnels[start.tunnel] = .running(session)
            return stops
        }
        answer(token, .done)
        if !stops.isEmpty { end(start.tunnel, session, answering: stops) }
        guard let session else { return }
        do {
            for try await event in session.events {
                if case .ask(let token, _, let question) = event {
                    ask(question, token, session, start.tunnel)
                    continue
                }
                await host.handle(event, of: session, tunnel: start.tunnel)
                try? call { try $0.tunnelEvent(tunnel: start.tunnel, session: session, event: event) }
            }
        } catch {
            // Nobody can read its events any more, so it must not go on.
            try? session.stop()
            try? call {
                try $0.tunnelEvent(tunnel: start.tunnel, session: session, event: .closed(error: error as? AditError))
            }
        }
        lock.withLock { _ = forget(start.tunnel) }
    }

    /// Passes a question to the host, without waiting for the answer.
    private func ask(_ question: Question, _ token: UInt64, _ session: Session, _ tunnel: UInt32) {
        Task { [host] in
            let answer: Answer
            do { answer = try await host.answer(question, of: tunnel) } catch {
                answer = .refused(reason: (error as? VPNRefusal)?.reason ?? error.localizedDescription)
            }
            // Too late is no error: the session has gone on without it.
            try? session.answer(token: token, answer: answer)
        }
    }

    /// Forgets a tunnel; who waits for its end.
    private func forget(_ tunnel: UInt32) -> [UInt64] {
        if case .starting(let stops)? = tunnels.removeValue(forKey: tunnel) { stops } else { [] }
    }

    /// Ends a tunnel, which takes a second at most, and says so.
    private func end(_ tunnel: UInt32, _ session: Session?, answering tokens: [UInt64]) {
        if let session {
            // It blocks.
            DispatchQueue.global().async { [self] in
                try? session.stop()
                for token in tokens { answer(token, .done) }
            }
            return
        }
        Task { [self] in
            let ended: CoreAnswer
            do {
                try await host.endTunnel(tunnel)
                ended = .done
            } catch { ended = CoreAnswer(error, to: .stopTunnel(tunnel)) }
            lock.withLock { _ = forget(tunnel) }
            for token in tokens { answer(token, ended) }
        }
    }
}
