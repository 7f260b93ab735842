import Foundation

/// What went wrong with a configuration, or with the attempt to start it (`NEVPNError`).
public struct VPNError: Error, Equatable, Sendable {
    /// Apple's cases.
    public enum Code: Int, CaseIterable, Sendable {
        /// The configuration is not valid.
        case configurationInvalid = 1
        /// The configuration is not enabled.
        case configurationDisabled = 2
        /// Connecting is not possible now.
        case connectionFailed = 3
        /// The copy is older than what is stored, or was never loaded: load again.
        case configurationStale = 4
        /// The store could not be read or written, or the user does not permit it.
        case configurationReadWriteFailed = 5
        /// Anything else.
        case configurationUnknown = 6
    }

    /// Apple's case.
    public let code: Code
    /// What happened.
    public let message: String

    /// An error.
    public init(_ code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// Of the core's refusal; nil when that has another reason than one of Apple's.
    init?(_ refusal: AditError) {
        guard case .Usage = refusal, let code = Code.named(refusal.code) else { return nil }
        self.init(code, message: refusal.message)
    }
}

/// Why a tunnel ended by itself (`NEVPNConnectionError`).
public enum VPNConnectionError: Int, Error, CaseIterable, Sendable {
    /// The device slept longer than the server keeps a tunnel.
    case overslept = 1
    /// There is no network that leads to the server.
    case noNetworkAvailable = 2
    /// The network changed, and the tunnel could not be moved.
    case unrecoverableNetworkChange = 3
    /// The configuration cannot be connected with.
    case configurationFailed = 4
    /// The server's name does not resolve.
    case serverAddressResolutionFailed = 5
    /// The server never answered.
    case serverNotResponding = 6
    /// The server stopped answering.
    case serverDead = 7
    /// The server does not accept the credentials, or could not prove who it is.
    case authenticationFailed = 8
    /// The client's certificate cannot be used.
    case clientCertificateInvalid = 9
    /// The client's certificate is valid from later on.
    case clientCertificateNotYetValid = 10
    /// The client's certificate has expired.
    case clientCertificateExpired = 11
    /// The program that runs the tunnel failed.
    case pluginFailed = 12
    /// The configuration was removed.
    case configurationNotFound = 13
    /// The program that runs the tunnel may not.
    case pluginDisabled = 14
    /// The two sides did not agree.
    case negotiationFailed = 15
    /// The server ended the tunnel.
    case serverDisconnected = 16
    /// The server's certificate is not accepted.
    case serverCertificateInvalid = 17
    /// The server's certificate is valid from later on.
    case serverCertificateNotYetValid = 18
    /// The server's certificate has expired.
    case serverCertificateExpired = 19
}

/// How a tunnel ended (`fetchLastDisconnectError`).
public struct VPNDisconnect: Equatable, Sendable {
    /// Apple's case; nil when it ended on request or as configured.
    public var error: VPNConnectionError?
    /// What happened.
    public var message: String
    /// What to do about it; perhaps empty.
    public var advice: String
}

extension VPNError: CustomNSError, LocalizedError {
    /// `NEVPNErrorDomain`.
    public static var errorDomain: String { "NEVPNErrorDomain" }
    public var errorCode: Int { code.rawValue }
    public var errorDescription: String? { message }
}

extension VPNConnectionError: CustomNSError {
    /// `NEVPNConnectionErrorDomain`.
    public static var errorDomain: String { "NEVPNConnectionErrorDomain" }
    public var errorCode: Int { rawValue }
}

extension CaseIterable {
    /// The case with a name.
    static func named(_ name: String) -> Self? { allCases.first { "\($0)" == name } }
}

extension VPNDisconnect: Decodable {
    enum CodingKeys: String, CodingKey {
        case raw, message, advice
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        error = try container.decodeIfPresent(Int.self, forKey: .raw).flatMap { VPNConnectionError(rawValue: $0) }
        message = try container.decode(String.self, forKey: .message)
        advice = try container.decode(String.self, forKey: .advice)
    }
}
