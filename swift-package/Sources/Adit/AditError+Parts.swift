import Foundation

extension AditError: CustomDebugStringConvertible {
    /// What is wrong, in a sentence.
    public var message: String { parts.message }

    /// What to do, in a sentence; empty when there is nothing to say.
    public var advice: String { parts.advice }

    /// The name of the `NEVPNConnectionError` that Apple's API would give; empty for mistakes in the calling program.
    public var code: String { parts.code }

    /// What `localizedDescription` shows.
    public var debugDescription: String { advice.isEmpty ? message : "\(message). \(advice)" }

    private var parts: (message: String, advice: String, code: String) {
        switch self {
        case .Usage(let message, let advice, let code), .Profile(let message, let advice, let code),
            .Credentials(let message, let advice, let code), .ServerIdentity(let message, let advice, let code),
            .Negotiation(let message, let advice, let code), .Network(let message, let advice, let code),
            .ServerDisconnected(let message, let advice, let code), .System(let message, let advice, let code),
            .Internal(let message, let advice, let code):
            (message, advice, code)
        }
    }
}
