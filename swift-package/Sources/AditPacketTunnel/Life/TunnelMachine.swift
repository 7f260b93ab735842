import Adit
import Foundation

/// A tunnel's life, as decisions: what the system, the session and the path say goes in, what is to be done comes out.
///
/// Knows no clock, no framework and no object of Apple's: ``AditPacketTunnelProvider`` does what comes out, in order, and
/// tells what became of it. Invariants, held by tests: each start, stop and sleep is finished exactly once; settings are
/// applied only when they differ from what is applied; nothing is attached before settings were taken; a start succeeds when the
/// session has the interface, not before; after the end nothing comes out but the answers that are still owed.
public struct TunnelMachine: Sendable {
    /// What happened.
    public enum Input: Sendable {
        /// The system wants a tunnel. `blockFirst`: nothing may leave in clear while it is made.
        case start(blockFirst: Bool, remoteAddress: String)
        /// The system took the settings with this number, or refused them.
        case settingsApplied(UInt64, refused: String?)
        /// The session took the interface.
        case attached
        /// The session could not be made, or does not take the interface.
        case sessionFailed(TunnelFailure)
        /// The session says something.
        case event(SessionEvent)
        /// The session has no more events, and said no reason.
        case sessionEnded
        /// The path was reported.
        case path(PathSnapshot)
        /// The device goes to sleep, or is awake again.
        case sleep
        case wake
        /// The system wants the tunnel's end.
        case stop
        /// What was asked of the session to stop is done, or took too long.
        case stopped
    }

    /// What is to be done, in this order.
    public enum Effect: Equatable, Sendable {
        /// Apply these settings and report with the number.
        case apply(InterfaceSettings, UInt64)
        /// Make the session and pass on its events.
        case openSession
        /// Give the session the interface; `attached` or `sessionFailed` follows.
        case attach
        /// Answer the start: nil is success.
        case finishStart(TunnelFailure?)
        /// Answer every stop that waits.
        case finishStop
        /// Answer the sleep.
        case finishSleep
        /// Tell the system that the tunnel is being made again, or no more.
        case setReasserting(Bool)
        /// End the tunnel on our own.
        case cancel(TunnelFailure?)
        /// Answer a question of the session.
        case ask(token: UInt64, deadlineMs: UInt64, Question)
        case networkChanged(NetworkInfo?)
        case sleepSession
        case wakeSession
        /// Stop the session; `stopped` follows within a second.
        case stopSession
        /// A line for the log.
        case log(String)
    }

    private enum Phase: Sendable {
        case idle
        /// Blocking settings are being applied; the session comes after.
        case blocking
        /// The session runs, connected or not.
        case running
        /// The session is being stopped.
        case stopping
        case ended
    }

    private var phase: Phase = .idle
    private var owesStart = false
    private var owesStop = false
    private var isConnected = false
    private var isAttaching = false
    private var isAttached = false
    private var isReasserting = false
    /// What the system has or is about to have, with the number of the application.
    private var applied: InterfaceSettings?
    /// The latest application, while its answer is awaited.
    private var pending: UInt64?
    private var applications: UInt64 = 0
    private var paths = PathPolicy()
    private var isOffline = false
    /// The session said that it ends for want of traffic.
    private var idle: TunnelFailure?

    /// The resolvers that the profile brings of its own.
    public var resolvers: ProfileDNS?

    public init() {}

    /// Who the server proved to be, once it did.
    public private(set) var server: String?

    /// Whether the session is up and the system has its settings.
    public var isUp: Bool { isConnected && isAttached && phase == .running }

    /// Takes what happened; answers what is to be done.
    public mutating func handle(_ input: Input) -> [Effect] {
        switch input {
        case .start(let blockFirst, let remoteAddress): return start(blockFirst, remoteAddress)
        case .settingsApplied(let number, let refused): return settingsApplied(number, refused)
        case .attached: return attached()
        case .sessionFailed(let failure): return (phase == .running ? [.stopSession] : []) + end(failure)
        case .event(let event): return handle(event)
        case .sessionEnded: return end(idle)
        case .path(let path): return handle(path)
        case .sleep: return sleep()
        case .wake: return wake()
        case .stop: return stop()
        case .stopped: return phase == .stopping ? finish() : []
        }
    }

    private mutating func start(_ blockFirst: Bool, _ remoteAddress: String) -> [Effect] {
        guard phase == .idle else { return [.finishStart(.startedTwice)] }
        owesStart = true
        guard blockFirst else {
            phase = .running
            return [.openSession] + offline()
        }
        phase = .blocking
        return apply(.blocking(remoteAddress: remoteAddress))
    }

    private mutating func settingsApplied(_ number: UInt64, _ refused: String?) -> [Effect] {
        guard number == pending else { return [] }
        pending = nil
        if let refused {
            applied = nil
            guard phase == .blocking || phase == .running else { return [] }
            let stopping: [Effect] = phase == .running ? [.stopSession] : []
            return stopping + end(.settingsRefused(refused))
        }
        switch phase {
        case .blocking:
            phase = .running
            return [.openSession] + offline()
        case .running where isConnected:
            return up()
        default:
            return []
        }
    }

