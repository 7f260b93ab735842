// Keychain, keys and trust. Signatures of Apple's SDK, with Foundation's values where Apple has Core Foundation's; a
// keychain in memory. `stub...` members are what tests look at and steer.

import Foundation

public typealias CFString = String
public typealias CFData = Data
public typealias CFDictionary = [String: Any]
public typealias CFArray = [Any]
public typealias CFTypeRef = Any
public typealias OSStatus = Int32

public final class CFError: Sendable {
    let text: String
    init(_ text: String) { self.text = text }
}

public func CFErrorCopyDescription(_ err: CFError!) -> CFString! { err.text }

public let kSecClass = "class"
public let kSecClassGenericPassword = "genp"
public let kSecClassIdentity = "idnt"
public let kSecAttrService = "svce"
public let kSecAttrAccount = "acct"
public let kSecAttrLabel = "labl"
public let kSecAttrAccessGroup = "agrp"
public let kSecAttrAccessible = "pdmn"
public let kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly = "cku"
public let kSecAttrSynchronizable = "sync"
public let kSecUseDataProtectionKeychain = "nleg"
public let kSecValueData = "v_Data"
public let kSecValuePersistentRef = "v_PersistentRef"
public let kSecReturnData = "r_Data"
public let kSecReturnAttributes = "r_Attributes"
public let kSecReturnRef = "r_Ref"
public let kSecReturnPersistentRef = "r_PersistentRef"
public let kSecMatchLimit = "m_Limit"
public let kSecMatchLimitOne = "m_LimitOne"

public let errSecSuccess: OSStatus = 0
public let errSecParam: OSStatus = -50
public let errSecItemNotFound: OSStatus = -25300
public let errSecDuplicateItem: OSStatus = -25299
public let errSecInteractionNotAllowed: OSStatus = -25308

/// The keychain.
public enum StubKeychain {
    public struct Item {
        public var attributes: [String: Any]
        public var reference: Data
        public var identity: SecIdentity?
    }

    public nonisolated(unsafe) static var items: [Item] = []
    /// Before the first unlock after a start nothing can be read.
    public nonisolated(unsafe) static var isLocked = false
    nonisolated(unsafe) static var next = 1

    /// Puts an identity there, as a profile or an app would have; answers its persistent reference.
    public static func add(identity: SecIdentity) -> Data {
        let reference = Data("identity-\(next)".utf8)
        next += 1
        items.append(Item(attributes: [kSecClass: kSecClassIdentity], reference: reference, identity: identity))
        return reference
    }
}

private func matches(_ item: StubKeychain.Item, _ query: [String: Any]) -> Bool {
    if let reference = query[kSecValuePersistentRef] as? Data { return item.reference == reference }
    for key in [kSecClass, kSecAttrService, kSecAttrAccount, kSecAttrAccessGroup] {
        if let wanted = query[key] as? String, item.attributes[key] as? String != wanted { return false }
    }
    return true
}

public func SecItemAdd(_ attributes: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?) -> OSStatus {
    let key = attributes.filter { [kSecClass, kSecAttrService, kSecAttrAccount, kSecAttrAccessGroup].contains($0.key) }
    if StubKeychain.items.contains(where: { matches($0, key) }) { return errSecDuplicateItem }
    let reference = Data("item-\(StubKeychain.next)".utf8)
    StubKeychain.next += 1
    StubKeychain.items.append(StubKeychain.Item(attributes: attributes, reference: reference, identity: nil))
    if attributes[kSecReturnPersistentRef] as? Bool == true { result?.pointee = reference }
    return errSecSuccess
}

public func SecItemCopyMatching(_ query: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?) -> OSStatus {
    if StubKeychain.isLocked { return errSecInteractionNotAllowed }
    guard let item = StubKeychain.items.first(where: { matches($0, query) }) else { return errSecItemNotFound }
    if query[kSecReturnData] as? Bool == true {
        result?.pointee = item.attributes[kSecValueData]
    } else if query[kSecReturnPersistentRef] as? Bool == true {
        result?.pointee = item.reference
    } else if query[kSecReturnAttributes] as? Bool == true {
        result?.pointee = item.attributes.filter { $0.key != kSecValueData }
    } else if query[kSecReturnRef] as? Bool == true {
        result?.pointee = item.identity
    }
    return errSecSuccess
}

public func SecItemUpdate(_ query: CFDictionary, _ attributesToUpdate: CFDictionary) -> OSStatus {
    guard let at = StubKeychain.items.firstIndex(where: { matches($0, query) }) else { return errSecItemNotFound }
    StubKeychain.items[at].attributes.merge(attributesToUpdate) { $1 }
    return errSecSuccess
}

public func SecItemDelete(_ query: CFDictionary) -> OSStatus {
    let before = StubKeychain.items.count
    StubKeychain.items.removeAll { matches($0, query) }
    return StubKeychain.items.count == before ? errSecItemNotFound : errSecSuccess
}

public func SecCopyErrorMessageString(_ status: OSStatus, _ reserved: UnsafeMutableRawPointer?) -> CFString? {
    "status \(status)"
}

// MARK: Keys

