import Foundation

/// What the core finds in a profile: the object of one file in docs/validate-json.md, with the members that apps need most.
public struct ProfileReport: Equatable, Sendable, Decodable {
    /// Whether it would be installed.
    public enum Verdict: String, Sendable, Decodable {
        /// No error was found.
        case accepted
        /// An error was found.
        case refused
        /// Encrypted for a device, or no profile at all.
        case notRead = "not-read"
        case unreadable
    }

    public enum Severity: String, Sendable, Decodable, Comparable {
        case notice, warning, error

        private var rank: Int {
            switch self {
            case .notice: 0
            case .warning: 1
            case .error: 2
            }
        }

        public static func < (one: Severity, other: Severity) -> Bool { one.rank < other.rank }
    }

    /// One thing that was found.
    public struct Finding: Equatable, Sendable, Decodable {
        /// The rule, such as `sa.weak-dh`.
        public var code: String
        public var severity: Severity
        /// What is wrong.
        public var message: String
        /// What to do about it.
        public var help: String?
        /// Where, such as `PayloadContent[1].IKEv2.RemoteAddress`; empty for the file as a whole.
        public var path: String
    }

    public var verdict: Verdict
    /// In the order of the file.
    public var findings: [Finding]

    private enum CodingKeys: String, CodingKey {
        case verdict
        case findings = "diagnostics"
    }

    /// How many errors were found.
    public var errorCount: Int { findings.count { $0.severity == .error } }

    /// Judges a profile, signed or not.
    ///
    /// - Parameters:
    ///   - profile: the file's bytes.
    ///   - optionsJSON: an object with, for instance, `targets` (such as `["ios-26.1"]`), `select` and `ignore`.
    /// - Throws: ``AditError`` when the options are wrong; a profile that is wrong is no error but a report.
    public static func of(_ profile: Data, optionsJSON: String = "{}") throws -> ProfileReport {
        let json = try validate(profile: profile, optionsJson: optionsJSON)
        return try JSONDecoder().decode(ProfileReport.self, from: Data(json.utf8))
    }
}
