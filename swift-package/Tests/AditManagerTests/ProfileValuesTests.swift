import XCTest

@testable import AditManager

final class ProfileValuesTests: XCTestCase {
    func testPathsAreReadStepByStep() {
        XCTAssertEqual(
            ProfileValues.steps("PayloadContent[0].IKEv2.SharedSecret"),
            [.key("PayloadContent"), .place(0), .key("IKEv2"), .key("SharedSecret")])
        XCTAssertEqual(ProfileValues.steps("A[1][2]"), [.key("A"), .place(1), .place(2)])
        XCTAssertEqual(ProfileValues.steps(""), [])
    }

    func testSecretsAreFoundAsDataAndAsText() throws {
        let plist: [String: Any] = ["PayloadContent": [["IKEv2": ["SharedSecret": Data([1, 2]), "AuthPassword": "påss", "Empty": ""]]]]
        let xml = try PropertyListSerialization.data(fromPropertyList: plist, format: .xml, options: 0)
        let values = try ProfileValues(xml: xml)
        XCTAssertEqual(values.secret(at: "PayloadContent[0].IKEv2.SharedSecret"), Data([1, 2]))
        XCTAssertEqual(values.secret(at: "PayloadContent[0].IKEv2.AuthPassword"), Data("påss".utf8))
        for none in ["PayloadContent[0].IKEv2.Empty", "PayloadContent[1].IKEv2", "PayloadContent.IKEv2", "Other", ""] {
            XCTAssertNil(values.secret(at: none), none)
        }
    }
}

final class ConversionTests: XCTestCase {
    private func settings(_ payload: Int) -> VPNSettings {
        VPNSettings(payload: payload, settings: APIObject(className: "NEVPNManager", properties: [:]), keychain: [], lost: [])
    }

    func testTheOnlyVPNIsChosenAndSeveralNeedAChoice() {
        func error(_ conversion: Conversion, _ payload: Int? = nil) -> VPNSettingsError? {
            do { _ = try conversion.choose(payload); return nil } catch { return error }
        }
        let two = Conversion(vpns: [settings(0), settings(2)], refused: [.init(payload: 1, reason: "L2TP")])
        XCTAssertEqual(error(two), .several([0, 2]))
        XCTAssertNil(error(two, 2))
        XCTAssertEqual(error(two, 1), .noVPN(["L2TP"]))
        XCTAssertEqual(error(two, 7), .notThere(7))
        XCTAssertEqual(error(Conversion(vpns: [], refused: two.refused)), .noVPN(["L2TP"]))
        XCTAssertNil(error(Conversion(vpns: [settings(3)], refused: [])))
        for error in [VPNSettingsError.noVPN([]), .several([1]), .notThere(1), .secretMissing("p"), .protocolUnknown("c")] {
            XCTAssertFalse(error.localizedDescription.isEmpty)
        }
    }

    func testEachFormOfAValueIsRead() throws {
        let json = #"""
            {"class":"C","properties":{"flag":true,"number":1,"text":"t","list":["a",2],"object":{"class":"D","properties":{}},
            "case":{"enum":"E","case":"two","rawValue":2},"item":{"keychain":"n"}}}
            """#
        let object = try JSONDecoder().decode(APIObject.self, from: Data(json.utf8))
        XCTAssertEqual(object.properties, [
            "flag": .flag(true), "number": .number(1), "text": .text("t"), "list": .list([.text("a"), .number(2)]),
            "object": .object(APIObject(className: "D", properties: [:])), "case": .enumeration(case: "two", rawValue: 2),
            "item": .keychain("n"),
        ])
        XCTAssertThrowsError(try JSONDecoder().decode(APIObject.self, from: Data(#"{"class":"C","properties":{"x":{}}}"#.utf8)))
    }
}
