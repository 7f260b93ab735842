#if canImport(AditTestGateway)
import Adit
import Foundation
import XCTest

/// A scenario whose input is not here.
struct LeftOut: Error { let why: String }

/// Where scenarios lie, and what goes into them.
enum Scenarios {
    private static var folder: URL { repository.appendingPathComponent("scenarios") }

    static func read(_ path: String) throws -> Json {
        try Json.read(Data(contentsOf: folder.appendingPathComponent(path)))
    }

    /// The names of a folder's scenarios, which are those of the list.
    static func names(_ of: String) throws -> [String] {
        guard let list = try read("list.json")[of] else { throw Failed("no folder \(of) in scenarios/list.json") }
        let listed = try list.items().map { try $0.text() }
        let there = try FileManager.default
            .contentsOfDirectory(at: folder.appendingPathComponent(of), includingPropertiesForKeys: nil)
            .map { $0.deletingPathExtension().lastPathComponent }
        guard listed.sorted() == there.sorted() else { throw Failed("scenarios/list.json and scenarios/\(of) differ") }
        return listed
    }

    /// Runs each scenario of a folder.
    static func each(_ of: String, _ run: (Json) throws -> Void) throws {
        let names = try names(of)
        var ran = 0
        var leftOut: String?
        for name in names {
            do {
                try run(read("\(of)/\(name).json"))
                ran += 1
            } catch let missing as LeftOut {
                leftOut = missing.why
            } catch {
                XCTFail("\(of)/\(name): \(error)")
            }
        }
        if let leftOut { print("LEFT OUT: scenarios of the corpus: \(leftOut)") }
        print("\(ran) scenarios of \(of)")
    }

    /// The bytes of an input.
    static func bytes(_ input: Json) throws -> Data {
        let members = try input.members()
        let known: Set = ["text", "base64", "file", "corpus", "replace", "cut"]
        guard known.isSuperset(of: members.keys) else { throw Failed("there is no input \(members.keys.sorted())") }
        var bytes: Data
        if let text = try members["text"]?.text() {
            bytes = Data(text.utf8)
        } else if let text = try members["base64"]?.text() {
            guard let decoded = Data(base64Encoded: text) else { throw Failed("this is no base64: \(text)") }
            bytes = decoded
        } else if let path = try members["file"]?.text() {
            bytes = try Data(contentsOf: repository.appendingPathComponent(path))
        } else {
            guard let name = try members["corpus"]?.text() else { throw Failed("no input") }
            guard let shared = ProcessInfo.processInfo.environment["ADIT_SHARED"], !shared.isEmpty else {
                throw LeftOut(why: "no folder at ADIT_SHARED")
            }
            bytes = try Data(contentsOf: URL(fileURLWithPath: shared).appendingPathComponent("corpus/profiles/\(name)"))
        }
        for pair in try members["replace"]?.items() ?? [] {
            let texts = try pair.items().map { try $0.text() }
            let before = String(decoding: bytes, as: UTF8.self)
            guard before.contains(texts[0]) else { throw Failed("\(texts[0]) is not in the input") }
            bytes = Data(before.replacingOccurrences(of: texts[0], with: texts[1]).utf8)
        }
        if let length = try members["cut"]?.number() { bytes = Data(bytes.prefix(Int(length))) }
        return bytes
    }

    /// A file as it stands in a scenario.
    static func form(of file: Data) -> Json {
        if file.isEmpty { return .null }
        if let text = String(data: file, encoding: .utf8) { return .object(["text": .string(text)]) }
        return .object(["base64": .string(file.base64EncodedString())])
    }

    /// An error as it stands in a scenario.
    static func form(of error: AditError) -> Json {
        .object([
            "kind": .string(variant(of: error)), "message": .string(error.message), "advice": .string(error.advice),
            "code": .string(error.code),
        ])
    }

    /// Compares; where the two differ is told.
    static func equal(_ wanted: Json, _ found: Json, _ what: String) throws {
        guard wanted != found else { return }
        throw Failed("\(what): \(difference(wanted, found, "") ?? "they differ")")
    }

    private static func difference(_ wanted: Json?, _ found: Json?, _ path: String) -> String? {
        switch (wanted, found) {
        case (.object(let one)?, .object(let other)?):
            for name in Set(one.keys).union(other.keys).sorted() {
                if let told = difference(one[name], other[name], "\(path).\(name)") { return told }
            }
            return nil
        case (.array(let one)?, .array(let other)?) where one.count == other.count:
            for at in one.indices {
                if let told = difference(one[at], other[at], "\(path)[\(at)]") { return told }
            }
            return nil
        default:
            return wanted == found ? nil : "\(path): wanted \(String(describing: wanted)), found \(String(describing: found))"
        }
    }
}
#endif
