#if canImport(NetworkExtension)
import Foundation
import NetworkExtension

/// Whether a start that was asked for has begun: until it has, `disconnected` tells of what was before it.
final class Beginning: @unchecked Sendable {
    private let lock = NSLock()
    // With the lock only.
    private var isAwaited = false
    private var observer: (any NSObjectProtocol)?

    deinit { if let observer { NotificationCenter.default.removeObserver(observer) } }

    /// A start is about to be asked for. Watches by itself: a tunnel may begin and end before anybody reads its status.
    func await(_ connection: NEVPNConnection) {
        end()
        guard TunnelStatus(connection.status) == .disconnected else { return }
        let connection = Handed(value: connection)
        let observer = NotificationCenter.default.addObserver(
            forName: .NEVPNStatusDidChange, object: connection.value, queue: nil
        ) { [weak self] _ in _ = self?.admits(TunnelStatus(connection.value.status)) }
        lock.withLock {
            isAwaited = true
            self.observer = observer
        }
    }

    /// Whether a status that was just read is told to readers. The first other than `disconnected` is the beginning.
    func admits(_ status: TunnelStatus) -> Bool {
        guard lock.withLock({ isAwaited }) else { return true }
        guard status != .disconnected else { return false }
        end()
        return true
    }

    /// Nothing is awaited any more.
    func end() {
        let observer = lock.withLock {
            let observer = self.observer
            self.observer = nil
            isAwaited = false
            return observer
        }
        if let observer { NotificationCenter.default.removeObserver(observer) }
    }
}
#endif
