// The provider's side, as the system runs it. Signatures of Apple's SDK; `stub...` members are what tests look at and steer.

import Foundation
import Network

public enum NEProviderStopReason: Int, Sendable {
    case none = 0
    case userInitiated = 1
    case providerFailed = 2
    case noNetworkAvailable = 3
    case unrecoverableNetworkChange = 4
    case providerDisabled = 5
    case authenticationCanceled = 6
    case configurationFailed = 7
    case idleTimeout = 8
    case configurationDisabled = 9
    case configurationRemoved = 10
    case superceded = 11
    case userLogout = 12
    case userSwitch = 13
    case connectionFailed = 14
    case sleep = 15
    case appUpdate = 16
    case internalError = 17
}

public let NETunnelProviderErrorDomain = "NETunnelProviderErrorDomain"

public struct NETunnelProviderError: Error, Sendable {
    public enum Code: Int, Sendable {
        case networkSettingsInvalid = 1
        case networkSettingsCanceled = 2
        case networkSettingsFailed = 3
    }

    public static var networkSettingsInvalid: Code { .networkSettingsInvalid }
    public static var networkSettingsCanceled: Code { .networkSettingsCanceled }
    public static var networkSettingsFailed: Code { .networkSettingsFailed }

    public let code: Code
    public init(_ code: Code) { self.code = code }
}

public enum NETunnelProviderRoutingMethod: Int, Sendable {
    case destinationIP = 1
    case sourceApplication = 2
    case networkRule = 3
}

open class NEProvider: NSObject {
    open func sleep(completionHandler: @escaping @Sendable () -> Void) { completionHandler() }
    open func wake() {}
}

open class NETunnelProvider: NEProvider {
    open func handleAppMessage(_ messageData: Data, completionHandler: (@Sendable (Data?) -> Void)? = nil) {
        completionHandler?(nil)
    }

    open func setTunnelNetworkSettings(
        _ tunnelNetworkSettings: NETunnelNetworkSettings?, completionHandler: (@Sendable ((any Error)?) -> Void)? = nil
    ) {
        let answer = stubLock.withLock {
            stubSettings.append(tunnelNetworkSettings)
            return stubSettingsAnswers.isEmpty ? nil : stubSettingsAnswers.removeFirst()
        }
        // The system answers later, and never on the caller's stack.
        DispatchQueue.global().async { completionHandler?(answer) }
    }

    open var protocolConfiguration: NEVPNProtocol { stubProtocolConfiguration }
    open var appRules: [NEAppRule]? { stubAppRules }
    open var routingMethod: NETunnelProviderRoutingMethod { stubAppRules == nil ? .destinationIP : .sourceApplication }

    open var reasserting = false {
        didSet { stubLock.withLock { stubReasserting.append(reasserting) } }
    }

    /// The apps of a tunnel that is for some only.
    public var stubAppRules: [NEAppRule]?
    /// The configuration that the system would hand over.
    public var stubProtocolConfiguration = NEVPNProtocol()
    /// What was applied, in order; nil for a clearing.
    public private(set) var stubSettings: [NETunnelNetworkSettings?] = []
    /// What the next applications are answered with; nil, a success, when there is none.
    public var stubSettingsAnswers: [(any Error)?] = []
    /// Each setting of `reasserting`.
    public private(set) var stubReasserting: [Bool] = []
    public let stubLock = NSLock()
}

open class NEPacketTunnelProvider: NETunnelProvider {
    open func startTunnel(
        options: [String: NSObject]? = nil, completionHandler: @escaping @Sendable ((any Error)?) -> Void
    ) {
        completionHandler(nil)
    }

    open func stopTunnel(with reason: NEProviderStopReason, completionHandler: @escaping @Sendable () -> Void) {
        completionHandler()
    }

    open func cancelTunnelWithError(_ error: (any Error)?) { stubLock.withLock { stubCancels.append(error) } }

    open var packetFlow: NEPacketTunnelFlow { stubPacketFlow }
    open var virtualInterface: NWInterface? { stubInterface }
    /// The tunnel's own interface.
    public var stubInterface: NWInterface?

    /// The interface's packets.
    public let stubPacketFlow = NEPacketTunnelFlow()
    /// Each end that the provider called for.
    public private(set) var stubCancels: [(any Error)?] = []
}

public enum NETrafficDirection: Int, Sendable {
    case any = 0
    case inbound = 1
    case outbound = 2
}

public typealias sa_family_t = UInt8

open class NEPacket: NSObject {
    open private(set) var data: Data
    open private(set) var protocolFamily: sa_family_t
    open private(set) var direction: NETrafficDirection = .any

    public init(data: Data, protocolFamily: sa_family_t) {
        self.data = data
        self.protocolFamily = protocolFamily
    }
}

open class NEPacketTunnelFlow: NSObject, @unchecked Sendable {
    private let lock = NSLock()
    private var waiting: (@Sendable ([Data], [NSNumber]) -> Void)?
    private var queue: [(Data, NSNumber)] = []
    private var written: [(Data, NSNumber)] = []

    open func readPackets(completionHandler: @escaping @Sendable ([Data], [NSNumber]) -> Void) {
        let batch = lock.withLock {
            let batch = queue
            queue = []
            if batch.isEmpty { waiting = completionHandler }
            return batch
        }
        if !batch.isEmpty {
            DispatchQueue.global().async { completionHandler(batch.map(\.0), batch.map(\.1)) }
        }
    }

    @discardableResult
    open func writePackets(_ packets: [Data], withProtocols protocols: [NSNumber]) -> Bool {
        guard packets.count == protocols.count else { return false }
        lock.withLock { written.append(contentsOf: zip(packets, protocols)) }
        return true
    }

    open func readPacketObjects(completionHandler: @escaping @Sendable ([NEPacket]) -> Void) {
        readPackets { packets, families in
            completionHandler(zip(packets, families).map { NEPacket(data: $0, protocolFamily: $1.uint8Value) })
        }
    }

    @discardableResult
    open func writePacketObjects(_ packets: [NEPacket]) -> Bool {
        writePackets(packets.map(\.data), withProtocols: packets.map { NSNumber(value: $0.protocolFamily) })
    }

    /// A batch of packets that the device sends into the tunnel.
    public func stubSend(_ packets: [(Data, NSNumber)]) {
        let handler = lock.withLock {
            let handler = waiting
            waiting = nil
            if handler == nil { queue.append(contentsOf: packets) }
            return handler
        }
        handler?(packets.map(\.0), packets.map(\.1))
    }

    /// What came out of the tunnel so far.
    public var stubWritten: [(Data, NSNumber)] { lock.withLock { written } }

    /// Whether somebody waits for packets.
    public var stubIsRead: Bool { lock.withLock { waiting != nil } }
}

open class NEAppRule: NSObject {
    open private(set) var matchSigningIdentifier: String
    open private(set) var matchDesignatedRequirement: String
    open var matchPath: String?
    open var matchDomains: [Any]?
    open var matchTools: [NEAppRule]?

    public init(signingIdentifier: String) {
        matchSigningIdentifier = signingIdentifier
        matchDesignatedRequirement = ""
    }

    public init(signingIdentifier: String, designatedRequirement: String) {
        matchSigningIdentifier = signingIdentifier
        matchDesignatedRequirement = designatedRequirement
    }
}
