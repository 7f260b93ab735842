import Foundation

/// Which proxies apps use while the tunnel is up (`NEProxySettings`).
public struct VPNProxySettings: Equatable, Sendable {
    /// A PAC file decides.
    public var autoProxyConfigurationEnabled = false
    /// Where that file is, an HTTP(S) URL.
    public var proxyAutoConfigurationURL: String?
    /// The file itself; goes before the URL.
    public var proxyAutoConfigurationJavaScript: String?
    /// The HTTP proxy is used.
    public var httpEnabled = false
    /// The HTTP proxy.
    public var httpServer: VPNProxyServer?
    /// The HTTPS proxy is used.
    public var httpsEnabled = false
    /// The HTTPS proxy.
    public var httpsServer: VPNProxyServer?
    /// Names without a dot go past the proxy.
    public var excludeSimpleHostnames = false
    /// Domains that go past the proxy.
    public var exceptionList: [String]?
    /// Only hosts of these domains use the proxy; nil: all.
    public var matchDomains: [String]?

    /// No proxy.
    public init() {}
}

/// One proxy (`NEProxyServer`).
public struct VPNProxyServer: Equatable, Sendable {
    /// Host name or IP address.
    public var address: String
    /// TCP port.
    public var port: Int
    /// It wants a name and a password.
    public var authenticationRequired = false
    /// The user's name there.
    public var username: String?
    /// Where the host keeps the password. ``VPNManager/setSecret(_:for:)`` brings it; it is stored only together with a name
    /// and ``authenticationRequired``.
    public var passwordReference: SecretReference?

    /// A proxy without credentials.
    public init(address: String, port: Int) {
        self.address = address
        self.port = port
    }
}

extension VPNProxySettings: Codable {
    enum CodingKeys: String, CodingKey {
        case autoProxyConfigurationEnabled = "auto_proxy_configuration_enabled"
        case proxyAutoConfigurationURL = "proxy_auto_configuration_url"
        case proxyAutoConfigurationJavaScript = "proxy_auto_configuration_javascript"
        case httpEnabled = "http_enabled"
        case httpServer = "http_server"
        case httpsEnabled = "https_enabled"
        case httpsServer = "https_server"
        case excludeSimpleHostnames = "exclude_simple_hostnames"
        case exceptionList = "exception_list"
        case matchDomains = "match_domains"
    }
}

extension VPNProxyServer: Codable {
    enum CodingKeys: String, CodingKey {
        case address, port
        case authenticationRequired = "authentication_required"
        case username
        case passwordReference = "password_reference"
    }
}
