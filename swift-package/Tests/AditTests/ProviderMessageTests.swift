import Foundation
import XCTest

@testable import Adit

final class ProviderMessageTests: XCTestCase {
    func testEveryRequestIsReadAsItWasWritten() throws {
        for request in ProviderRequest.allCases {
            XCTAssertEqual(try ProviderRequest.read(request.message).get(), request)
        }
        XCTAssertEqual(
            String(decoding: ProviderRequest.stats.message, as: UTF8.self), #"{"request":"stats","version":1}"#)
    }

    func testWhatIsNoRequestIsRefusedWithTheReason() {
        func reason(_ text: String) -> String? {
            guard case .failure(let refusal) = ProviderRequest.read(Data(text.utf8)) else { return nil }
            return refusal.reason
        }
        XCTAssertEqual(reason("{}"), "not a request of Adit's")
        XCTAssertEqual(reason(#"{"version":2,"request":"stats"}"#), "version 2 is not known, 1 is")
        XCTAssertEqual(reason(#"{"version":1,"request":"keys"}"#), "no request is called keys")
    }

    func testEveryReplyIsReadAsItWasWritten() throws {
        let replies: [ProviderReply] = [
            .stats(.init(
                SessionStats(
                    connected: true, packetsSent: 1, bytesSent: 2, packetsReceived: 3, bytesReceived: .max, packetsNotSent: 5,
                    datagramsDiscarded: 6, datagramsUnsent: 7, packetsUndelivered: 8), availableMemory: nil)),
            .state(.init(isUp: true, since: Date(timeIntervalSince1970: 1_000_000), server: "192.0.2.1", version: "1",
                interface: "utun4")),
            .log("a line"), .refused(.init(reason: "no")),
        ]
        for reply in replies { XCTAssertEqual(try ProviderReply(message: reply.message), reply) }
    }
}

final class ProviderConfigurationTests: XCTestCase {
    func testWhatAnAppWritesAProviderReads() throws {
        let written = ProviderConfiguration(
            profile: Data([1, 2]), payload: "1", overrides: "{}", blocksFirst: true, identityPassword: Data([3]))
        XCTAssertEqual(try ProviderConfiguration(written.dictionary), written)
        // The system stores it as a property list.
        let stored = try PropertyListSerialization.data(fromPropertyList: written.dictionary, format: .binary, options: 0)
        let read = try PropertyListSerialization.propertyList(from: stored, format: nil) as? [String: Any]
        XCTAssertEqual(try ProviderConfiguration(read), written)
    }

    func testWhatIsNotOursIsRefused() {
        func error(_ dictionary: [String: Any]?) -> ProviderConfigurationError? {
            do { _ = try ProviderConfiguration(dictionary); return nil } catch { return error as? ProviderConfigurationError }
        }
        XCTAssertEqual(error(nil), .missing)
        XCTAssertEqual(error([:]), .missing)
        XCTAssertEqual(error(["server": "x"]), .notOurs)
        XCTAssertEqual(error(["adit.version": 2, "adit.profile": Data([1])]), .version(2))
        XCTAssertEqual(error(["adit.version": 1]), .noProfile)
        XCTAssertEqual(error(["adit.version": 1, "adit.profile": Data()]), .noProfile)
        for error in [ProviderConfigurationError.missing, .notOurs, .version(2), .noProfile] {
            XCTAssertFalse(error.localizedDescription.isEmpty)
        }
    }
}
