#if canImport(Network)
import Network

extension PathSnapshot {
    /// What a monitor reports, as values. Decides nothing.
    init(_ path: NWPath) {
        let interfaces = path.availableInterfaces.map { interface in
            let kind: Interface.Kind =
                switch interface.type {
                case .wifi: .wifi
                case .cellular: .cellular
                case .wiredEthernet: .ethernet
                case .loopback: .loopback
                default: .other
                }
            return Interface(name: interface.name, index: interface.index, kind: kind)
        }
        self.init(isSatisfied: path.status == .satisfied, interfaces: interfaces, isMetered: path.isExpensive)
        addresses = primary.map { AditPacketTunnel.addresses(ofInterface: $0.name) } ?? []
    }
}
#endif
