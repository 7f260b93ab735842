#if canImport(NetworkExtension) && canImport(Network) && canImport(Security)
import Adit
import Foundation
import Network
import NetworkExtension
#if os(iOS)
import os
#endif

/// A packet tunnel provider that connects as a profile says. Subclass it in the extension, and name the subclass in the
/// extension's `NSExtensionPrincipalClass`; nothing has to be overridden.
///
/// It does what ``TunnelMachine`` decides. All of it happens on one queue; what the system or the session say is passed there.
open class AditPacketTunnelProvider: NEPacketTunnelProvider, @unchecked Sendable {
    private let queue = DispatchQueue(label: "adit.tunnel")
    // From here on: on the queue only.
    private var machine = TunnelMachine()
    private var request: StartRequest?
    private var session: (any SessionProtocol)?
    private var bridge: PacketFlowBridge?
    private var monitor: NWPathMonitor?
    private var starts: [OneShot<(any Error)?>] = []
    private var stops: [OneShot<Void>] = []
    private var sleeps: [OneShot<Void>] = []
    private var upSince: Date?

    /// How long the end may take, as the session's own does.
    private static let stopLimit = DispatchTimeInterval.seconds(1)

    /// Between two searches for the interface.
    private static let lookupPause = DispatchTimeInterval.milliseconds(100)

    // MARK: To override

    /// Who signs, judges chains and knows passwords.
    open func makeHost() -> any TunnelHost { KeychainHost() }

    /// Which questions ``makeHost()`` answers. A provider's sockets are outside its tunnel and it resolves names there, so
    /// the first two stay false.
    open var hostAbilities: HostAbilities {
        HostAbilities(protectsSockets: false, resolvesNames: false, judgesChains: true, asksPassword: false)
    }

    /// Makes the session.
    open func makeSession(_ options: SessionOptions) throws -> any SessionProtocol { try Session(options: options) }

    /// The interface's descriptor and how packets stand in it; nil: packets go through `packetFlow`. The session duplicates
    /// it. To keep to what Apple documents, answer nil.
    open func interfaceDescriptor() -> (descriptor: Int32, framing: TunFraming)? {
        UtunDescriptor.find().map { ($0, .utun) }
    }

    /// How often ``interfaceDescriptor()`` is asked, a tenth of a second apart, before packets go through `packetFlow`: the
    /// system may say that it took the settings before the interface is to be found. One is enough where it answers nil.
    open var interfaceLookups: Int { 5 }

    /// A line for the log, without secrets: the system's, and the one that an app exports (`ProviderRequest.log`), among the core's.
    open func log(_ line: String) { try? logLine(line: line) }

    // MARK: What the system calls

    open override func startTunnel(
        options: [String: NSObject]? = nil, completionHandler: @escaping ((any Error)?) -> Void
    ) {
        let completion = OneShot<(any Error)?>(completionHandler)
        let request: StartRequest
        do {
            request = try makeRequest(options)
        } catch {
            let failure = TunnelFailure(error)
            queue.async { [self] in
                log("not started: \(failure.message)")
                completion(failure.asNSError)
            }
            return
        }
        queue.async { [self] in
            starts.append(completion)
            if self.request == nil {
                self.request = request
                machine.resolvers = request.resolvers
                if routingMethod == .sourceApplication { log("for chosen apps only: \(appRules?.count ?? 0)") }
                watchPath()
            }
            feed(.start(blockFirst: request.blockFirst, remoteAddress: request.remoteAddress))
        }
    }

    open override func stopTunnel(with reason: NEProviderStopReason, completionHandler: @escaping () -> Void) {
        let completion = OneShot<Void> { completionHandler() }
        queue.async { [self] in
            log("stopped by the system, reason \(reason.rawValue)")
            stops.append(completion)
            feed(.stop)
        }
    }

    open override func sleep(completionHandler: @escaping () -> Void) {
        let completion = OneShot<Void> { completionHandler() }
        queue.async { [self] in
            sleeps.append(completion)
            feed(.sleep)
        }
    }

    open override func wake() { queue.async { self.feed(.wake) } }

    open override func handleAppMessage(_ messageData: Data, completionHandler: ((Data?) -> Void)? = nil) {
        let completion = OneShot<Data?> { completionHandler?($0) }
        queue.async { [self] in completion(reply(to: messageData).message) }
    }

    // MARK: What is decided is done

    private func feed(_ input: TunnelMachine.Input) {
        for effect in machine.handle(input) { perform(effect) }
    }

    /// Passes what happened elsewhere to the queue.
    private func later(_ input: TunnelMachine.Input) { queue.async { self.feed(input) } }

    private func perform(_ effect: TunnelMachine.Effect) {
        switch effect {
        case .apply(let settings, let number):
            setTunnelNetworkSettings(settings.networkSettings()) { [self] error in
                later(.settingsApplied(number, refused: error?.localizedDescription))
            }
        case .openSession: openSession()
        case .attach: attach(lookups: interfaceLookups)
        case .finishStart(let failure): finishStart(failure)
        case .finishStop:
            close()
            stops.forEach { $0(()) }
            stops = []
        case .finishSleep:
            sleeps.forEach { $0(()) }
            sleeps = []
        case .setReasserting(let value): reasserting = value
        case .cancel(let failure):
            log("ended: \(failure?.message ?? "no reason given")")
            close()
            cancelTunnelWithError(failure?.asNSError)
        case .ask(let token, _, let question): ask(token, question)
        case .networkChanged(let network): tell { try $0.networkChanged(network: network) }
        case .sleepSession: tell { try $0.sleep() }
        case .wakeSession: tell { try $0.wake() }
        case .stopSession: stopSession()
        case .log(let line): log(line)
        }
    }

