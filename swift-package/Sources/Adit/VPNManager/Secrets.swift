import Foundation

/// The host's name for a secret that it keeps: bytes that mean nothing to anybody else. No secret itself.
public struct SecretReference: Hashable, Sendable {
    /// What the host's store gave (in the keychain: a persistent reference).
    public var data: Data

    /// What the host's store gave.
    public init(_ data: Data) { self.data = data }
}

/// What a secret is for.
public enum SecretSlot: String, CaseIterable, Codable, Sendable {
    /// The user's password, UTF-8.
    case password
    /// The pre-shared key, the bytes of its text.
    case sharedSecret = "shared-secret"
    /// A PKCS #12 file.
    case identityData = "identity-data"
    /// The passphrase of that file, UTF-8.
    case identityDataPassword = "identity-data-password"
    /// The post-quantum pre-shared key.
    case postQuantumPresharedKey = "post-quantum-preshared-key"
    /// The password of the HTTP proxy, UTF-8.
    case httpProxyPassword = "http-proxy-password"
    /// The password of the HTTPS proxy, UTF-8.
    case httpsProxyPassword = "https-proxy-password"
}

/// Bytes that stand as hexadecimal digits in the core's JSON.
struct Hexadecimal: Hashable, Sendable, Codable {
    var data: Data

    init(data: Data) { self.data = data }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let data = Data(hexadecimal: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not hexadecimal")
        }
        self.data = data
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(data.hexadecimal)
    }
}

extension SecretReference: Codable {
    public init(from decoder: any Decoder) throws { data = try Hexadecimal(from: decoder).data }

    public func encode(to encoder: any Encoder) throws { try Hexadecimal(data: data).encode(to: encoder) }
}

extension SecretReference: CustomDebugStringConvertible {
    /// Its length only: a careless host may have put more into it than a name.
    public var debugDescription: String { "SecretReference(\(data.count) bytes)" }
}

extension Data {
    /// Two lower-case digits a byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(count * 2)
        for byte in self { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of pairs of digits; nil for anything else.
    init?(hexadecimal text: String) {
        let digits = text.utf8.map { digit -> UInt8? in Character(UnicodeScalar(digit)).hexDigitValue.map { UInt8($0) } }
        guard digits.count.isMultiple(of: 2) else { return nil }
        self.init(capacity: digits.count / 2)
        for at in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[at], let low = digits[at + 1] else { return nil }
            append(high << 4 | low)
        }
    }
}
