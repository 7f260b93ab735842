import Foundation

/// The values of a profile by their paths, such as `PayloadContent[0].IKEv2.SharedSecret`: where secrets come from on their way
/// into the keychain.
struct ProfileValues {
    private let root: Any

    /// Reads a property list.
    init(xml: Data) throws { root = try PropertyListSerialization.propertyList(from: xml, options: [], format: nil) }

    /// The bytes at a path: of data as they are, of text in UTF-8; nil when there are none.
    func secret(at path: String) -> Data? {
        switch value(at: path) {
        case let data as Data where !data.isEmpty: data
        case let text as String where !text.isEmpty: Data(text.utf8)
        default: nil
        }
    }

    private func value(at path: String) -> Any? {
        var value: Any? = root
        for step in ProfileValues.steps(path) {
            switch step {
            case .key(let key): value = (value as? [String: Any])?[key]
            case .place(let at):
                guard let list = value as? [Any], list.indices.contains(at) else { return nil }
                value = list[at]
            }
        }
        return value
    }

    enum Step: Equatable {
        case key(String)
        case place(Int)
    }

    /// A path's steps. Keys have no dot and no bracket: those that do are in no schema of Apple's.
    static func steps(_ path: String) -> [Step] {
        path.split(separator: ".").flatMap { part -> [Step] in
            let pieces = part.split(separator: "[")
            var steps: [Step] = []
            if let key = pieces.first, part.first != "[" { steps.append(.key(String(key))) }
            for piece in part.first == "[" ? pieces[...] : pieces.dropFirst() {
                if let place = Int(piece.dropLast()) { steps.append(.place(place)) }
            }
            return steps
        }
    }
}
