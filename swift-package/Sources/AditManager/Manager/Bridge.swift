import Foundation

/// A value that a framework hands over between threads although its type does not say that it may: Apple's managers are used
/// on the main thread only, where they also arrive.
struct Handed<Value>: @unchecked Sendable {
    let value: Value
}

/// Waits for a completion that has an error or none.
@MainActor
func completion(_ body: (@escaping @Sendable ((any Error)?) -> Void) -> Void) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        body { error in
            if let error { continuation.resume(throwing: error) } else { continuation.resume() }
        }
    }
}
