#if canImport(AditTestGateway)
import Adit
import Foundation
import XCTest

/// The scenarios of `scenarios/`, which Rust, Kotlin and JavaScript run too; its README has the format.
final class ScenarioTests: XCTestCase {
    func testProfilesInReportsOut() throws { try Scenarios.each("profiles", ProfileScenario.run) }

    func testWhatOnlyAppsAsk() throws { try Scenarios.each("apps", ProfileScenario.run) }

    func testTheManagersCallsRequestsAndNotificationsInOrder() throws { try Scenarios.each("manager", ManagerScenario.run) }

    func testSessionsAtTheTestGateway() throws { try Scenarios.each("sessions", SessionScenario.run) }

    func testWhatNobodyKnowsIsAFailure() throws {
        func fails(_ what: String, _ run: () throws -> Void) {
            XCTAssertThrowsError(try run()) { XCTAssertTrue("\($0)".contains(what), "\($0)") }
        }
        fails("no operation") { try ProfileScenario.run(.object(["operation": .string("guess"), "expect": .null])) }
        fails("no input") { _ = try Scenarios.bytes(.object(["colour": .string("red")])) }
        fails("exist") { _ = try Scenarios.bytes(.object(["file": .string("no-such-file")])) }
        fails("no base64") { _ = try Scenarios.bytes(.object(["base64": .string("$")])) }
        let options = Json.object(["app": .string("a"), "platform": .string("linux")])
        func steps(_ step: [String: Json]) -> Json { .object(["options": options, "steps": .array([.object(step)])]) }
        fails("no call") { try ManagerScenario.run(steps(["call": .string("guess")])) }
        fails("returns") { try ManagerScenario.run(steps(["call": .string("shared"), "returns": .int(7)])) }
        let step = Json.object([
            "expect": .object(["event": .string("connecting"), "address": .string("*")]),
            "besides": .array([.string("detail guessed")]),
        ])
        fails("besides") { try SessionScenario.run(.object(["gateway": .string("Silent"), "steps": .array([step])])) }
        fails("no folder inputs") { _ = try Scenarios.names("inputs") }
    }

    func testPatternsHoldWhereTheyShould() {
        for (pattern, text) in [("*", ""), ("a*c", "abc"), ("a*b*c", "a1b2c"), ("abc", "abc"), ("*x", "x")] {
            XCTAssertTrue(SessionScenario.holds(pattern, text), pattern)
        }
        for (pattern, text) in [("a*c", "abcd"), ("abc", "abcd"), ("a.c", "abc")] {
            XCTAssertFalse(SessionScenario.holds(pattern, text), pattern)
        }
        XCTAssertFalse(SessionScenario.matches(.object(["error": .null]), .object(["event": .string("closed")])))
    }

    func testJSONIsComparedAsJSON() throws {
        XCTAssertNotEqual(try Json.read("[1, true, null]"), try Json.read("[true, 1, null]"))
        XCTAssertEqual(try Json.read(#"{"a":1,"b":"é\n"}"#), try Json.read(#"{"b":"\u00e9\n","a":1}"#))
        XCTAssertEqual(try Json.read(Json.read(#"{"a":"/\\"}"#).written()), .object(["a": .string("/\\")]))
    }
}
#endif
