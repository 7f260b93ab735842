import Adit
import Foundation
#if canImport(Security)
import Security
#endif

/// Who signs, judges and knows passwords for a session. ``AditPacketTunnelProvider`` uses ``KeychainHost``.
public protocol TunnelHost: Sendable {
    /// Signs `message`, which is not hashed yet, with the key of that reference, in the form that the scheme
    /// has (`Question.sign` tells).
    func sign(key: String, scheme: String, message: Data) async throws -> Data
    /// Throws unless the device trusts the chain, own certificate first, for what it must name.
    func judge(chain: [Data], identity: String) async throws
    /// The user's name and password; nil when there is none to give, or none other than what was refused before. `attempt`
    /// is 0 at first, one more after each refusal by the server; `refusal` says why it refused the one before.
    func password(username: String?, attempt: UInt32, refusal: String?) async throws -> (username: String?, password: String)?
}

/// Answers a question of the session; every error becomes a refusal in its words.
func answer(_ question: Question, by host: any TunnelHost) async -> Answer {
    do {
        switch question {
        case .protectSocket:
            // The sockets of a provider are outside its tunnel.
            return .done
        case .resolveName(let name):
            return .refused(reason: "\(name): the core resolves names itself in a provider")
        case .password(let username, let attempt, let refusal):
            guard let known = try await host.password(username: username, attempt: attempt, refusal: refusal) else {
                return .refused(reason: "no password is stored for this tunnel")
            }
            return .password(username: known.username, password: known.password)
        case .sign(let key, let scheme, let message):
            return .signature(bytes: try await host.sign(key: key, scheme: scheme, message: message))
        case .judgeChain(let certificates, let identity):
            try await host.judge(chain: certificates, identity: identity)
            return .done
        }
    } catch {
        return .refused(reason: error.localizedDescription)
    }
}
