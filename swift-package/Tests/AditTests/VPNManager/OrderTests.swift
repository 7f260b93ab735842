#if canImport(AditTestGateway)
import Foundation
import XCTest

@testable import Adit

/// Who waits for what, when several begin at once.
final class OrderTests: XCTestCase {
    func testARefusalGoesToTheOneThatWasRefused() async throws {
        struct Refused: Error {}
        let system = try VPNSystem(app: "test.app", host: FakeHost())
        let manager = try system.shared()
        let others = Others()
        do {
            try await system.complete("load", manager: manager.number) { _ in
                // Another begins while this one is about to be refused.
                others.add(Task { try await manager.loadFromPreferences() })
                Thread.sleep(forTimeInterval: 0.3)
                throw Refused()
            }
            XCTFail("it got the other's result")
        } catch { XCTAssertTrue(error is Refused, "\(error)") }
        for other in others.all() { try await other.value }
    }

    func testManyAtOnceEachEndWithTheirOwn() async throws {
        let system = try VPNSystem(app: "test.app", host: FakeHost())
        let manager = try system.shared()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask { try await manager.loadFromPreferences() }
            }
            try await group.waitForAll()
        }
    }

    private final class Others: @unchecked Sendable {
        private let lock = NSLock()
        private var tasks: [Task<Void, any Error>] = []
        func add(_ task: Task<Void, any Error>) { lock.withLock { tasks.append(task) } }
        func all() -> [Task<Void, any Error>] { lock.withLock { tasks } }
    }
}
#endif
