#if canImport(AditTestGateway)
import Adit
import AditTestGateway
import Foundation
import XCTest

final class ProfileTests: XCTestCase {
    func testTheGatewaysProfileIsAccepted() throws {
        let report = try ProfileReport.of(TestGateway(kind: .standard).profile())
        XCTAssertEqual(report.verdict, .accepted)
        XCTAssertEqual(report.errorCount, 0)
    }

    func testAWrongProfileIsAReportAndNoError() throws {
        let report = try ProfileReport.of(Data("<plist><dict></plist>".utf8))
        XCTAssertNotEqual(report.verdict, .accepted)
        XCTAssertFalse(report.findings.isEmpty)
        XCTAssertTrue(report.findings.allSatisfy { !$0.message.isEmpty && !$0.code.isEmpty })
    }

    func testEveryProfileOfTheCorpusIsJudged() throws {
        guard let folder = shared("swift corpus")?.appendingPathComponent("corpus/profiles") else { return }
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension != "tsv" }
        XCTAssertGreaterThan(files.count, 50)
        var verdicts: [ProfileReport.Verdict: Int] = [:]
        for file in files {
            let report = try ProfileReport.of(Data(contentsOf: file))
            verdicts[report.verdict, default: 0] += 1
            XCTAssertEqual(report.verdict == .refused, report.errorCount > 0, file.lastPathComponent)
        }
        XCTAssertGreaterThan(verdicts[.accepted, default: 0], 10)
        XCTAssertGreaterThan(verdicts[.refused, default: 0], 5)
    }

    func testTheOtherFunctionsAnswerInJSON() throws {
        let profile = try TestGateway(kind: .standard).profile()
        func object(_ json: String) throws -> [String: Any] {
            try XCTUnwrap(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        }
        XCTAssertNotNil(try object(explain(profile: profile, optionsJson: "{}")))
        let shown = try object(show(profile: profile, optionsJson: "{}"))
        let secret = try TestGateway(kind: .standard).password()
        XCTAssertFalse((shown["xml"] as? String ?? secret).contains(secret))
        XCTAssertEqual(try object(diff(before: profile, after: profile, optionsJson: "{}"))["same"] as? Bool, true)
        XCTAssertNotNil(try object(convert(profile: profile, optionsJson: #"{"to":"api"}"#))["vpns"])
        XCTAssertNotNil(try object(planSummary(profile: profile, optionsJson: "{}")))
        XCTAssertFalse(Core.version.isEmpty)
    }
}
#endif
