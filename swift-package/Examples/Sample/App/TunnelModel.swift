import Adit
import AditManager
import Foundation

/// What the sample's window shows and does.
@MainActor
final class TunnelModel {
    /// Bundle identifier of the extension, and the keychain group that both targets have in their entitlements.
    static let provider = "com.example.AditSample.Tunnel"
    static let keychain = SharedKeychain(accessGroup: "TEAMID0000.com.example.AditSample")

    private(set) var status = TunnelStatus.invalid
    private(set) var message = ""
    private var tunnel: AditTunnelManager?
    private var watching: Task<Void, Never>?
    /// Called after each change.
    var changed: () -> Void = {}

    /// Loads what was saved before.
    func load() async {
        do {
            tunnel = try await AditTunnelManager.loadAll(keychain: Self.keychain).first
            watch()
        } catch {
            show(error)
        }
    }

    /// Checks a profile that the user opened, and saves it.
    func open(profile: Data) async {
        do {
            let report = try ProfileReport.of(profile)
            guard report.errorCount == 0 else {
                message = report.findings.filter { $0.severity == .error }.map(\.message).joined(separator: "\n")
                changed()
                return
            }
            let tunnel = self.tunnel ?? AditTunnelManager(keychain: Self.keychain)
            let lost = try await tunnel.save(profile: profile, provider: Self.provider)
            self.tunnel = tunnel
            message = lost.map { "\($0.path): \($0.reason)" }.joined(separator: "\n")
            watch()
        } catch {
            show(error)
        }
    }

    /// The one button.
    func toggle() {
        guard let tunnel else { return }
        do {
            if tunnel.status.canStop { tunnel.stop() } else { try tunnel.start() }
        } catch {
            show(error)
        }
    }

    /// Packets and bytes, from the running provider.
    func refresh() async {
        guard let tunnel, status == .connected else { return }
        if case .stats(let stats)? = try? await tunnel.ask(.stats) {
            message = "\(stats.bytesReceived) bytes in, \(stats.bytesSent) bytes out"
            changed()
        }
    }

    private func watch() {
        watching?.cancel()
        guard let tunnel else { return }
        watching = Task { [weak self] in
            for await status in tunnel.statuses() {
                self?.status = status
                if status == .disconnected, let error = await tunnel.lastDisconnectError() { self?.show(error) }
                self?.changed()
            }
        }
    }

    private func show(_ error: any Error) {
        message = error.localizedDescription
        changed()
    }
}
