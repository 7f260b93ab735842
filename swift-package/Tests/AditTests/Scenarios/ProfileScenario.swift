#if canImport(AditTestGateway)
import Adit
import Foundation
import XCTest

/// A scenario of the functions on profiles.
struct ProfileScenario {
    let scenario: Json

    static func run(_ scenario: Json) throws {
        guard let wanted = scenario["expect"] else { throw Failed("nothing is expected") }
        var found: Json
        do {
            found = try ProfileScenario(scenario: scenario).outcome()
        } catch let error as AditError {
            guard case .Usage = error else { throw error }
            found = .object(["error": .string(error.message)])
        }
        try Scenarios.equal(wanted, found, "expect")
    }

    private func input(_ name: String = "input") throws -> Data {
        guard let input = scenario[name] else { throw Failed("there is no \(name)") }
        return try Scenarios.bytes(input)
    }

    private func outcome() throws -> Json {
        let options: String
        switch scenario["options"] {
        case nil: options = ""
        case .string(let text)?: options = text
        case let object?: options = try object.written()
        }
        switch try scenario["operation"]?.text() {
        case "validate": return try report(validate(profile: input(), optionsJson: options))
        case "explain": return try report(explain(profile: input(), optionsJson: options))
        case "show": return try report(show(profile: input(), optionsJson: options))
        case "plan_summary": return try report(planSummary(profile: input(), optionsJson: options))
        case "convert": return try report(convert(profile: input(), optionsJson: options))
        case "evaluate_on_demand": return try report(evaluateOnDemand(profile: input(), questionJson: options))
        case "diff": return try report(diff(before: input(), after: input("after"), optionsJson: options))
        case "build":
            guard let spec = scenario["spec"] else { throw Failed("there is no spec") }
            return try made(build(specJson: spec.written(), optionsJson: options))
        case "fix": return try made(fix(profile: input(), optionsJson: options))
        case "routing_plan": return try report(routingPlan(questionJson: options))
        case "per_app_lists": return try report(perAppLists(questionJson: options))
        case "version": return .object(["report": .int(Int64(try version().split(separator: ".").count))])
        case let other: throw Failed("there is no operation \(other ?? "")")
        }
    }

    private func report(_ text: String) throws -> Json { .object(["report": try Json.read(text)]) }

    private func made(_ made: MadeProfile) throws -> Json {
        .object(["report": try Json.read(made.report), "file": Scenarios.form(of: made.file)])
    }
}
#endif
