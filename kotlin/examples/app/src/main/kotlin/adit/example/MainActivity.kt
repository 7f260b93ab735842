package adit.example

import adit.android.AditVpnService
import adit.android.service.TunnelStatus
import adit.core.Outcome
import adit.core.Profiles
import adit.core.text
import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.widget.Button
import android.widget.LinearLayout
import android.widget.TextView
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import java.io.IOException

/** Choose a profile, start, stop, and see what becomes of it. */
class MainActivity : Activity() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private lateinit var state: TextView

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        state = TextView(this)
        val buttons = listOf(
            "Choose a profile" to { choose() },
            "Connect" to { connect() },
            "Disconnect" to { AditVpnService.stop(this, ExampleVpnService::class.java) },
        )
        setContentView(
            LinearLayout(this).apply {
                orientation = LinearLayout.VERTICAL
                addView(state)
                for ((label, action) in buttons) {
                    addView(Button(context).apply { text = label; setOnClickListener { action() } })
                }
            },
        )
        scope.launch { AditVpnService.status.collect { show(words(it)) } }
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    @Deprecated("As in Activity, which needs no library of its own.")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        if (resultCode != RESULT_OK) return
        when (requestCode) {
            CONSENT -> AditVpnService.start(this, ExampleVpnService::class.java)
            PROFILE -> keep(data)
        }
    }

    private fun choose() {
        val open = Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("*/*")
        startActivityForResult(open, PROFILE)
    }

    /** Asks for the user's consent where it is needed; without it Android makes no VPN. */
    private fun connect() {
        val consent = AditVpnService.consent(this)
        if (consent != null) startActivityForResult(consent, CONSENT) else AditVpnService.start(this, ExampleVpnService::class.java)
    }

    private fun keep(data: Intent?) {
        val uri = data?.data ?: return
        scope.launch {
            val profile = try {
                contentResolver.openInputStream(uri)?.use { it.readBytes() }
            } catch (failed: IOException) {
                show("The file cannot be read: ${failed.message}")
                null
            } ?: return@launch
            // What a tunnel would be made from, or why there can be none.
            when (val plan = Profiles.planSummary(profile)) {
                is Outcome.Ok -> show(plan.value)
                is Outcome.Failed -> show(plan.error.text)
            }
            ProfileStore(this@MainActivity).save(profile)
        }
    }

    private fun show(text: String) {
        runOnUiThread { state.text = text }
    }

    private fun words(status: TunnelStatus): String = when (status) {
        is TunnelStatus.Disconnected -> status.failure?.text ?: "Not connected"
        is TunnelStatus.Connecting -> "Connecting to ${status.address ?: "the server"}"
        is TunnelStatus.Connected -> "Connected to ${status.connection.server}\n${status.notes.joinToString("\n") { it.text }}"
        is TunnelStatus.Reasserting -> "Connecting again: ${status.error?.text ?: "the network is another"}"
        is TunnelStatus.Disconnecting -> "Disconnecting"
    }

    private companion object {
        const val CONSENT = 1
        const val PROFILE = 2
    }
}
