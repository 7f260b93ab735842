package adit.core.manager

/** Names a configuration. Its kind decides who may change it and which others it disables. */
public sealed interface VpnConfigurationKey {
    /** An app's own; each app has one. @property app the app's identifier. */
    public data class Personal(val app: String) : VpnConfigurationKey

    /**
     * One that a profile or a management server installed. It wins over an app's own where both want the default route.
     *
     * @property payload the `PayloadUUID` of its payload.
     */
    public data class Managed(val payload: String) : VpnConfigurationKey
}

internal fun VpnConfigurationKey.form(): Map<String, Any?> = when (this) {
    is VpnConfigurationKey.Personal -> mapOf("personal" to app)
    is VpnConfigurationKey.Managed -> mapOf("managed" to payload)
}

internal fun Members.key(name: String = "key"): VpnConfigurationKey? = inner(name)?.run {
    text("personal")?.let { VpnConfigurationKey.Personal(it) } ?: VpnConfigurationKey.Managed(needText("managed"))
}

/** What the model tells besides the ends of operations. */
public sealed interface VpnNotification {
    /** What is stored changed (`NEVPNConfigurationChange`). @property key which configuration. */
    public data class ConfigurationChanged(val key: VpnConfigurationKey) : VpnNotification {
        public companion object {
            /** Its name in Apple's API. */
            public const val NAME: String = "NEVPNConfigurationChangeNotification"
        }
    }

    /** The status of a connection changed (`NEVPNStatusDidChange`). @property key whose. @property status the new one. */
    public data class StatusChanged(val key: VpnConfigurationKey, val status: VpnStatus) : VpnNotification {
        public companion object {
            /** Its name in Apple's API. */
            public const val NAME: String = "NEVPNStatusDidChangeNotification"
        }
    }

    /** What the on-demand rules made of the network. @property key whose rules. @property summary one sentence. */
    public data class OnDemand(val key: VpnConfigurationKey, val summary: String) : VpnNotification

    /** Another tunnel has the default route now. @property holder whose it is; null: none of ours. */
    public data class DefaultRoute(val holder: VpnConfigurationKey?) : VpnNotification
}
