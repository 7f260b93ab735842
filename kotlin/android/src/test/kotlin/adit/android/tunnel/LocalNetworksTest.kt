package adit.android.tunnel

import adit.android.routes.Cidr
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readLines

class LocalNetworksTest {
    private fun list(text: String) = text.split(',').filter { it.isNotEmpty() }.map { checkNotNull(Cidr.parse(it)) { it } }

    private val link = list("169.254.0.0/16,224.0.0.0/24,fe80::/10,ff02::/16")

    /** The core's routing plan is held to the same table. */
    @Test
    fun `what stays outside of local networks is what the table says`() {
        val table = generateSequence(Path.of("").toAbsolutePath()) { it.parent }.map { it.resolve("core/manager/tests/local-networks.tsv") }
            .first { Files.exists(it) }.readLines().filter { !it.startsWith("#") }
        for (line in table) {
            val (told, routes, outside) = line.split('\t')
            val found = localNetworks(list(told), list("0.0.0.0/0,::/0") + list(routes))
            assertEquals(list(outside).sorted(), found - link.toSet(), line)
            assertTrue(found.containsAll(link), line)
        }
        assertTrue(table.size >= 15)
    }
}
