@file:Suppress("unused", "UNUSED_VARIABLE", "UNUSED_EXPRESSION", "TestFunctionName")

package adit.core.names

import adit.core.manager.*

/** What the uses below name. */
class PersonalVpnNames(val vpn: VpnSystem, val ikev2: Ikev2Protocol, val rule: OnDemandRule, val proxies: VpnProxySettings) {
    val manager: VpnManager get() = vpn.shared
    val connection: VpnConnection get() = manager.connection
    val configuration: VpnConfiguration get() = manager.configuration
    val protocol: VpnProtocolConfiguration get() = ikev2
    val association: Ikev2SecurityAssociationParameters get() = ikev2.ikeSecurityAssociationParameters
    val ppk: Ikev2PpkConfiguration get() = Ikev2PpkConfiguration("id", SecretReference(byteArrayOf(1)))
    val connectionRule: EvaluateConnectionRule get() = EvaluateConnectionRule(listOf("example.org"), EvaluateConnectionRuleAction.NeverConnect)
    val proxy: VpnProxyServer get() = VpnProxyServer("proxy.example", 8080)

    fun used(value: Any?) = check(value !== this)
}
