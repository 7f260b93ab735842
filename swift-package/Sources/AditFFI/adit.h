/*
 * Adit's C ABI: a tunnel, and packets in batches.
 *
 * For hosts without a TUN descriptor (Apple's packetFlow), and for programs in C or in a language that speaks it. Swift and
 * Kotlin make sessions through their own packages and use only adit_packets_in and adit_packets_register of this file.
 *
 * Rules for all functions:
 *  - A result below 0 is one of the error codes. Where there is a parameter `error` and it is not null, it then gets an
 *    object in JSON: {"kind":..,"message":..,"advice":..,"code":..}. Free it with adit_string_free.
 *  - What is passed in stays the caller's and is not used after the call returned, if nothing else is said.
 *  - What is given out as char * is the caller's, in UTF-8, and is freed with adit_string_free.
 *  - Functions may be called from any thread. None waits for the network but adit_session_stop (a second at most) and
 *    adit_session_wait_event (as long as it is told). Nothing panics or throws across.
 *  - Bytes in JSON are arrays of numbers.
 */
#ifndef ADIT_H
#define ADIT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes when something here changes its meaning or goes. */
#define ADIT_ABI_VERSION 1

#define ADIT_OK 0
/* adit_session_wait_event: there was an event. */
#define ADIT_EVENT 1
/* The call was wrong: the programmer must change it. */
#define ADIT_USAGE (-1)
/* The profile makes no tunnel: whoever wrote it must change it. */
#define ADIT_PROFILE (-2)
/* A user name, password or key is missing or was refused. */
#define ADIT_CREDENTIALS (-3)
/* The server was not believed. */
#define ADIT_SERVER_IDENTITY (-4)
/* Profile and server do not agree. */
#define ADIT_NEGOTIATION (-5)
/* The network or the server did not answer. */
#define ADIT_NETWORK (-6)
/* The server ended the tunnel. */
#define ADIT_SERVER_DISCONNECTED (-7)
/* The system refused something. */
#define ADIT_SYSTEM (-8)
/* A mistake in Adit. */
#define ADIT_INTERNAL (-9)

/* The library's ADIT_ABI_VERSION; compare it with the header's. */
uint32_t adit_abi_version(void);

/* Frees a text that was given out; null is allowed. */
void adit_string_free(char *text);

/* ---- Packets -------------------------------------------------------------------------------------------------------- */

/* Packets in a batch of adit_packets_out at most. */
#define ADIT_BATCH_MAX 64

/* One whole IP packet, without any framing. */
struct adit_packet {
    const uint8_t *data;
    size_t len;
};

/*
 * Takes a batch of the tunnel's packets. They belong to Adit and are valid until the function returns. It is called from
 * Adit's thread, one call at a time, and must not wait. Gives how many packets were taken, from the first; the others are
 * lost and counted. It may call the functions of this file; adit_session_stop does not wait then.
 */
typedef size_t (*adit_packets_out)(void *context, const struct adit_packet *packets, size_t count);

/*
 * Registers who takes the tunnel's packets of a handle (from adit_session_attach_packets, or attach_packets in Swift and
 * Kotlin); null: nobody. `context` stays the caller's, and must be valid until another function is registered, another
 * device attached, or the session freed: when one of these calls returned, `out` is not called any more.
 */
int32_t adit_packets_register(uint64_t handle, adit_packets_out out, void *context);

/*
 * Gives packets to the tunnel, in order; gives how many were taken. Those that are not (256 wait already, or one is longer
 * than 1664 bytes) are lost, as on a network. Never waits. The packets are copied: they are the caller's again when it
 * returns.
 */
int64_t adit_packets_in(uint64_t handle, const struct adit_packet *packets, size_t count);

/* ---- A session ------------------------------------------------------------------------------------------------------ */

struct adit_session;
typedef struct adit_session adit_session;

/* Counters since the session was made. */
struct adit_stats {
    uint64_t connected; /* 1 while packets pass, else 0 */
    uint64_t packets_sent;
    uint64_t bytes_sent;
    uint64_t packets_received;
    uint64_t bytes_received;
    uint64_t packets_not_sent;
    uint64_t datagrams_discarded;
    uint64_t datagrams_unsent;
    uint64_t packets_undelivered;
};