    private mutating func handle(_ event: SessionEvent) -> [Effect] {
        if phase == .stopping {
            // The reason of an end that was asked for does not matter; the stop itself is reported by `stopped`.
            return []
        }
        guard phase == .running else { return [] }
        switch event {
        case .connecting(let address):
            return [.log("connecting to \(address)")]
        case .ask(let token, let deadlineMs, let question):
            return [.ask(token: token, deadlineMs: deadlineMs, question)]
        case .up(let settings, let connection):
            isConnected = true
            server = connection.server
            let wanted = InterfaceSettings(settings, resolvers: resolvers)
            let notes = wanted.ignored.map { Effect.log("left out: \($0)") }
            if wanted == applied { return notes + (pending == nil ? up() : []) }
            return notes + apply(wanted)
        case .warning(let text):
            return [.log("warning: \(text)")]
        case .rekeyed(let what):
            return [.log("rekeyed: \(what)")]
        case .pathChanged(let local, let remote):
            return [.log("path: \(local) to \(remote)")]
        case .reasserting(let error, let retryMs):
            isConnected = false
            let why = error.map { ": \(TunnelFailure($0).message)" } ?? ""
            return [.log("connecting again in \(retryMs) ms\(why)")] + reassert(true)
        case .detail:
            return []
        case .idle(let seconds):
            idle = .idle(seconds: seconds)
            return []
        case .closed(let error):
            return end(error.map(TunnelFailure.init) ?? idle)
        }
    }

    /// The session is connected and the system has its settings.
    private mutating func up() -> [Effect] {
        guard isAttached else {
            guard !isAttaching else { return [] }
            isAttaching = true
            return [.attach]
        }
        var effects: [Effect] = []
        if owesStart {
            owesStart = false
            effects.append(.finishStart(nil))
        }
        return effects + reassert(false)
    }

    /// The session has the interface, and keeps it.
    private mutating func attached() -> [Effect] {
        guard isAttaching, !isAttached else { return [] }
        isAttached = true
        return phase == .running && isConnected && pending == nil ? up() : []
    }

    private mutating func reassert(_ now: Bool) -> [Effect] {
        // Before the first success the system shows "connecting" by itself, and each setting is a line in its log.
        guard !owesStart, isReasserting != now else { return [] }
        isReasserting = now
        return [.setReasserting(now)]
    }

    private mutating func handle(_ path: PathSnapshot) -> [Effect] {
        guard phase != .stopping, phase != .ended else { return [] }
        let change = paths.report(path)
        switch change {
        case .none:
            return []
        case .lost:
            isOffline = true
            return phase == .running ? [.networkChanged(nil)] : []
        case .moved(let interface, let addresses, let isMetered):
            isOffline = false
            guard phase == .running else { return [] }
            return [.networkChanged(NetworkInfo(interface, addresses: addresses, isMetered: isMetered))]
        }
    }

    /// What a session that is made while there is no network has to know.
    private func offline() -> [Effect] { isOffline ? [.networkChanged(nil)] : [] }

    private func sleep() -> [Effect] {
        phase == .running ? [.sleepSession, .finishSleep] : [.finishSleep]
    }

    private func wake() -> [Effect] { phase == .running ? [.wakeSession] : [] }

    private mutating func stop() -> [Effect] {
        owesStop = true
        switch phase {
        case .running:
            phase = .stopping
            return [.stopSession]
        case .stopping:
            return []
        case .idle, .blocking, .ended:
            return finish()
        }
    }

    /// The end of a stop.
    private mutating func finish() -> [Effect] {
        phase = .ended
        pending = nil
        var effects: [Effect] = []
        if owesStart {
            owesStart = false
            effects.append(.finishStart(.stopped))
        }
        if owesStop {
            owesStop = false
            effects.append(.finishStop)
        }
        return effects
    }

    /// An end that nobody asked for.
    private mutating func end(_ failure: TunnelFailure?) -> [Effect] {
        guard phase == .blocking || phase == .running else { return [] }
        phase = .ended
        pending = nil
        if owesStart {
            owesStart = false
            return [.finishStart(failure ?? .stopped)]
        }
        return [.cancel(failure)]
    }

    private mutating func apply(_ settings: InterfaceSettings) -> [Effect] {
        applications += 1
        pending = applications
        applied = settings
        return [.apply(settings, applications)]
    }
}

extension NetworkInfo {
    /// What the session is told of a path. The system does not tell a provider of resolvers and names of networks.
    init(_ interface: PathSnapshot.Interface, addresses: [String], isMetered: Bool) {
        let kind: NetworkKind =
            switch interface.kind {
            case .wifi: .wifi
            case .cellular: .cellular
            case .ethernet: .ethernet
            case .loopback, .other: .other
            }
        self.init(
            handle: nil, interface: interface.name, kind: kind, addresses: addresses, dns: [], searchDomains: [], ssid: nil,
            metered: isMetered)
    }
}