public struct SecKeyAlgorithm: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let rsaSignatureMessagePKCS1v15SHA1 = Self(rawValue: "rsaSignatureMessagePKCS1v15SHA1")
    public static let rsaSignatureMessagePKCS1v15SHA256 = Self(rawValue: "rsaSignatureMessagePKCS1v15SHA256")
    public static let rsaSignatureMessagePKCS1v15SHA384 = Self(rawValue: "rsaSignatureMessagePKCS1v15SHA384")
    public static let rsaSignatureMessagePKCS1v15SHA512 = Self(rawValue: "rsaSignatureMessagePKCS1v15SHA512")
    public static let rsaSignatureMessagePSSSHA1 = Self(rawValue: "rsaSignatureMessagePSSSHA1")
    public static let rsaSignatureMessagePSSSHA256 = Self(rawValue: "rsaSignatureMessagePSSSHA256")
    public static let rsaSignatureMessagePSSSHA384 = Self(rawValue: "rsaSignatureMessagePSSSHA384")
    public static let rsaSignatureMessagePSSSHA512 = Self(rawValue: "rsaSignatureMessagePSSSHA512")
    public static let ecdsaSignatureMessageX962SHA1 = Self(rawValue: "ecdsaSignatureMessageX962SHA1")
    public static let ecdsaSignatureMessageX962SHA256 = Self(rawValue: "ecdsaSignatureMessageX962SHA256")
    public static let ecdsaSignatureMessageX962SHA384 = Self(rawValue: "ecdsaSignatureMessageX962SHA384")
    public static let ecdsaSignatureMessageX962SHA512 = Self(rawValue: "ecdsaSignatureMessageX962SHA512")
}

public final class SecKey: @unchecked Sendable {
    let sign: (SecKeyAlgorithm, Data) -> Data?
    /// A private key that signs with a function.
    public init(stubSign sign: @escaping (SecKeyAlgorithm, Data) -> Data?) { self.sign = sign }
}

public enum SecKeyOperationType: Int, Sendable {
    case sign = 0
    case verify = 1
}

public func SecKeyIsAlgorithmSupported(
    _ key: SecKey, _ operation: SecKeyOperationType, _ algorithm: SecKeyAlgorithm
) -> Bool { true }

public func SecKeyCreateSignature(
    _ key: SecKey, _ algorithm: SecKeyAlgorithm, _ dataToSign: CFData,
    _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> CFData? {
    if let signature = key.sign(algorithm, dataToSign) { return signature }
    error?.pointee = Unmanaged.passRetained(CFError("the key refused"))
    return nil
}

public final class SecCertificate: @unchecked Sendable {
    let der: Data
    init(der: Data) { self.der = der }
}

public final class SecIdentity: @unchecked Sendable {
    let key: SecKey
    let certificate: SecCertificate
    public init(stubKey key: SecKey, certificate: Data) {
        self.key = key
        self.certificate = SecCertificate(der: certificate)
    }
}

public func SecIdentityCopyPrivateKey(
    _ identityRef: SecIdentity, _ privateKeyRef: UnsafeMutablePointer<SecKey?>
) -> OSStatus {
    privateKeyRef.pointee = identityRef.key
    return errSecSuccess
}

public func SecIdentityCopyCertificate(
    _ identityRef: SecIdentity, _ certificateRef: UnsafeMutablePointer<SecCertificate?>
) -> OSStatus {
    certificateRef.pointee = identityRef.certificate
    return errSecSuccess
}

public func SecCertificateCopyData(_ certificate: SecCertificate) -> CFData { certificate.der }

public func SecCertificateCreateWithData(_ allocator: Any?, _ data: CFData) -> SecCertificate? {
    data.first == 0x30 ? SecCertificate(der: data) : nil
}

// MARK: Trust

public final class SecPolicy: @unchecked Sendable {
    public let stubHost: String?
    init(host: String?) { stubHost = host }
}

public func SecPolicyCreateSSL(_ server: Bool, _ hostname: CFString?) -> SecPolicy { SecPolicy(host: hostname) }
public func SecPolicyCreateBasicX509() -> SecPolicy { SecPolicy(host: nil) }

public final class SecTrust: @unchecked Sendable {
    let certificates: [Data]
    let host: String?
    init(certificates: [Data], host: String?) {
        self.certificates = certificates
        self.host = host
    }
}

/// Who is trusted.
public enum StubTrust {
    /// Judges a chain, own certificate first, for a name; answers why not, or nil.
    public nonisolated(unsafe) static var judge: (([Data], String?) -> String?) = { _, _ in "no anchor" }
}

public func SecTrustCreateWithCertificates(
    _ certificates: CFTypeRef, _ policies: CFTypeRef?, _ trust: UnsafeMutablePointer<SecTrust?>
) -> OSStatus {
    guard let chain = certificates as? [SecCertificate], !chain.isEmpty else { return errSecParam }
    trust.pointee = SecTrust(certificates: chain.map(\.der), host: (policies as? SecPolicy)?.stubHost)
    return errSecSuccess
}

public func SecTrustEvaluateWithError(_ trust: SecTrust, _ error: UnsafeMutablePointer<CFError?>?) -> Bool {
    guard let reason = StubTrust.judge(trust.certificates, trust.host) else { return true }
    error?.pointee = CFError(reason)
    return false
}
