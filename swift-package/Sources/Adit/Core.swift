/// The core behind this package.
public enum Core {
    /// Its version, such as `0.1.0`; empty when the library cannot tell.
    public static var version: String { (try? Adit.version()) ?? "" }
}
