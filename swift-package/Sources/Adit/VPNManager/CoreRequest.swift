import Foundation

/// Something that the core wants done, as its JSON says it.
struct CoreRequest: Decodable {
    var token: UInt64
    var demand: Demand

    enum Demand {
        case load(VPNConfigurationKey)
        case save(VPNConfigurationKey, record: String, replaces: UInt64?)
        case remove(VPNConfigurationKey)
        case consent(VPNConfigurationKey, description: String?)
        case storeSecret(VPNConfigurationKey, SecretSlot, Data)
        case deleteSecrets([SecretReference])
        case readSecret(VPNConfigurationKey, SecretSlot, SecretReference)
        case resolveName(String)
        case probeDNS([String])
        case probeName(String)
        case probeURL(String)
        case startTunnel(VPNTunnelStart)
        case stopTunnel(UInt32)
    }

    private enum CodingKeys: String, CodingKey {
        case token, request, key, record, replaces, description, slot, content, references, reference, host, servers, url
        case tunnel, profile, addresses, username, password
        case identityReference = "identity_reference"
        case onDemand = "on_demand"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, as type: Value.Type = Value.self) throws -> Value {
            try container.decode(type, forKey: key)
        }
        func optional<Value: Decodable>(_ key: CodingKeys, as type: Value.Type = Value.self) throws -> Value? {
            try container.decodeIfPresent(type, forKey: key)
        }
        func bytes(_ key: CodingKeys) throws -> Data {
            guard let bytes = Data(hexadecimal: try read(key)) else {
                throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "not hexadecimal")
            }
            return bytes
        }
        token = try read(.token)
        let name: String = try read(.request)
        switch name {
        case "load": demand = .load(try read(.key))
        case "save": demand = .save(try read(.key), record: try read(.record), replaces: try optional(.replaces))
        case "remove": demand = .remove(try read(.key))
        case "consent": demand = .consent(try read(.key), description: try optional(.description))
        case "store_secret": demand = .storeSecret(try read(.key), try read(.slot), try bytes(.content))
        case "delete_secrets": demand = .deleteSecrets(try read(.references))
        case "read_secret": demand = .readSecret(try read(.key), try read(.slot), try read(.reference))
        case "resolve_name": demand = .resolveName(try read(.host))
        case "probe_dns": demand = .probeDNS(try read(.servers))
        case "probe_name": demand = .probeName(try read(.host))
        case "probe_url": demand = .probeURL(try read(.url))
        case "start_tunnel":
            demand = .startTunnel(
                VPNTunnelStart(
                    tunnel: try read(.tunnel), key: try read(.key), profile: try bytes(.profile),
                    identityReference: try optional(.identityReference), addresses: try read(.addresses),
                    username: try optional(.username), password: try optional(.password), onDemand: try read(.onDemand)))
        case "stop_tunnel": demand = .stopTunnel(try read(.tunnel))
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .request, in: container, debugDescription: "no request \(name)")
        }
    }
}

/// An answer to one, in the core's JSON.
enum CoreAnswer {
    case done
    case refused(String)
    case failed(String)
    case stale
    case record(String?)
    case reference(SecretReference)
    case secret(Data?)
    case addresses([String])
    case reachable(Bool)

    /// Of what a host threw instead of doing it. Each request has its own answers: consent is given or refused, what was
    /// probed and could not be is not reachable.
    init(_ error: any Error, to demand: CoreRequest.Demand) {
        let refusal = error as? VPNRefusal
        let reason = refusal?.reason ?? error.localizedDescription
        switch demand {
        case .consent: self = .refused(reason)
        case .probeDNS, .probeName, .probeURL: self = .reachable(false)
        case .save where error is VPNStaleRecord: self = .stale
        case .readSecret where refusal != nil, .startTunnel where refusal != nil: self = .refused(reason)
        default: self = .failed(reason)
        }
    }

    var json: String {
        let object: [String: Any] =
            switch self {
            case .done: ["answer": "done"]
            case .refused(let reason): ["answer": "refused", "reason": reason]
            case .failed(let reason): ["answer": "failed", "reason": reason]
            case .stale: ["answer": "stale"]
            case .record(let record): ["answer": "record", "record": record ?? NSNull()]
            case .reference(let reference): ["answer": "reference", "reference": reference.data.hexadecimal]
            case .secret(let content): ["answer": "secret", "content": content?.hexadecimal ?? NSNull()]
            case .addresses(let list): ["answer": "addresses", "list": list]
            case .reachable(let reachable): ["answer": "reachable", "reachable": reachable]
            }
        // Texts, a list of texts, null and a flag: there is nothing in it that JSON cannot hold.
        let data = try? JSONSerialization.data(withJSONObject: object, options: [])
        return String(decoding: data ?? Data(), as: UTF8.self)
    }
}
