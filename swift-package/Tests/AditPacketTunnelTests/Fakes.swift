import Adit
import Foundation
import XCTest

@testable import AditPacketTunnel

/// A value behind a lock.
final class Locked<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value
    init(_ value: Value) { self.value = value }
    var now: Value { lock.withLock { value } }
    func with<Result>(_ body: (inout Value) -> Result) -> Result { lock.withLock { body(&value) } }
}

/// A session whose events a test sends, and whose calls it reads.
final class FakeSession: SessionProtocol, @unchecked Sendable {
    let options: SessionOptions
    let calls = Locked<[String]>([])
    private let stream: AsyncStream<SessionEvent>
    private let continuation: AsyncStream<SessionEvent>.Continuation
    private let iterator: Locked<AsyncStream<SessionEvent>.Iterator>
    let stopTakes: TimeInterval
    var refusesInterface = false

    init(options: SessionOptions, stopTakes: TimeInterval = 0) {
        self.options = options
        self.stopTakes = stopTakes
        (stream, continuation) = AsyncStream.makeStream(of: SessionEvent.self)
        iterator = Locked(stream.makeAsyncIterator())
    }

    func send(_ event: SessionEvent) { continuation.yield(event) }
    func finish() { continuation.finish() }
    private func note(_ call: String) { calls.with { $0.append(call) } }

    func nextEvent() async throws -> SessionEvent? {
        var iterator = self.iterator.now
        return await iterator.next()
    }

    func waitEvent(timeoutMs: UInt32) throws -> SessionEvent? { nil }
    func attachTun(fd: Int32, framing: TunFraming) throws {
        if refusesInterface { throw AditError.System(message: "no such descriptor", advice: "", code: "pluginFailed") }
        note("attachTun \(fd) \(framing)")
    }
    func attachPackets() throws -> UInt64 { note("attachPackets"); return 1 }
    func networkChanged(network: NetworkInfo?) throws { note("network \(network?.interface ?? "none")") }
    func answer(token: UInt64, answer: Answer) throws { note("answer \(token) \(words(answer))") }
    func sleep() throws { note("sleep") }
    func wake() throws { note("wake") }
    func stats() throws -> SessionStats {
        SessionStats(
            connected: true, packetsSent: 1, bytesSent: 2, packetsReceived: 3, bytesReceived: 4, packetsNotSent: 5,
            datagramsDiscarded: 6, datagramsUnsent: 7, packetsUndelivered: 8)
    }
    func isClosed() throws -> Bool { false }
    func logTail() throws -> String { "the log" }
    func stop() throws {
        note("stop")
        Thread.sleep(forTimeInterval: stopTakes)
        continuation.yield(.closed(error: nil))
        continuation.finish()
    }
}

extension XCTestCase {
    /// Waits until something holds; fails with the place when it does not within five seconds.
    func eventually(_ what: String, file: StaticString = #filePath, line: UInt = #line, _ holds: () -> Bool) {
        let deadline = Date().addingTimeInterval(5)
        while !holds() {
            guard Date() < deadline else { return XCTFail("never: \(what)", file: file, line: line) }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }
}

/// An answer with all it says: its own text keeps that to itself.
func words(_ answer: Answer) -> String {
    switch answer {
    case .done: "done"
    case .refused(let reason): "refused \(reason)"
    case .addresses(let list): "addresses \(list)"
    case .signature(let bytes): "signature \(Array(bytes))"
    case .password(let username, let password): "password \(username ?? "") \(password)"
    }
}
