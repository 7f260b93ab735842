#if canImport(AditTestGateway)
import Foundation

/// JSON, compared as JSON: whatever the order of members, and with true apart from 1.
enum Json: Equatable, Codable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([Json])
    case object([String: Json])

    init(from decoder: Decoder) throws {
        let one = try decoder.singleValueContainer()
        if one.decodeNil() {
            self = .null
        } else if let value = try? one.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? one.decode(Int64.self) {
            self = .int(value)
        } else if let value = try? one.decode(Double.self) {
            self = .double(value)
        } else if let value = try? one.decode(String.self) {
            self = .string(value)
        } else if let value = try? one.decode([Json].self) {
            self = .array(value)
        } else {
            self = .object(try one.decode([String: Json].self))
        }
    }

    func encode(to encoder: Encoder) throws {
        var one = encoder.singleValueContainer()
        switch self {
        case .null: try one.encodeNil()
        case .bool(let value): try one.encode(value)
        case .int(let value): try one.encode(value)
        case .double(let value): try one.encode(value)
        case .string(let value): try one.encode(value)
        case .array(let value): try one.encode(value)
        case .object(let value): try one.encode(value)
        }
    }

    static func read(_ text: String) throws -> Json { try read(Data(text.utf8)) }

    static func read(_ data: Data) throws -> Json { try JSONDecoder().decode(Json.self, from: data) }

    func written() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// A member that may be missing.
    subscript(name: String) -> Json? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    func members() throws -> [String: Json] {
        guard case .object(let members) = self else { throw Failed("no object: \(self)") }
        return members
    }

    func items() throws -> [Json] {
        guard case .array(let items) = self else { throw Failed("no array: \(self)") }
        return items
    }

    func text() throws -> String {
        guard case .string(let text) = self else { throw Failed("no text: \(self)") }
        return text
    }

    func number() throws -> Int64 {
        guard case .int(let number) = self else { throw Failed("no number: \(self)") }
        return number
    }

    func flag() throws -> Bool {
        guard case .bool(let flag) = self else { throw Failed("neither true nor false: \(self)") }
        return flag
    }

    /// The same, or nothing of null.
    var given: Json? { self == .null ? nil : self }

    static func of(_ text: String?) -> Json { text.map(Json.string) ?? .null }
}
#endif
