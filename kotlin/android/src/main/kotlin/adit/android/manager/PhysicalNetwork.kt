package adit.android.manager

import android.net.Network
import java.net.DatagramSocket
import java.net.HttpURLConnection
import java.net.InetAddress
import java.net.Socket
import java.net.URL

/** The network below any tunnel. Its functions block. */
public interface PhysicalNetwork {
    /** The addresses of a name. @throws java.net.UnknownHostException it does not resolve there. */
    public fun resolve(host: String): List<InetAddress>

    /** Makes a socket send there, and only there. @throws java.io.IOException the network is gone. */
    public fun bind(socket: DatagramSocket)

    /** As above, for a socket that is not connected yet. */
    public fun bind(socket: Socket)

    /** A connection there that nothing has been sent on yet. */
    public fun open(url: URL): HttpURLConnection
}

/** One of Android's networks. Decides nothing. The app that is the VPN may use the network below its own tunnel. */
internal class FrameworkNetwork(private val network: Network) : PhysicalNetwork {
    override fun resolve(host: String): List<InetAddress> = network.getAllByName(host).toList()

    override fun bind(socket: DatagramSocket) = network.bindSocket(socket)

    override fun bind(socket: Socket) = network.bindSocket(socket)

    override fun open(url: URL): HttpURLConnection = network.openConnection(url) as HttpURLConnection
}
