import Adit
import Foundation

extension VPNSettings {
    /// Reads a profile's VPN.
    public static func read(profile: Data, payload: Int? = nil) throws -> VPNSettings {
        try JSONDecoder().decode(Conversion.self, from: Data(convert(profile: profile, optionsJson: #"{"to":"api"}"#).utf8)).choose(payload)
    }

    static func values(profile: Data) throws -> ProfileValues {
        struct Shown: Decodable { var xml: String }
        let shown = try JSONDecoder().decode(Shown.self, from: Data(show(profile: profile, optionsJson: #"{"unmask":true}"#).utf8))
        return try ProfileValues(xml: Data(shown.xml.utf8))
    }
}
