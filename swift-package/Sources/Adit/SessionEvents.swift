/// The events of a session as a sequence.
///
/// The core calls nobody back: whoever reads takes one event after the other, and what waits is bounded. One reader at a time.
/// A task that is cancelled while it reads stops the session, because nobody would see its end otherwise; the core's own wait
/// cannot be cancelled from Swift.
public struct SessionEvents: AsyncSequence, Sendable {
    public typealias Element = SessionEvent

    private let session: any SessionProtocol

    init(_ session: any SessionProtocol) { self.session = session }

    public func makeAsyncIterator() -> Iterator { Iterator(session: session) }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let session: any SessionProtocol

        /// The next event; nil after ``SessionEvent/closed(error:)``.
        public mutating func next() async throws -> SessionEvent? {
            let session = self.session
            return try await withTaskCancellationHandler {
                try await session.nextEvent()
            } onCancel: {
                // At most a second; the task that cancels does not wait for it.
                Task.detached { try? session.stop() }
            }
        }
    }
}

extension SessionProtocol {
    /// What happens, until the end: `for try await event in session.events`.
    public var events: SessionEvents { SessionEvents(self) }
}
