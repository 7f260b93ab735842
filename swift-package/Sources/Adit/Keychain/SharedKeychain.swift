#if canImport(Security)
import Foundation
import Security

/// Items that an app and its extension share: kept on this device, readable after the first unlock (a tunnel may start while
/// the screen is locked), found again by a persistent reference, which is all that a configuration holds of them.
public struct SharedKeychain: Sendable {
    /// The keychain access group of the entitlements, with the team's prefix; nil: the first that the entitlements list.
    public var accessGroup: String?
    /// What keeps our items apart from others of the group.
    public var service: String

    public init(accessGroup: String? = nil, service: String = "adit") {
        self.accessGroup = accessGroup
        self.service = service
    }

    /// Why the keychain did not do something.
    public struct Failure: Error, Equatable, Sendable, LocalizedError {
        /// The system's code.
        public var status: OSStatus
        /// What was tried.
        public var action: String

        public var errorDescription: String? {
            let text = SecCopyErrorMessageString(status, nil).map { $0 as String } ?? "no text"
            let advice = status == errSecInteractionNotAllowed
                ? "; the device was not unlocked since its start: unlock it once" : ""
            return "the keychain could not \(action) (\(status): \(text))\(advice)"
        }
    }

    /// Stores `secret` under `name`, in place of what was there; answers its persistent reference.
    public func store(_ secret: Data, name: String) throws(Failure) -> Data {
        let key = query(name: name)
        let attributes: [String: Any] = [
            kSecValueData as String: secret,
            kSecAttrAccessible as String: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
        ]
        let updated = SecItemUpdate(key as CFDictionary, attributes as CFDictionary)
        if updated == errSecItemNotFound {
            let new = key.merging(attributes) { $1 }.merging([kSecReturnPersistentRef as String: true]) { $1 }
            var result: CFTypeRef?
            try check(SecItemAdd(new as CFDictionary, &result), "store \(name)")
            if let reference = result as? Data { return reference }
        } else {
            try check(updated, "replace \(name)")
        }
        return try reference(name: name)
    }

    /// The persistent reference of what is stored under `name`.
    public func reference(name: String) throws(Failure) -> Data {
        let wanted = query(name: name).merging([
            kSecReturnPersistentRef as String: true, kSecMatchLimit as String: kSecMatchLimitOne,
        ]) { $1 }
        var result: CFTypeRef?
        try check(SecItemCopyMatching(wanted as CFDictionary, &result), "find \(name)")
        guard let reference = result as? Data else { throw Failure(status: errSecParam, action: "find \(name)") }
        return reference
    }

    /// What a persistent reference leads to.
    public static func read(_ reference: Data) throws(Failure) -> Data {
        let wanted: [String: Any] = [
            kSecValuePersistentRef as String: reference, kSecReturnData as String: true,
            kSecMatchLimit as String: kSecMatchLimitOne,
        ]
        var result: CFTypeRef?
        let status = SecItemCopyMatching(wanted as CFDictionary, &result)
        guard status == errSecSuccess, let secret = result as? Data else {
            throw Failure(status: status == errSecSuccess ? errSecParam : status, action: "read an item")
        }
        return secret
    }

    /// Whether a persistent reference leads to an item that was stored with this ``service``; false for what is not there.
    public func holds(_ reference: Data) -> Bool {
        let wanted: [String: Any] = [
            kSecValuePersistentRef as String: reference, kSecReturnAttributes as String: true,
            kSecMatchLimit as String: kSecMatchLimitOne,
        ]
        var result: CFTypeRef?
        guard SecItemCopyMatching(wanted as CFDictionary, &result) == errSecSuccess else { return false }
        return (result as? [String: Any])?[kSecAttrService as String] as? String == service
    }

    /// Removes what is stored under `name`; nothing there is no error.
    public func remove(name: String) throws(Failure) {
        let status = SecItemDelete(query(name: name) as CFDictionary)
        if status != errSecItemNotFound { try check(status, "remove \(name)") }
    }

    /// Removes what a persistent reference leads to; nothing there is no error.
    public static func remove(_ reference: Data) throws(Failure) {
        let status = SecItemDelete([kSecValuePersistentRef as String: reference] as CFDictionary)
        guard status == errSecSuccess || status == errSecItemNotFound else {
            throw Failure(status: status, action: "remove an item")
        }
    }

    private func query(name: String) -> [String: Any] {
        var query: [String: Any] = [
            kSecClass as String: kSecClassGenericPassword,
            kSecAttrService as String: service,
            kSecAttrAccount as String: name,
            // The keychain with access groups, on macOS too.
            kSecUseDataProtectionKeychain as String: true,
        ]
        query[kSecAttrAccessGroup as String] = accessGroup
        return query
    }

    private func check(_ status: OSStatus, _ action: String) throws(Failure) {
        if status != errSecSuccess { throw Failure(status: status, action: action) }
    }
}
#endif
