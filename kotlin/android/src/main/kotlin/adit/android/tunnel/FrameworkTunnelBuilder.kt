package adit.android.tunnel

import adit.android.routes.Cidr
import adit.android.routes.Family
import android.annotation.SuppressLint
import android.app.PendingIntent
import android.content.pm.PackageManager.NameNotFoundException
import android.net.IpPrefix
import android.net.ProxyInfo
import android.net.Uri
import android.net.VpnService
import android.os.ParcelFileDescriptor

/** Sets what Android opens from its own dialog on the VPN. */
internal fun VpnService.Builder.configuredBy(intent: PendingIntent?): VpnService.Builder = apply { intent?.let { setConfigureIntent(it) } }

/** Android's own builder behind the seam. Decides nothing. */
@SuppressLint("NewApi") // The plan holds no call that the device's API level lacks.
internal class FrameworkTunnelBuilder(private val builder: VpnService.Builder) : TunnelBuilder {
    override fun setSession(name: String) {
        builder.setSession(name)
    }

    override fun setMtu(bytes: Int) {
        builder.setMtu(bytes)
    }

    override fun addAddress(address: Cidr) {
        builder.addAddress(address.address, address.prefix)
    }

    override fun addRoute(network: Cidr) {
        builder.addRoute(network.address, network.prefix)
    }

    override fun excludeRoute(network: Cidr) {
        builder.excludeRoute(IpPrefix(network.address, network.prefix))
    }

    override fun addDnsServer(server: Cidr) {
        builder.addDnsServer(server.address)
    }

    override fun addSearchDomain(domain: String) {
        builder.addSearchDomain(domain)
    }

    override fun allowFamily(family: Family) {
        builder.allowFamily(family.number)
    }

    override fun addAllowedApplication(packageName: String): Boolean = found { builder.addAllowedApplication(packageName) }

    override fun addDisallowedApplication(packageName: String): Boolean =
        found { builder.addDisallowedApplication(packageName) }

    override fun allowBypass() {
        builder.allowBypass()
    }

    override fun setBlocking(blocking: Boolean) {
        builder.setBlocking(blocking)
    }

    override fun setMetered(metered: Boolean) {
        builder.setMetered(metered)
    }

    override fun setProxy(host: String, port: Int, except: List<String>) {
        builder.setHttpProxy(ProxyInfo.buildDirectProxy(host, port, except))
    }

    override fun setProxyScript(url: String) {
        builder.setHttpProxy(ProxyInfo.buildPacProxy(Uri.parse(url)))
    }

    override fun followDefaultNetwork() {
        builder.setUnderlyingNetworks(null)
    }

    override fun establish(): TunDescriptor? = builder.establish()?.let { FrameworkTunDescriptor(it) }

    private inline fun found(add: () -> Unit): Boolean = try {
        add()
        true
    } catch (_: NameNotFoundException) {
        false
    }
}

/** A descriptor of Android's. Not detached: what closes it stays its owner, whatever fails between here and the core. */
internal class FrameworkTunDescriptor(private val descriptor: ParcelFileDescriptor) : TunDescriptor {
    override val fd: Int get() = descriptor.fd

    override fun close() {
        descriptor.close()
    }
}
