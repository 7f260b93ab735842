import XCTest

@testable import Adit

final class SecretsTests: XCTestCase {
    func testTheTextsOfCredentialsAndOfAnswersAreWithoutTheSecrets() {
        let credentials = Credentials(username: "alice", password: "hunter2-pw", identityPassword: "hunter2-p12")
        let answer = Answer.password(username: "alice", password: "hunter2-answer")
        for text in ["\(credentials)", "\(answer)", String(reflecting: credentials), "\([answer])"] {
            XCTAssertFalse(text.contains("hunter2"), text)
        }
    }
}
