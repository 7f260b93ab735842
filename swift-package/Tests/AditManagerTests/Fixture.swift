import Foundation

/// A profile whose one VPN has a value for every property that Apple's API has.
let full = Data(#"""
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
    <plist version="1.0"><dict>
    <key>PayloadType</key><string>Configuration</string><key>PayloadVersion</key><integer>1</integer>
    <key>PayloadIdentifier</key><string>example.full</string>
    <key>PayloadUUID</key><string>4B0C3A52-4C0B-4C0E-9C0E-2D5B6C1C0A01</string>
    <key>PayloadContent</key><array><dict>
      <key>PayloadType</key><string>com.apple.vpn.managed</string><key>PayloadVersion</key><integer>1</integer>
      <key>PayloadIdentifier</key><string>example.full.vpn</string>
      <key>PayloadUUID</key><string>4B0C3A52-4C0B-4C0E-9C0E-2D5B6C1C0A02</string>
      <key>UserDefinedName</key><string>Office</string><key>VPNType</key><string>IKEv2</string>
      <key>IKEv2</key><dict>
        <key>RemoteAddress</key><string>vpn.example.com</string><key>RemoteIdentifier</key><string>vpn.example.com</string>
        <key>LocalIdentifier</key><string>anna@example.com</string>
        <key>AuthenticationMethod</key><string>SharedSecret</string><key>SharedSecret</key><data>c2VjcmV0LW9mLWFubmE=</data>
        <key>ExtendedAuthEnabled</key><integer>1</integer>
        <key>AuthName</key><string>anna</string><key>AuthPassword</key><string>pässword</string>
        <key>DeadPeerDetectionRate</key><string>High</string>
        <key>ServerCertificateIssuerCommonName</key><string>Example CA</string>
        <key>ServerCertificateCommonName</key><string>vpn.example.com</string>
        <key>CertificateType</key><string>ECDSA256</string>
        <key>UseConfigurationAttributeInternalIPSubnet</key><integer>1</integer>
        <key>DisableMOBIKE</key><integer>1</integer><key>DisableRedirect</key><integer>1</integer>
        <key>EnablePFS</key><integer>1</integer><key>EnableCertificateRevocationCheck</key><integer>1</integer>
        <key>AllowPostQuantumKeyExchangeFallback</key><true/>
        <key>TLSMinimumVersion</key><string>1.2</string><key>TLSMaximumVersion</key><string>1.2</string>
        <key>EnableFallback</key><integer>1</integer><key>MTU</key><integer>1380</integer>
        <key>PPK</key><data>cG9zdC1xdWFudHVtLXBzay1vZi1hbm5hLTMyLWJ5dGVz</data><key>PPKIdentifier</key><string>ppk-1</string>
        <key>PPKMandatory</key><false/>
        <key>IncludeAllNetworks</key><integer>1</integer><key>ExcludeLocalNetworks</key><integer>0</integer>
        <key>ExcludeCellularServices</key><integer>0</integer><key>ExcludeAPNs</key><integer>0</integer>
        <key>ExcludeDeviceCommunication</key><integer>0</integer><key>EnforceRoutes</key><integer>1</integer>
        <key>IKESecurityAssociationParameters</key><dict>
          <key>EncryptionAlgorithm</key><string>AES-256-GCM</string><key>IntegrityAlgorithm</key><string>SHA2-384</string>
          <key>DiffieHellmanGroup</key><integer>20</integer><key>LifeTimeInMinutes</key><integer>600</integer>
          <key>PostQuantumKeyExchangeMethods</key><array><integer>36</integer></array>
        </dict>
        <key>ChildSecurityAssociationParameters</key><dict>
          <key>EncryptionAlgorithm</key><string>ChaCha20Poly1305</string><key>IntegrityAlgorithm</key><string>SHA2-256</string>
          <key>DiffieHellmanGroup</key><integer>31</integer><key>LifeTimeInMinutes</key><integer>60</integer>
        </dict>
        <key>OnDemandEnabled</key><integer>1</integer>
        <key>OnDemandRules</key><array>
          <dict><key>Action</key><string>Disconnect</string><key>SSIDMatch</key><array><string>Office</string></array>
            <key>InterfaceTypeMatch</key><string>WiFi</string>
            <key>URLStringProbe</key><string>https://intranet.example.com/</string></dict>
          <dict><key>Action</key><string>EvaluateConnection</string>
            <key>DNSDomainMatch</key><array><string>*.example.com</string></array>
            <key>DNSServerAddressMatch</key><array><string>192.0.2.53</string></array>
            <key>ActionParameters</key><array><dict>
              <key>Domains</key><array><string>intranet.example.com</string></array>
              <key>DomainAction</key><string>ConnectIfNeeded</string>
              <key>RequiredDNSServers</key><array><string>192.0.2.54</string></array>
              <key>RequiredURLStringProbe</key><string>https://probe.example.com/</string></dict></array></dict>
          <dict><key>Action</key><string>Ignore</string><key>InterfaceTypeMatch</key><string>Cellular</string></dict>
          <dict><key>Action</key><string>Connect</string></dict>
        </array>
      </dict>
      <key>Proxies</key><dict>
        <key>HTTPEnable</key><integer>1</integer><key>HTTPProxy</key><string>proxy.example.com</string>
        <key>HTTPPort</key><integer>8080</integer><key>HTTPProxyUsername</key><string>p</string>
        <key>HTTPProxyPassword</key><string>proxy-secret</string>
        <key>HTTPSEnable</key><integer>1</integer><key>HTTPSProxy</key><string>proxy.example.com</string>
        <key>HTTPSPort</key><integer>8443</integer>
        <key>SupplementalMatchDomains</key><array><string>example.com</string></array>
        <key>ProxyAutoConfigEnable</key><integer>1</integer>
        <key>ProxyAutoConfigURLString</key><string>https://proxy.example.com/proxy.pac</string>
      </dict>
    </dict></array></dict></plist>
    """#.utf8)
