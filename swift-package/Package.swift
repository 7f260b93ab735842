// swift-tools-version: 6.0

import Foundation
import PackageDescription

// Where the library written in Rust comes from:
//   on Apple's systems an XCFramework: the folder that ADIT_XCFRAMEWORK names (`cargo xtask package` makes it), else the
//   address and checksum in XCFramework.release (which `cargo xtask package --url` writes);
//   on Linux libadit_bindings.so, found by the linker: `swift build -Xlinker -L/folder/of/the/library`.
// ADIT_TEST_APPLE takes Apple's way on Linux, for the tests of this file.
// ADIT_TEST_STUBS builds the adapters for Apple's frameworks on Linux against stubs of them, for the tests.

let environment = Context.environment
let isOnLinux: Bool
#if os(Linux)
isOnLinux = environment["ADIT_TEST_APPLE"] != "1"
#else
isOnLinux = false
#endif

func library() -> Target {
    if isOnLinux { return .systemLibrary(name: "AditFFI") }
    if let path = environment["ADIT_XCFRAMEWORK"], !path.isEmpty {
        // SwiftPM takes paths from the package's folder on only.
        guard !path.hasPrefix("/") else {
            fatalError("ADIT_XCFRAMEWORK must be a path from \(Context.packageDirectory) on, such as ../target/package/Adit.xcframework")
        }
        return .binaryTarget(name: "AditFFI", path: path)
    }
    let release = Context.packageDirectory + "/XCFramework.release"
    let lines = (try? String(contentsOfFile: release, encoding: .utf8))?.split(whereSeparator: \.isNewline).map(String.init) ?? []
    func value(_ key: String) -> String? {
        lines.first { $0.hasPrefix(key + ": ") }.map { String($0.dropFirst(key.count + 2)) }
    }
    guard let url = value("url"), let checksum = value("checksum") else {
        fatalError("""
            Adit's library is missing. Set ADIT_XCFRAMEWORK to Adit.xcframework (cargo xtask package makes it), \
            or use a release, which has XCFramework.release with its address and checksum.
            """)
    }
    return .binaryTarget(name: "AditFFI", url: url, checksum: checksum)
}

let hasStubs = isOnLinux && environment["ADIT_TEST_STUBS"] == "1"
func stubs(_ names: String...) -> [Target.Dependency] { hasStubs ? names.map { .init(stringLiteral: $0) } : [] }

var targets: [Target] = [
    library(),
    .target(
        name: "Adit", dependencies: ["AditFFI"] + stubs("Security"),
        // For the privacy report that Xcode makes of an app; Linux has none.
        exclude: isOnLinux ? ["PrivacyInfo.xcprivacy"] : [],
        resources: isOnLinux ? nil : [.process("PrivacyInfo.xcprivacy")],
        linkerSettings: isOnLinux ? [.linkedLibrary("adit_bindings")] : []),
    .target(name: "AditPacketTunnel", dependencies: ["Adit"] + stubs("NetworkExtension", "Network", "Security")),
    .target(name: "AditManager", dependencies: ["Adit"] + stubs("NetworkExtension", "Security")),
    .testTarget(name: "AditTests", dependencies: ["Adit"] + stubs("AditTestGateway")),
    .testTarget(
        name: "AditPacketTunnelTests",
        dependencies: ["AditPacketTunnel"] + stubs("AditTestGateway", "NetworkExtension", "Network", "Security")),
    // Uses each name of the platforms' VPN APIs (cargo xtask regenerate names).
    .testTarget(
        name: "NamesTests",
        dependencies: ["Adit", "AditManager", "AditPacketTunnel"] + stubs("NetworkExtension", "Network", "Security")),
    .testTarget(
        name: "AditManagerTests", dependencies: ["AditManager"] + stubs("AditTestGateway", "NetworkExtension", "Security")),
]
if hasStubs {
    targets += [
        .target(name: "Network", path: "Stubs/Network"),
        .target(name: "NetworkExtension", dependencies: ["Network"], path: "Stubs/NetworkExtension"),
        .target(name: "Security", path: "Stubs/Security"),
        // A server inside the test process, in the library when it is built with the feature test-gateway.
        .systemLibrary(name: "AditTestGatewayFFI", path: "Tests/TestGatewayFFI"),
        .target(name: "AditTestGateway", dependencies: ["AditTestGatewayFFI"], path: "Tests/TestGateway"),
        // What the README and the sample show, compiled with the tests.
        .target(name: "QuickStartTunnel", dependencies: ["AditPacketTunnel"], path: "Examples/QuickStart/Tunnel"),
        .target(name: "QuickStartApp", dependencies: ["AditManager"], path: "Examples/QuickStart/App"),
        .target(
            name: "SampleTunnel", dependencies: ["AditPacketTunnel"], path: "Examples/Sample/Tunnel",
            exclude: ["Info.plist", "Tunnel.entitlements"]),
        .target(
            name: "SampleApp", dependencies: ["AditManager"], path: "Examples/Sample/App", exclude: ["App.entitlements"]),
    ]
}

let package = Package(
    name: "Adit",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [
        .library(name: "Adit", targets: ["Adit"]),
        .library(name: "AditPacketTunnel", targets: ["AditPacketTunnel"]),
        .library(name: "AditManager", targets: ["AditManager"]),
    ],
    targets: targets,
    swiftLanguageModes: [.v6]
)
