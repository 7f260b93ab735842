package adit.core

import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Test

/** A data class shows all it has; those with secrets must not, since apps write such texts into logs. */
class SecretsTest {
    @Test
    fun `the texts of credentials and of answers are without the secrets`() {
        val credentials =
            Credentials(username = "alice", password = "hunter2-pw", identityPassword = "hunter2-p12", keyReference = null)
        val answer = Answer.Password(username = "alice", password = "hunter2-answer")
        for (text in listOf("$credentials", "$answer", "${listOf(answer)}")) {
            assertFalse("hunter2" in text, text)
        }
    }
}
