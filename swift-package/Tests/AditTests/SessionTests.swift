#if canImport(AditTestGateway)
import Adit
import AditTestGateway
import Foundation
import XCTest

#if canImport(Glibc)
import Glibc
#endif

/// Sessions against the embedded gateway, over loopback.
final class SessionTests: XCTestCase {
    func testASessionConnectsTellsItsSettingsAndStopsWithinASecond() throws {
        let gateway = try TestGateway(kind: .standard)
        let session = try Session(options: .of(gateway))
        let settings = try session.up()
        XCTAssertEqual(settings.remoteAddress, "127.0.0.1")
        XCTAssertFalse(try settings.inner().isEmpty)
        XCTAssertGreaterThanOrEqual(settings.mtu, 1280)
        XCTAssertEqual(try gateway.clients(), 1)
        XCTAssertTrue(try session.stats().connected)
        let before = Date()
        try session.stop()
        XCTAssertLessThan(Date().timeIntervalSince(before), 1)
        XCTAssertNil(try session.end())
        XCTAssertTrue(try session.isClosed())
        try session.stop()
        XCTAssertThrowsError(try session.wake()) { error in
            guard case .Usage? = error as? AditError else { return XCTFail("\(error)") }
        }
    }

    func testEventsAreASequenceThatEndsWithClosed() async throws {
        let gateway = try TestGateway(kind: .standard)
        let session = try Session(options: .of(gateway))
        var names: [String] = []
        for try await event in session.events {
            names.append(variant(of: event))
            if case .up = event { try session.stop() }
        }
        let order = names.filter { ["connecting", "up", "closed"].contains($0) }
        XCTAssertEqual(order, ["connecting", "up", "closed"])
        XCTAssertEqual(names.last, "closed")
        let after = try await session.nextEvent()
        XCTAssertNil(after)
    }

    func testACancelledReaderStopsTheSession() async throws {
        let gateway = try TestGateway(kind: .standard)
        let session = try Session(options: .of(gateway))
        let isUp = expectation(description: "up")
        let reader = Task {
            for try await event in session.events { if case .up = event { isUp.fulfill() } }
        }
        await fulfillment(of: [isUp], timeout: 20)
        reader.cancel()
        let before = Date()
        _ = try await reader.value
        XCTAssertLessThan(Date().timeIntervalSince(before), 2)
        XCTAssertTrue(try session.isClosed())
    }

    func testPacketsGoThroughADescriptorAsTheyAre() throws { try packets(.rawIp, header: []) }

    func testPacketsGoThroughADescriptorWithApplesHeader() throws { try packets(.utun, header: [0, 0, 0, 2]) }

    private func packets(_ framing: TunFraming, header: [UInt8]) throws {
        let gateway = try TestGateway(kind: .standard)
        let session = try Session(options: .of(gateway))
        let inner = try session.up().inner()
        var ends: [Int32] = [0, 0]
        #if canImport(Glibc)
        let kind = Int32(SOCK_DGRAM.rawValue)
        #else
        let kind = SOCK_DGRAM
        #endif
        XCTAssertEqual(socketpair(AF_UNIX, kind, 0, &ends), 0)
        defer { close(ends[1]) }
        try session.attachTun(fd: ends[0], framing: framing)
        // The session has one of its own.
        close(ends[0])
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        for number in 0..<20 {
            let packet = try Packet.udp(
                from: inner, to: "198.51.100.1", payload: Data(repeating: UInt8(number), count: 40 * number))
            let framed = [UInt8](Data(header) + packet)
            XCTAssertEqual(write(ends[1], framed, framed.count), framed.count)
            var room = [UInt8](repeating: 0, count: 2048)
            let length = read(ends[1], &room, room.count)
            guard length > 0 else { throw Failed("packet \(number) did not come back") }
            XCTAssertEqual(Data(room[0..<length]), Data(header) + Packet.mirrored(packet))
        }
        let stats = try session.stats()
        XCTAssertEqual(stats.packetsSent, 20)
        XCTAssertEqual(stats.packetsReceived, 20)
        try session.stop()
    }

