import Foundation
import XCTest

/// What the column files in `names` claim of this package; that their uses compile is shown by `Generated`.
final class NamesTests: XCTestCase {
    private let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: package.appendingPathComponent(path), encoding: .utf8)
    }

    /// Every source of the tests.
    private func sources() throws -> [String] {
        let tests = package.appendingPathComponent("Tests")
        let files = FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)?.allObjects as? [URL] ?? []
        return try files.filter { $0.pathExtension == "swift" }.map { try String(contentsOf: $0, encoding: .utf8) }
    }

    /// The cells of a column file's rows.
    private func rows(_ file: String) throws -> [[String]] {
        try text("names/\(file).tsv").split(separator: "\n").dropFirst().map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    func testEverySymbolHasOneRowInTheFactsOrder() throws {
        guard let shared = ProcessInfo.processInfo.environment["ADIT_SHARED"], !shared.isEmpty else {
            print("LEFT OUT: swift names: no folder at ADIT_SHARED")
            return
        }
        let facts = try String(contentsOfFile: "\(shared)/reference/personal-vpn-api.tsv", encoding: .utf8)
            .split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        for (file, count) in [("personal-vpn", 221), ("packet-tunnel", 171)] {
            let wanted = facts.filter { $0[0] == file }.map { Array($0[1...3]) }
            XCTAssertEqual(wanted.count, count)
            XCTAssertEqual(try rows(file).map { Array($0.prefix(3)) }, wanted)
        }
    }

    func testWhatCannotBeIsOnTheList() throws {
        let words = try text("../xtask/src/regenerate/names/cannot.tsv").split(separator: "\n").dropFirst()
            .compactMap { $0.split(separator: "\t").first.map(String.init) }
        for file in ["personal-vpn", "packet-tunnel"] {
            for row in try rows(file) {
                XCTAssertEqual(row.count, 7, "\(row)")
                XCTAssertTrue((row[3] == "-") != (row[5] == "-"), "one of both: \(row)")
                XCTAssertTrue(row[5] == "-" || words.contains(row[5]), row[5])
            }
        }
    }

    func testEveryTestNamedIsThere() throws {
        let sources = try sources()
        for file in ["personal-vpn", "packet-tunnel"] {
            var named: Set<String> = []
            for row in try rows(file) {
                named.formUnion(row[4].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
            }
            named.remove("-")
            XCTAssertGreaterThan(named.count, 10, file)
            for name in named.sorted() {
                let parts = name.split(separator: "/").map(String.init)
                let found = sources.contains { source in
                    source.contains("class \(parts[0]): XCTestCase") && source.contains("func \(parts[parts.count - 1])(")
                }
                XCTAssertTrue(found, "\(file): no test \(name)")
            }
        }
    }
}
