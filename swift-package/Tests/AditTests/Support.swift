#if canImport(AditTestGateway)
import Adit
import AditTestGateway
import Foundation
import XCTest

/// What a test throws at its end.
struct Failed: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension SessionOptions {
    /// For a gateway of the tests.
    static func of(
        _ gateway: TestGateway, credentials: Credentials = Credentials(), host: HostAbilities = .none,
        overrides: [String: Any] = [:]
    ) throws -> SessionOptions {
        var all = try JSONSerialization.jsonObject(with: Data(try gateway.overrides().utf8)) as? [String: Any] ?? [:]
        all.merge(overrides) { $1 }
        let json = String(decoding: try JSONSerialization.data(withJSONObject: all), as: UTF8.self)
        return SessionOptions(
            profile: try gateway.profile(), credentials: credentials, host: host, overridesJson: json)
    }
}

extension HostAbilities {
    /// A host that answers nothing.
    static let none = HostAbilities(protectsSockets: false, resolvesNames: false, judgesChains: false, asksPassword: false)
}

extension SessionProtocol {
    /// The first event that `take` takes, within so many seconds; what came before is given to `meanwhile`.
    func first<Value>(
        within seconds: Double = 20, meanwhile: (SessionEvent) -> Void = { _ in }, _ take: (SessionEvent) -> Value?
    ) throws -> Value {
        let deadline = Date().addingTimeInterval(seconds)
        while Date() < deadline {
            guard let event = try waitEvent(timeoutMs: 200) else {
                if try isClosed() { throw Failed("the session ended before") }
                continue
            }
            if let value = take(event) { return value }
            if case .closed(let error) = event { throw Failed("closed: \(String(describing: error))") }
            meanwhile(event)
        }
        throw Failed("nothing within \(seconds) s")
    }

    /// Waits until the tunnel is up.
    func up(within seconds: Double = 20) throws -> TunnelSettings {
        try first(within: seconds) { if case .up(let settings, _) = $0 { settings } else { nil } }
    }

    /// Waits for the end; answers its reason.
    func end(within seconds: Double = 20, meanwhile: (SessionEvent) -> Void = { _ in }) throws -> AditError? {
        let end: [AditError?] = try first(within: seconds, meanwhile: meanwhile) {
            if case .closed(let error) = $0 { [error] } else { nil }
        }
        return end[0]
    }
}

/// Packets for the tests.
enum Packet {
    /// An IPv4 packet of UDP, without a UDP checksum.
    static func udp(from source: String, to destination: String, payload: Data) throws -> Data {
        var packet: [UInt8] = [0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0]
        packet += try bytes(source) + bytes(destination)
        let length = 28 + payload.count
        packet[2] = UInt8(length >> 8)
        packet[3] = UInt8(length & 0xff)
        var sum: UInt32 = 0
        for at in stride(from: 0, to: 20, by: 2) { sum += UInt32(packet[at]) << 8 + UInt32(packet[at + 1]) }
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        let checksum = UInt16(truncatingIfNeeded: ~sum)
        packet[10] = UInt8(checksum >> 8)
        packet[11] = UInt8(checksum & 0xff)
        let udp = 8 + payload.count
        packet += [0x30, 0x39, 0x30, 0x3a, UInt8(udp >> 8), UInt8(udp & 0xff), 0, 0]
        return Data(packet) + payload
    }

    /// What the gateway's mirror makes of it: source and destination exchanged.
    static func mirrored(_ packet: Data) -> Data {
        let bytes = [UInt8](packet)
        return Data(bytes[0..<12] + bytes[16..<20] + bytes[12..<16] + bytes[20...])
    }

    private static func bytes(_ address: String) throws -> [UInt8] {
        let parts = address.split(separator: ".").compactMap { UInt8($0) }
        guard parts.count == 4 else { throw Failed("\(address) is no IPv4 address") }
        return parts
    }
}

extension TunnelSettings {
    /// The inner IPv4 address.
    func inner() throws -> String {
        guard let address = ipv4.first?.split(separator: "/").first else { throw Failed("no inner address") }
        return String(address)
    }
}

/// The folder with vectors and corpus; when it is missing, says which suite is left out.
func shared(_ suite: String) -> URL? {
    guard let folder = ProcessInfo.processInfo.environment["ADIT_SHARED"], !folder.isEmpty else {
        print("LEFT OUT: \(suite): no folder at ADIT_SHARED")
        return nil
    }
    return URL(fileURLWithPath: folder)
}

/// The repository.
let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
#endif
