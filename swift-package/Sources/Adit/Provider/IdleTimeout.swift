import Foundation

/// The end of a tunnel through which nothing went for as long as its profile allows (`DisconnectOnIdle`).
///
/// It is no mistake of anybody, and Apple's list of connection errors has no case for it; so that the app can tell it from a stop,
/// the provider gives the system an error of its own, which `fetchLastDisconnectError` hands to the app.
public enum IdleTimeout {
    /// The domain of that error.
    public static let domain = "adit.tunnel"
    /// Its code: the number of `NEProviderStopReason.idleTimeout`.
    public static let code = 8
    /// The name of that reason.
    public static let name = "idleTimeout"

    /// Whether an error, as it comes from the system, is this end.
    public static func isReason(of error: (any Error)?) -> Bool {
        guard let error = error as NSError? else { return false }
        return error.domain == domain && error.code == code
    }
}
