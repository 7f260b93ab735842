import Foundation

/// What an app may ask a running provider, as JSON with a version. No answer holds a secret.
public enum ProviderRequest: String, Codable, CaseIterable, Sendable {
    /// Packets and bytes so far.
    case stats
    /// Whether the tunnel is up and since when.
    case state
    /// The end of the log.
    case log

    /// The form's number.
    public static let version = 1

    private struct Envelope: Codable {
        var version: Int
        var request: String
    }

    /// For `NETunnelProviderSession.sendProviderMessage`.
    public var message: Data {
        // Two fields of plain types: encoding cannot fail.
        (try? ProviderReply.encoder.encode(Envelope(version: ProviderRequest.version, request: rawValue))) ?? Data()
    }

    /// Reads a message; the failure is the answer to send.
    public static func read(_ message: Data) -> Result<ProviderRequest, ProviderReply.Refusal> {
        guard let envelope = try? JSONDecoder().decode(Envelope.self, from: message) else {
            return .failure(.init(reason: "not a request of Adit's"))
        }
        guard envelope.version == version else {
            return .failure(.init(reason: "version \(envelope.version) is not known, \(version) is"))
        }
        guard let request = ProviderRequest(rawValue: envelope.request) else {
            return .failure(.init(reason: "no request is called \(envelope.request)"))
        }
        return .success(request)
    }
}

/// What a provider answers.
public enum ProviderReply: Codable, Equatable, Sendable {
    case stats(Stats)
    case state(State)
    case log(String)
    case refused(Refusal)

    /// Inner packets and their bytes since the connection came up.
    public struct Stats: Codable, Equatable, Sendable {
        public var packetsReceived: UInt64
        public var bytesReceived: UInt64
        public var packetsSent: UInt64
        public var bytesSent: UInt64
        /// What the system still lets the provider have, in bytes; nil where it does not tell.
        public var availableMemory: UInt64?

        public init(_ stats: SessionStats, availableMemory: UInt64?) {
            packetsReceived = stats.packetsReceived
            bytesReceived = stats.bytesReceived
            packetsSent = stats.packetsSent
            bytesSent = stats.bytesSent
            self.availableMemory = availableMemory
        }
    }

    public struct State: Codable, Equatable, Sendable {
        /// Whether packets flow.
        public var isUp: Bool
        /// Since when.
        public var since: Date?
        /// The server's address.
        public var server: String?
        /// The core's version.
        public var version: String
        /// The name of the tunnel's interface, such as utun4; nil where the system does not tell.
        public var interface: String?

        public init(isUp: Bool, since: Date?, server: String?, version: String, interface: String? = nil) {
            self.isUp = isUp
            self.since = since
            self.server = server
            self.version = version
            self.interface = interface
        }
    }

    /// Why there is no other answer.
    public struct Refusal: Error, Codable, Equatable, Sendable {
        public var reason: String
        public init(reason: String) { self.reason = reason }
    }

    static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }()

    /// As the provider sends it.
    public var message: Data { (try? ProviderReply.encoder.encode(self)) ?? Data() }

    /// Reads what a provider sent.
    public init(message: Data) throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        self = try decoder.decode(ProviderReply.self, from: message)
    }
}