    private func makeRequest(_ options: [String: NSObject]?) throws -> StartRequest {
        let stored = protocolConfiguration
        let configuration = StartRequest.Configuration(
            providerConfiguration: (stored as? NETunnelProviderProtocol)?.providerConfiguration,
            serverAddress: stored.serverAddress, passwordReference: stored.passwordReference,
            identityReference: stored.identityReference, includeAllNetworks: stored.includeAllNetworks)
        let secrets = StartRequest.Secrets(
            read: { try SharedKeychain.read($0) }, certificate: { try KeychainHost.certificate(of: $0) })
        return try StartRequest(configuration, options: options, host: hostAbilities, secrets: secrets)
    }

    private func openSession() {
        guard let options = request?.options else { return }
        // The profile's secrets are the session's now.
        request?.options = nil
        do {
            let session = try makeSession(options)
            self.session = session
            Task { [self] in
                do {
                    for try await event in session.events { later(.event(event)) }
                    later(.sessionEnded)
                } catch {
                    later(.sessionFailed(TunnelFailure(error)))
                }
            }
        } catch {
            later(.sessionFailed(TunnelFailure(error)))
        }
    }

    private func attach(lookups: Int) {
        guard let session else { return }
        do {
            if let (descriptor, framing) = interfaceDescriptor() {
                try session.attachTun(fd: descriptor, framing: framing)
                later(.attached)
                return
            }
            if lookups > 1 {
                queue.asyncAfter(deadline: .now() + AditPacketTunnelProvider.lookupPause) {
                    // Another session has its own search.
                    if self.session === session { self.attach(lookups: lookups - 1) }
                }
                return
            }
            log("the interface has no descriptor that can be found: packets go through packetFlow")
            let bridge = PacketFlowBridge(flow: packetFlow, port: try PacketPort(session))
            self.bridge = bridge
            bridge.start()
            later(.attached)
        } catch {
            later(.sessionFailed(TunnelFailure(error)))
        }
    }

    private func finishStart(_ failure: TunnelFailure?) {
        // A second start while one runs is answered alone; the first one goes on.
        guard failure != .startedTwice else {
            starts.popLast()?(failure?.asNSError)
            return
        }
        if let failure {
            log("not started: \(failure.message)")
            close()
        } else {
            upSince = Date()
        }
        starts.forEach { $0(failure?.asNSError) }
        starts = []
    }

    private func ask(_ token: UInt64, _ question: Question) {
        guard let session else { return }
        let host = makeHost()
        Task { [self] in
            let answer = await answer(question, by: host)
            if case .refused(let reason) = answer { queue.async { self.log("refused: \(reason)") } }
            // Too late is no error: the session has gone on without it.
            try? session.answer(token: token, answer: answer)
        }
    }

    private func tell(_ body: (any SessionProtocol) throws -> Void) {
        guard let session else { return }
        do { try body(session) } catch { log("the session refused: \(error.localizedDescription)") }
    }

    private func stopSession() {
        guard let session else {
            later(.stopped)
            return
        }
        DispatchQueue.global().async { [self] in
            try? session.stop()
            later(.stopped)
        }
        queue.asyncAfter(deadline: .now() + AditPacketTunnelProvider.stopLimit) { self.feed(.stopped) }
    }

    private func watchPath() {
        let monitor = NWPathMonitor()
        monitor.pathUpdateHandler = { [self] path in feed(.path(PathSnapshot(path))) }
        monitor.start(queue: queue)
        self.monitor = monitor
    }

    private func close() {
        monitor?.cancel()
        monitor?.pathUpdateHandler = nil
        monitor = nil
        bridge?.stop()
        bridge = nil
        session = nil
        upSince = nil
    }

    // MARK: The app's questions

    private func reply(to message: Data) -> ProviderReply {
        switch ProviderRequest.read(message) {
        case .failure(let refusal): return .refused(refusal)
        case .success(.state):
            return .state(.init(
                isUp: machine.isUp, since: upSince, server: machine.server, version: Core.version,
                interface: interfaceName()))
        case .success(.stats): return ask(session) { .stats(.init(try $0.stats(), availableMemory: availableMemory())) }
        case .success(.log): return ask(session) { .log(try $0.logTail()) }
        }
    }

    private func ask(
        _ session: (any SessionProtocol)?, _ body: (any SessionProtocol) throws -> ProviderReply
    ) -> ProviderReply {
        guard let session else { return .refused(.init(reason: "the tunnel does not run")) }
        do { return try body(session) } catch { return .refused(.init(reason: error.localizedDescription)) }
    }

    /// The name of the tunnel's own interface, where the system tells it: an app can require it of a connection.
    private func interfaceName() -> String? {
        guard #available(iOS 18, macOS 15, visionOS 2, *) else { return nil }
        return virtualInterface?.name
    }

    private func availableMemory() -> UInt64? {
        #if os(iOS)
        return UInt64(os_proc_available_memory())
        #else
        return nil
        #endif
    }
}
#endif
