import Foundation

/// A property's value as the core's conversion to Apple's API writes it (docs/convert.md, "Properties of the API").
public indirect enum APIValue: Equatable, Sendable {
    case flag(Bool)
    case number(Int)
    case text(String)
    case list([APIValue])
    /// An object of a class, with its properties.
    case object(APIObject)
    /// A case of an enumeration, with its raw value.
    case enumeration(case: String, rawValue: Int)
    /// What is stored in the keychain under this name; the property takes its persistent reference.
    case keychain(String)
}

/// An object of Apple's API: which class, and the properties to set.
public struct APIObject: Equatable, Sendable, Decodable {
    public var className: String
    public var properties: [String: APIValue]

    public init(className: String, properties: [String: APIValue]) {
        self.className = className
        self.properties = properties
    }

    private enum CodingKeys: String, CodingKey {
        case className = "class"
        case properties
    }

    /// The properties of an object that is one, else none.
    func object(_ name: String) -> APIObject? {
        if case .object(let object)? = properties[name] { return object }
        return nil
    }

    func text(_ name: String) -> String? {
        if case .text(let text)? = properties[name] { return text }
        return nil
    }

    func flag(_ name: String) -> Bool? {
        if case .flag(let flag)? = properties[name] { return flag }
        return nil
    }
}

extension APIValue: Decodable {
    private enum Keys: String, CodingKey {
        case className = "class"
        case enumeration = "enum"
        case name = "case"
        case rawValue
        case keychain
    }

    public init(from decoder: any Decoder) throws {
        if let keyed = try? decoder.container(keyedBy: Keys.self) {
            if let name = try keyed.decodeIfPresent(String.self, forKey: .keychain) {
                self = .keychain(name)
            } else if keyed.contains(.enumeration) {
                self = .enumeration(
                    case: try keyed.decode(String.self, forKey: .name), rawValue: try keyed.decode(Int.self, forKey: .rawValue))
            } else {
                self = .object(try APIObject(from: decoder))
            }
            return
        }
        let single = try decoder.singleValueContainer()
        // Flags first: a decoder may take true for 1.
        if let flag = try? single.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? single.decode(Int.self) {
            self = .number(number)
        } else if let text = try? single.decode(String.self) {
            self = .text(text)
        } else {
            self = .list(try single.decode([APIValue].self))
        }
    }
}
