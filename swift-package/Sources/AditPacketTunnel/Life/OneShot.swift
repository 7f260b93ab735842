import Foundation

/// A completion that the system gave, called at most once, from any thread.
///
/// What Apple's headers say of completions and threads differs between SDKs; the system's own handlers may be called from any.
final class OneShot<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var handler: ((Value) -> Void)?

    init(_ handler: @escaping (Value) -> Void) { self.handler = handler }

    /// Calls it with `value`; false when it was called before.
    @discardableResult
    func callAsFunction(_ value: Value) -> Bool {
        let handler = lock.withLock {
            let handler = self.handler
            self.handler = nil
            return handler
        }
        handler?(value)
        return handler != nil
    }
}
