import Adit
import Foundation

/// Why a tunnel ended or did not come up, in the words the system and the app get.
public struct TunnelFailure: Error, Equatable, Sendable {
    /// The case of `NEVPNConnectionError` that comes nearest, by its name; `IdleTimeout.name` for an end for want of traffic.
    public var code: String
    /// What went wrong.
    public var message: String
    /// What to do, and who.
    public var advice: String

    public init(code: String, message: String, advice: String) {
        self.code = code
        self.message = message
        self.advice = advice
    }

    /// The cases of `NEVPNConnectionError` by their numbers from 1.
    static let codes = [
        "overslept", "noNetworkAvailable", "unrecoverableNetworkChange", "configurationFailed",
        "serverAddressResolutionFailed", "serverNotResponding", "serverDead", "authenticationFailed",
        "clientCertificateInvalid", "clientCertificateNotYetValid", "clientCertificateExpired", "pluginFailed",
        "configurationNotFound", "pluginDisabled", "negotiationFailed", "serverDisconnected", "serverCertificateInvalid",
        "serverCertificateNotYetValid", "serverCertificateExpired",
    ]

    /// The number of `NEVPNConnectionError`; that of `pluginFailed` for a name it does not have.
    public var number: Int { (TunnelFailure.codes.firstIndex(of: code) ?? 11) + 1 }

    /// The error that the system passes from the provider to the app and to `fetchLastDisconnectError`.
    public var asNSError: NSError {
        let isIdle = code == IdleTimeout.name
        return NSError(
            domain: isIdle ? IdleTimeout.domain : "NEVPNConnectionErrorDomain", code: isIdle ? IdleTimeout.code : number,
            userInfo: [NSLocalizedDescriptionKey: message, NSLocalizedRecoverySuggestionErrorKey: advice])
    }

    static let startedTwice = TunnelFailure(
        code: "pluginFailed", message: "the tunnel was started already", advice: "stop it first")
    static let stopped = TunnelFailure(
        code: "serverDisconnected", message: "the tunnel was stopped before it was up", advice: "start it again")

    static func idle(seconds: UInt64) -> TunnelFailure {
        TunnelFailure(
            code: IdleTimeout.name, message: "nothing went through the tunnel for \(seconds) s (DisconnectOnIdle)",
            advice: "start it again when it is needed")
    }

    static func settingsRefused(_ reason: String) -> TunnelFailure {
        TunnelFailure(
            code: "configurationFailed", message: "the system did not take the tunnel's settings: \(reason)",
            advice: "compare the addresses and routes that the server gives with what the log says was applied")
    }
}

extension TunnelFailure {
    /// What the core says. Errors of the caller have no counterpart in Apple's list: they are the provider's own.
    public init(_ error: AditError) {
        self.init(code: error.code.isEmpty ? "pluginFailed" : error.code, message: error.message, advice: error.advice)
    }

    /// Any error, in its own words.
    public init(_ error: any Error) {
        switch error {
        case let failure as TunnelFailure: self = failure
        case let error as AditError: self.init(error)
        case let error as ProviderConfigurationError:
            self.init(
                code: error == .missing ? "configurationNotFound" : "configurationFailed", message: error.localizedDescription,
                advice: "save the tunnel's configuration again with AditManager")
        default: self.init(code: "pluginFailed", message: error.localizedDescription, advice: "see the provider's log")
        }
    }
}
