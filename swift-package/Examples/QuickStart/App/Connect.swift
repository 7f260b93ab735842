import AditManager
import Foundation

/// Saves the profile's VPN, which the first time asks the user, starts it and tells what becomes of it.
@MainActor
func connect(profile: Data) async throws {
    let tunnel = try await AditTunnelManager.loadAll().first ?? AditTunnelManager()
    let lost = try await tunnel.save(profile: profile, provider: "com.example.app.tunnel")
    for item in lost { print("not for this system: \(item.path): \(item.reason)") }
    try tunnel.start()
    for await status in tunnel.statuses() {
        print(status)
        if status == .connected { return }
        if status == .disconnected, let error = await tunnel.lastDisconnectError() { throw error }
    }
}