    func testPacketsGoThroughTheCABIInBatches() throws {
        let gateway = try TestGateway(kind: .standard)
        let session = try Session(options: .of(gateway))
        let inner = try session.up().inner()
        let port = try PacketPort(session)
        let received = Box<[Data]>([])
        port.receive { packets in received.with { $0 += packets } }
        let sent = try (0..<64).map {
            try Packet.udp(from: inner, to: "198.51.100.1", payload: Data(repeating: UInt8($0), count: 19 * $0))
        }
        XCTAssertEqual(port.send(Array(sent[0..<32])), 32)
        XCTAssertEqual(port.send(Array(sent[32...])), 32)
        XCTAssertEqual(port.send([]), 0)
        let deadline = Date().addingTimeInterval(5)
        while received.now.count < 64, Date() < deadline { Thread.sleep(forTimeInterval: 0.005) }
        XCTAssertEqual(received.now, sent.map(Packet.mirrored))
        port.close()
        XCTAssertEqual(port.send([Data(count: 4000)]), 0, "longer than any packet")
        try session.stop()
        XCTAssertThrowsError(try PacketPort(session))
    }

    func testAnInterfaceCanBeReplacedWhileTheTunnelRuns() throws {
        let gateway = try TestGateway(kind: .standard)
        let session = try Session(options: .of(gateway))
        let inner = try session.up().inner()
        for round in 0..<3 {
            let port = try PacketPort(session)
            let received = Box<[Data]>([])
            port.receive { packets in received.with { $0 += packets } }
            let packet = try Packet.udp(from: inner, to: "198.51.100.1", payload: Data([UInt8(round)]))
            let deadline = Date().addingTimeInterval(5)
            // The new interface is used a moment after it was given.
            while received.now.isEmpty, Date() < deadline {
                port.send([packet])
                Thread.sleep(forTimeInterval: 0.02)
            }
            XCTAssertEqual(received.now.first, Packet.mirrored(packet))
        }
        try session.stop()
    }

    func testManySessionsLeaveNothingBehind() throws {
        let gateway = try TestGateway(kind: .standard)
        func one() throws {
            let session = try Session(options: .of(gateway))
            let inner = try session.up().inner()
            let port = try PacketPort(session)
            port.receive { _ in }
            port.send([try Packet.udp(from: inner, to: "198.51.100.1", payload: Data(count: 500))])
            try session.stop()
            _ = try session.end()
        }
        // What is made once, and the memory's own pace, before anything is counted.
        for _ in 0..<40 { try one() }
        let before = try Footprint.settled()
        for _ in 0..<200 { try one() }
        let after = try Footprint.settled(like: before)
        XCTAssertEqual(after.descriptors, before.descriptors)
        // Workers of the system that were there before may be gone.
        XCTAssertLessThanOrEqual(after.threads, before.threads)
        XCTAssertEqual(try liveSessions(), 0)
        let growth = Double(after.resident - before.resident) / Double(before.resident)
        print("MEASURED: swift: 200 sessions, resident memory \(before.resident / 1024) KiB before, \(after.resident / 1024) KiB after")
        XCTAssertLessThan(growth, 0.05, "\(before.resident) to \(after.resident)")
    }
}

/// A value behind a lock.
final class Box<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value
    init(_ value: Value) { self.value = value }
    var now: Value { lock.withLock { value } }
    func with(_ body: (inout Value) -> Void) { lock.withLock { body(&value) } }
}

/// What the process holds.
struct Footprint {
    var descriptors: Int
    var threads: Int
    var resident: Int

    static func now() throws -> Footprint {
        let statm = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        guard let pages = statm.dropFirst().first.flatMap({ Int($0) }) else { throw Failed("statm") }
        return Footprint(
            descriptors: try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count,
            threads: try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count,
            resident: pages * Int(sysconf(Int32(_SC_PAGESIZE))))
    }

    /// When what ends a moment later has ended: no fewer descriptors and threads for half a second, or as many as in `like`.
    static func settled(like: Footprint? = nil) throws -> Footprint {
        var last = try now()
        var still = 0
        for _ in 0..<200 {
            Thread.sleep(forTimeInterval: 0.05)
            let next = try now()
            if let like, next.descriptors == like.descriptors, next.threads == like.threads { return next }
            still = next.descriptors == last.descriptors && next.threads == last.threads ? still + 1 : 0
            last = next
            if like == nil, still == 10 { break }
        }
        return last
    }
}
#endif
