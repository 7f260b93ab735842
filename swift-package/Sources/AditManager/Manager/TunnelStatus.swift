import Foundation
#if canImport(NetworkExtension)
import NetworkExtension
#endif

/// What a tunnel does at the moment, as `NEVPNStatus` has it.
public enum TunnelStatus: String, CaseIterable, Sendable {
    case invalid, disconnected, connecting, connected, reasserting, disconnecting

    /// Whether a start would be of use.
    public var canStart: Bool { self == .disconnected }

    /// Whether there is something to stop.
    public var canStop: Bool { self == .connecting || self == .connected || self == .reasserting }
}

#if canImport(NetworkExtension)
extension TunnelStatus {
    init(_ status: NEVPNStatus) {
        switch status {
        case .invalid: self = .invalid
        case .disconnected: self = .disconnected
        case .connecting: self = .connecting
        case .connected: self = .connected
        case .reasserting: self = .reasserting
        case .disconnecting: self = .disconnecting
        @unknown default: self = .invalid
        }
    }
}
#endif
