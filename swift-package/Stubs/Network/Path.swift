// Paths and their monitor. Signatures of Apple's SDK; `stub...` members are what tests steer.

import Foundation

public struct NWInterface: Sendable, Hashable {
    public enum InterfaceType: Sendable {
        case other, wifi, cellular, wiredEthernet, loopback
    }

    public let type: InterfaceType
    public let name: String
    public let index: Int

    public init(stubType type: InterfaceType, name: String, index: Int) {
        self.type = type
        self.name = name
        self.index = index
    }
}

public struct NWPath: Sendable, Equatable {
    public enum Status: Sendable {
        case satisfied, unsatisfied, requiresConnection
    }

    public var status: Status
    public var availableInterfaces: [NWInterface]
    public var isExpensive = false
    public var isConstrained = false
    public var supportsIPv4 = true
    public var supportsIPv6 = true
    public var supportsDNS = true

    public func usesInterfaceType(_ type: NWInterface.InterfaceType) -> Bool {
        availableInterfaces.first.map { $0.type == type } ?? false
    }

    public init(stubStatus status: Status, interfaces: [NWInterface], isExpensive: Bool = false) {
        self.status = status
        availableInterfaces = interfaces
        self.isExpensive = isExpensive
    }
}

public final class NWPathMonitor: @unchecked Sendable {
    private let lock = NSLock()
    private var path = NWPath(stubStatus: .unsatisfied, interfaces: [])
    private var queue: DispatchQueue?
    private var handler: (@Sendable (NWPath) -> Void)?

    public init() { NWPathMonitor.stubAll.withLock { $0.append(Weak(self)) } }

    public var pathUpdateHandler: (@Sendable (NWPath) -> Void)? {
        get { lock.withLock { handler } }
        set { lock.withLock { handler = newValue } }
    }

    public var currentPath: NWPath { lock.withLock { path } }
    public func start(queue: DispatchQueue) { lock.withLock { self.queue = queue } }
    public func cancel() { lock.withLock { queue = nil } }

    /// Whether it was started and not cancelled.
    public var stubIsRunning: Bool { lock.withLock { queue != nil } }

    /// What the system does when the device's path changes.
    public func stubUpdate(_ path: NWPath) {
        let (queue, handler) = lock.withLock {
            self.path = path
            return (self.queue, self.handler)
        }
        queue?.async { handler?(path) }
    }

    /// Tells every monitor that runs.
    public static func stubUpdateAll(_ path: NWPath) {
        for monitor in stubAll.withLock({ $0.compactMap(\.monitor) }) { monitor.stubUpdate(path) }
    }

    private static let stubAll = Locked<[Weak]>([])
}

private struct Weak: Sendable {
    weak var monitor: NWPathMonitor?
    init(_ monitor: NWPathMonitor) { self.monitor = monitor }
}

private final class Locked<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value
    init(_ value: Value) { self.value = value }
    func withLock<Result>(_ body: (inout Value) -> Result) -> Result { lock.withLock { body(&value) } }
}
