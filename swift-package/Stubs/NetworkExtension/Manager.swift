// The app's side: managers, connections, preferences. Signatures of Apple's SDK; preferences are a list in memory.

import Foundation

public let NEVPNErrorDomain = "NEVPNErrorDomain"
public let NEVPNConnectionErrorDomain = "NEVPNConnectionErrorDomain"
public let NEVPNConnectionStartOptionUsername = "NEVPNConnectionStartOptionUsername"
public let NEVPNConnectionStartOptionPassword = "NEVPNConnectionStartOptionPassword"

extension NSNotification.Name {
    public static let NEVPNConfigurationChange = NSNotification.Name("NEVPNConfigurationChangeNotification")
    public static let NEVPNStatusDidChange = NSNotification.Name("NEVPNStatusDidChangeNotification")
}

public struct NEVPNError: Error, Sendable {
    public enum Code: Int, Sendable {
        case configurationInvalid = 1
        case configurationDisabled = 2
        case connectionFailed = 3
        case configurationStale = 4
        case configurationReadWriteFailed = 5
        case configurationUnknown = 6
    }

    public static var configurationInvalid: Code { .configurationInvalid }
    public static var configurationDisabled: Code { .configurationDisabled }
    public static var connectionFailed: Code { .connectionFailed }
    public static var configurationStale: Code { .configurationStale }
    public static var configurationReadWriteFailed: Code { .configurationReadWriteFailed }
    public static var configurationUnknown: Code { .configurationUnknown }

    public let code: Code
    public init(_ code: Code) { self.code = code }
}

public struct NEVPNConnectionError: Error, Sendable {
    public enum Code: Int, Sendable {
        case overslept = 1
        case noNetworkAvailable = 2
        case unrecoverableNetworkChange = 3
        case configurationFailed = 4
        case serverAddressResolutionFailed = 5
        case serverNotResponding = 6
        case serverDead = 7
        case authenticationFailed = 8
        case clientCertificateInvalid = 9
        case clientCertificateNotYetValid = 10
        case clientCertificateExpired = 11
        case pluginFailed = 12
        case configurationNotFound = 13
        case pluginDisabled = 14
        case negotiationFailed = 15
        case serverDisconnected = 16
        case serverCertificateInvalid = 17
        case serverCertificateNotYetValid = 18
        case serverCertificateExpired = 19
    }

    public static var overslept: Code { .overslept }
    public static var noNetworkAvailable: Code { .noNetworkAvailable }
    public static var unrecoverableNetworkChange: Code { .unrecoverableNetworkChange }
    public static var configurationFailed: Code { .configurationFailed }
    public static var serverAddressResolutionFailed: Code { .serverAddressResolutionFailed }
    public static var serverNotResponding: Code { .serverNotResponding }
    public static var serverDead: Code { .serverDead }
    public static var authenticationFailed: Code { .authenticationFailed }
    public static var clientCertificateInvalid: Code { .clientCertificateInvalid }
    public static var clientCertificateNotYetValid: Code { .clientCertificateNotYetValid }
    public static var clientCertificateExpired: Code { .clientCertificateExpired }
    public static var pluginFailed: Code { .pluginFailed }
    public static var configurationNotFound: Code { .configurationNotFound }
    public static var pluginDisabled: Code { .pluginDisabled }
    public static var negotiationFailed: Code { .negotiationFailed }
    public static var serverDisconnected: Code { .serverDisconnected }
    public static var serverCertificateInvalid: Code { .serverCertificateInvalid }
    public static var serverCertificateNotYetValid: Code { .serverCertificateNotYetValid }
    public static var serverCertificateExpired: Code { .serverCertificateExpired }

    public let code: Code
    public init(_ code: Code) { self.code = code }
}

public enum NEVPNStatus: Int, Sendable {
    case invalid = 0
    case disconnected = 1
    case connecting = 2
    case connected = 3
    case reasserting = 4
    case disconnecting = 5
}

open class NEVPNConnection: NSObject {
    open private(set) var status: NEVPNStatus = .invalid
    open private(set) var connectedDate: Date?
    open internal(set) unowned var manager: NEVPNManager

    init(manager: NEVPNManager) { self.manager = manager }

    open func startVPNTunnel() throws { try startVPNTunnel(options: nil) }

    open func startVPNTunnel(options: [String: NSObject]? = nil) throws {
        guard manager.stubIsSaved else { throw NEVPNError(.configurationInvalid) }
        guard manager.isEnabled else { throw NEVPNError(.configurationDisabled) }
        stubStartOptions.append(options)
        if !stubStartsLater { stubSet(status: .connecting) }
    }

    open func stopVPNTunnel() { stubSet(status: .disconnecting) }

