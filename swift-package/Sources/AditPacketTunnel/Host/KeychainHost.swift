#if canImport(Security)
import Foundation
import Security

/// Signs with a key of the keychain, judges with the device's anchors, and knows no password but those that the session was
/// given. A key's reference is the persistent reference of its identity in Base64.
public struct KeychainHost: TunnelHost {
    public init() {}

    /// What ``KeychainHost`` cannot do.
    public enum Failure: Error, Equatable, Sendable, LocalizedError {
        case identityMissing
        case schemeUnsupported(String)
        case keyRefused(String)
        case certificateUnreadable
        case untrusted(String)

        public var errorDescription: String? {
            switch self {
            case .identityMissing: "the keychain has no identity for this tunnel: install the profile's identity again"
            case .schemeUnsupported(let scheme): "the keychain cannot sign with \(scheme)"
            case .keyRefused(let reason): "the keychain's key did not sign: \(reason)"
            case .certificateUnreadable: "a certificate of the server cannot be read"
            case .untrusted(let reason): "this device does not trust the server's certificate: \(reason)"
            }
        }
    }

    /// The algorithm of a scheme of `Question.sign`; nil for those that keychain keys do not have. A scheme names the hash and
    /// not the curve: the key has its own.
    static func algorithm(_ scheme: String) -> SecKeyAlgorithm? {
        switch scheme {
        case "rsa-pkcs1-sha1": .rsaSignatureMessagePKCS1v15SHA1
        case "rsa-pkcs1-sha256": .rsaSignatureMessagePKCS1v15SHA256
        case "rsa-pkcs1-sha384": .rsaSignatureMessagePKCS1v15SHA384
        case "rsa-pkcs1-sha512": .rsaSignatureMessagePKCS1v15SHA512
        case "rsa-pss-sha1": .rsaSignatureMessagePSSSHA1
        case "rsa-pss-sha256": .rsaSignatureMessagePSSSHA256
        case "rsa-pss-sha384": .rsaSignatureMessagePSSSHA384
        case "rsa-pss-sha512": .rsaSignatureMessagePSSSHA512
        case "ecdsa-sha1": .ecdsaSignatureMessageX962SHA1
        case "ecdsa-sha256": .ecdsaSignatureMessageX962SHA256
        case "ecdsa-sha384": .ecdsaSignatureMessageX962SHA384
        case "ecdsa-sha512": .ecdsaSignatureMessageX962SHA512
        default: nil
        }
    }

    /// The certificate of an identity in DER, for the session's credentials.
    public static func certificate(of reference: Data) throws -> Data {
        var certificate: SecCertificate?
        guard SecIdentityCopyCertificate(try identity(reference), &certificate) == errSecSuccess, let certificate else {
            throw Failure.identityMissing
        }
        return SecCertificateCopyData(certificate) as Data
    }

    public func sign(key: String, scheme: String, message: Data) async throws -> Data {
        guard let algorithm = KeychainHost.algorithm(scheme) else { throw Failure.schemeUnsupported(scheme) }
        guard let reference = Data(base64Encoded: key) else { throw Failure.identityMissing }
        var key: SecKey?
        guard SecIdentityCopyPrivateKey(try KeychainHost.identity(reference), &key) == errSecSuccess, let key else {
            throw Failure.identityMissing
        }
        guard SecKeyIsAlgorithmSupported(key, .sign, algorithm) else { throw Failure.schemeUnsupported(scheme) }
        var error: Unmanaged<CFError>?
        guard let signature = SecKeyCreateSignature(key, algorithm, message as CFData, &error) else {
            let reason = error.flatMap { CFErrorCopyDescription($0.takeRetainedValue()) as String? } ?? "no reason given"
            throw Failure.keyRefused(reason)
        }
        return signature as Data
    }

    public func judge(chain: [Data], identity: String) async throws {
        let certificates = try chain.map { der in
            guard let certificate = SecCertificateCreateWithData(nil, der as CFData) else {
                throw Failure.certificateUnreadable
            }
            return certificate
        }
        var trust: SecTrust?
        // The name must be in the certificate, as for any server.
        let policy = SecPolicyCreateSSL(true, identity as CFString)
        guard SecTrustCreateWithCertificates(certificates as CFArray, policy, &trust) == errSecSuccess, let trust else {
            throw Failure.certificateUnreadable
        }
        var error: CFError?
        guard SecTrustEvaluateWithError(trust, &error) else {
            throw Failure.untrusted(error.flatMap { CFErrorCopyDescription($0) as String? } ?? "no reason given")
        }
    }

    public func password(
        username: String?, attempt: UInt32, refusal: String?
    ) async throws -> (username: String?, password: String)? { nil }

    private static func identity(_ reference: Data) throws -> SecIdentity {
        let query: [String: Any] = [
            kSecValuePersistentRef as String: reference, kSecReturnRef as String: true,
            kSecMatchLimit as String: kSecMatchLimitOne,
        ]
        var result: CFTypeRef?
        guard SecItemCopyMatching(query as CFDictionary, &result) == errSecSuccess, let found = result else {
            throw Failure.identityMissing
        }
        return try asIdentity(found)
    }

    private static func asIdentity(_ found: CFTypeRef) throws -> SecIdentity {
        #if canImport(Darwin)
        // A conditional cast to a Core Foundation type always succeeds; its type is asked for.
        guard CFGetTypeID(found) == SecIdentityGetTypeID() else { throw Failure.identityMissing }
        return unsafeDowncast(found, to: SecIdentity.self)
        #else
        guard let identity = found as? SecIdentity else { throw Failure.identityMissing }
        return identity
        #endif
    }
}
#endif
