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

    func testEveryTestNamedIsThere() throws {
        let sources = try sources()
        for file in ["personal-vpn", "packet-tunnel"] {
            let rows = try text("names/\(file).tsv").split(separator: "\n").dropFirst()
            var named: Set<String> = []
            for row in rows {
                let cells = row.split(separator: "\t", omittingEmptySubsequences: false)
                XCTAssertEqual(cells.count, 7, String(row))
                named.formUnion(cells[4].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
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