/*
 * Judges a profile (the bytes of a .mobileconfig file) and begins to connect; gives the session, to be freed with
 * adit_session_free. `options` is null or an object in JSON, all of whose members may be left out:
 *   payload             which VPN of the profile: a PayloadUUID, or its place in PayloadContent as a text
 *   username, password  replace the profile's
 *   identity_password   of the profile's PKCS#12 file
 *   key_reference       the caller's name for a private key that the system keeps: the question "sign" brings it back
 *   key_certificates    that key's certificates, DER, its own first: a list of arrays of numbers
 *   host                {"protects_sockets":..,"resolves_names":..,"judges_chains":..,"asks_password":..}: the questions
 *                       that are answered; others are not asked (all false)
 *   overrides           {"port":500,"nat_port":4500,"ike_lifetime":..,"child_lifetime":..,"liveness":..,
 *                       "idle":..,"fragment_size":..,"reconnect":true,"log_messages":false}
 *   server_addresses    the server's addresses, where the caller has resolved its name already: a list of texts
 * docs/c-abi.md has every member of every object, with type, default and meaning.
 */
int32_t adit_session_new(const uint8_t *profile, size_t len, const char *options, adit_session **session, char **error);

/*
 * Waits so many milliseconds for an event: ADIT_EVENT and an object in JSON whose member "event" names it ("connecting",
 * "ask", "up", "warning", "rekeyed", "path_changed", "reasserting", "detail", "idle", "closed"), or ADIT_OK. Nothing
 * follows "closed".
 */
int32_t adit_session_wait_event(const adit_session *session, uint32_t timeout_ms, char **event);

/*
 * Answers a question ("ask"), which its member "ask" names:
 *   protect_socket  {"fd":..}                                           done
 *   resolve_name    {"host":..}                                         addresses
 *   password        {"username":..,"attempt":..,"refusal":..}           password
 *   sign            {"key":..,"scheme":"ecdsa-sha256","message":[..]}   signature
 *   judge_chain     {"certificates":[[..]],"identity":..}               done
 * with {"answer":"done"}, {"answer":"addresses","list":[..]}, {"answer":"password","username":..,"password":..} or
 * {"answer":"signature","bytes":[..]}; every question also with {"answer":"refused","reason":..}.
 */
int32_t adit_session_answer(const adit_session *session, uint64_t token, const char *answer, char **error);

/*
 * Uses a TUN: duplicates the descriptor and makes it non-blocking; the caller may close its own. `utun` is not 0 where each
 * packet has four bytes of address family in front. Again: the new one is in use before the old one is closed.
 */
int32_t adit_session_attach_tun(const adit_session *session, int32_t fd, int32_t utun, char **error);

/* Uses packets in batches instead; gives a handle, good until the session is freed or another device attached. */
int32_t adit_session_attach_packets(const adit_session *session, uint64_t *handle, char **error);

/*
 * Tells of the physical network: null if there is none, else {"handle":..,"interface":..,"kind":"wifi"|"cellular"|
 * "ethernet"|"other","addresses":[..],"dns":[..],"search_domains":[..],"ssid":..,"metered":..}.
 */
int32_t adit_session_network_changed(const adit_session *session, const char *network, char **error);

/* The system is about to sleep; is awake again. */
int32_t adit_session_sleep(const adit_session *session);
int32_t adit_session_wake(const adit_session *session);

/* The counters. Waits for fresh ones, a fifth of a second at most. */
int32_t adit_session_stats(const adit_session *session, struct adit_stats *stats);

/* The last lines of the log of all sessions, at most 64 KiB, with secrets masked. */
int32_t adit_session_log_tail(const adit_session *session, char **tail);

/* Ends the tunnel: the server is told, within a second at most; returns when it is over. */
int32_t adit_session_stop(const adit_session *session);

/* Frees the session; one that was not stopped is, without waiting for it. Null is allowed. */
void adit_session_free(adit_session *session);

#ifdef __cplusplus
}
#endif

#endif