    open func fetchLastDisconnectError(completionHandler handler: @escaping @Sendable ((any Error)?) -> Void) {
        handler(stubLastDisconnectError)
    }

    /// The options of each start.
    public private(set) var stubStartOptions: [[String: NSObject]?] = []
    /// A start returns before the status changes, as it may on a device; the test sets it.
    public var stubStartsLater = false
    /// Why the tunnel ended last.
    public var stubLastDisconnectError: (any Error)?

    /// Does what the system does when the tunnel comes or goes.
    public func stubSet(status: NEVPNStatus) {
        self.status = status
        connectedDate = status == .connected ? Date() : nil
        NotificationCenter.default.post(name: .NEVPNStatusDidChange, object: self)
    }
}

open class NETunnelProviderSession: NEVPNConnection {
    open func startTunnel(options: [String: Any]? = nil) throws {
        try startVPNTunnel(options: options?.compactMapValues { $0 as? NSObject })
    }

    open func stopTunnel() { stopVPNTunnel() }

    open func sendProviderMessage(_ messageData: Data, responseHandler: (@Sendable (Data?) -> Void)? = nil) throws {
        guard let provider = stubProvider else { throw NEVPNError(.configurationInvalid) }
        provider.handleAppMessage(messageData, completionHandler: responseHandler)
    }

    /// Who gets the app's messages.
    public var stubProvider: NETunnelProvider?
}

/// What the preferences hold, for all managers of the process.
public enum StubPreferences {
    public nonisolated(unsafe) static var tunnels: [NETunnelProviderManager] = []
    public nonisolated(unsafe) static var personal: NEVPNManager?
    /// Answers the next save; nil is a success.
    public nonisolated(unsafe) static var saveError: (any Error)?
}

open class NEVPNManager: NSObject {
    private nonisolated(unsafe) static let theOne = NEVPNManager()
    open class func shared() -> NEVPNManager { theOne }

    open var isEnabled = false
    open var protocolConfiguration: NEVPNProtocol?
    open var localizedDescription: String?
    open var isOnDemandEnabled = false
    open var onDemandRules: [NEOnDemandRule]?
    open var connection: NEVPNConnection { stubConnection }

    lazy var stubConnection: NEVPNConnection = NEVPNConnection(manager: self)
    var stubIsSaved = false
    /// Loads since the last save: a save must be preceded by one.
    public private(set) var stubIsLoaded = false

    public override init() {}

    open func loadFromPreferences(completionHandler: @escaping @Sendable ((any Error)?) -> Void) {
        stubIsLoaded = true
        completionHandler(nil)
    }

    open func saveToPreferences(completionHandler: (@Sendable ((any Error)?) -> Void)? = nil) {
        if let error = StubPreferences.saveError {
            StubPreferences.saveError = nil
            completionHandler?(error)
            return
        }
        stubStore()
        stubIsSaved = true
        stubIsLoaded = false
        connection.stubSet(status: .disconnected)
        completionHandler?(nil)
    }

    open func removeFromPreferences(completionHandler: (@Sendable ((any Error)?) -> Void)? = nil) {
        stubForget()
        stubIsSaved = false
        connection.stubSet(status: .invalid)
        completionHandler?(nil)
    }

    func stubStore() { StubPreferences.personal = self }
    func stubForget() { StubPreferences.personal = nil }
}

open class NETunnelProviderManager: NEVPNManager {
    open class func loadAllFromPreferences(
        completionHandler: @escaping @Sendable ([NETunnelProviderManager]?, (any Error)?) -> Void
    ) {
        completionHandler(StubPreferences.tunnels, nil)
    }

    open class func forPerAppVPN() -> NETunnelProviderManager {
        let manager = NETunnelProviderManager()
        manager.stubIsPerApp = true
        return manager
    }

    open func copyAppRules() -> [NEAppRule]? { stubIsPerApp ? appRules : nil }
    open var routingMethod: NETunnelProviderRoutingMethod { stubIsPerApp ? .sourceApplication : .destinationIP }
    private var stubIsPerApp = false
    open var appRules: [NEAppRule] = []
    open var safariDomains: [String] = []
    open var mailDomains: [String] = []
    open var calendarDomains: [String] = []
    open var contactsDomains: [String] = []
    open var excludedDomains: [String] = []
    open var associatedDomains: [String] = []

    public override init() {
        super.init()
        stubConnection = NETunnelProviderSession(manager: self)
    }

    override func stubStore() {
        if !StubPreferences.tunnels.contains(where: { $0 === self }) { StubPreferences.tunnels.append(self) }
    }

    override func stubForget() { StubPreferences.tunnels.removeAll { $0 === self } }
}
