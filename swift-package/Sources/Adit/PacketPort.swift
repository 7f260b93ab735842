import Foundation
// placeholder
public final class PacketPort: @unchecked Sendable { public init(_ session: any SessionProtocol) throws {}; public func send(_ p: [Data]) {}; public func close() {}; public func receive(_ h: @escaping @Sendable ([Data]) -> Void) {} }
public func coreVersion() -> String { "" }
