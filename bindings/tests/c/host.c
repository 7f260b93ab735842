/*
 * A small host without a TUN: makes a session from a profile, sends packets in batches at a steady pace, counts those that
 * come back, and says how much memory the process had at most.
 *
 *   host PROFILE OVERRIDES PACKETS_PER_SECOND SECONDS
 *
 * The tunnel's other end is expected to send each packet back (adit-test-gateway does). Exit code 0 if the tunnel came up
 * and at least nine of ten packets came back.
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adit.h"

#define BATCH 32
#define LENGTH 1200

struct counters {
    uint64_t packets;
    uint64_t wrong;
};

static size_t take(void *context, const struct adit_packet *packets, size_t count)
{
    struct counters *counters = context;
    for (size_t at = 0; at < count; at++) {
        if (packets[at].len != LENGTH || (packets[at].data[0] >> 4) != 4)
            counters->wrong++;
    }
    counters->packets += count;
    return count;
}

/* KiB that were resident at most. Not ru_maxrss, which counts the program that started this one, too. */
static long peak_resident(void)
{
    char line[256];
    long found = -1;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %ld kB", &found) == 1)
            break;
    if (status)
        fclose(status);
    return found;
}

static void fail(const char *what, int32_t code, char *error)
{
    fprintf(stderr, "%s: %d %s\n", what, (int)code, error ? error : "");
    adit_string_free(error);
    exit(1);
}

/* An address such as "10.99.0.2/32" behind a member's name, as four bytes. */
static int address(const char *json, const char *member, uint8_t out[4])
{
    const char *at = strstr(json, member);
    unsigned a, b, c, d;
    if (!at || sscanf(at + strlen(member), "%u.%u.%u.%u", &a, &b, &c, &d) != 4)
        return 0;
    out[0] = (uint8_t)a, out[1] = (uint8_t)b, out[2] = (uint8_t)c, out[3] = (uint8_t)d;
    return 1;
}

static void make(uint8_t *packet, const uint8_t from[4])
{
    static const uint8_t to[4] = {10, 98, 0, 7};
    uint32_t sum = 0;
    memset(packet, 0, LENGTH);
    packet[0] = 0x45, packet[2] = LENGTH >> 8, packet[3] = LENGTH & 0xff, packet[8] = 64, packet[9] = 17;
    memcpy(packet + 12, from, 4);
    memcpy(packet + 16, to, 4);
    for (int at = 0; at < 20; at += 2)
        sum += (uint32_t)(packet[at] << 8 | packet[at + 1]);
    sum = ~((sum & 0xffff) + (sum >> 16));
    packet[10] = (uint8_t)(sum >> 8), packet[11] = (uint8_t)sum;
    packet[20] = 0x30, packet[21] = 0x39, packet[23] = 7;
    packet[24] = (LENGTH - 20) >> 8, packet[25] = (LENGTH - 20) & 0xff;
}

int main(int argc, char **argv)
{
    static uint8_t profile[256 * 1024];
    static uint8_t data[BATCH][LENGTH];
    char options[512];
    char *error = NULL, *event = NULL;
    adit_session *session = NULL;
    struct adit_packet batch[BATCH];
    struct counters counters = {0, 0};
    struct adit_stats stats;
    uint64_t handle = 0, sent = 0, wanted;
    struct timespec began, ended;
    double took;
    uint8_t inner[4];
    int32_t code;
    size_t len;
    FILE *file;

    if (argc != 5 || adit_abi_version() != ADIT_ABI_VERSION)
        return 2;
    file = fopen(argv[1], "rb");
    if (!file)
        return 2;
    len = fread(profile, 1, sizeof profile, file);
    fclose(file);
    /* Its name nobody resolves. */
    snprintf(options, sizeof options, "{\"overrides\":%s,\"server_addresses\":[\"127.0.0.1\"]}", argv[2]);

    /* What must be refused is, and says why. */
    if (adit_session_new(profile, len, "{\"pasword\":\"x\"}", &session, &error) != ADIT_USAGE || !error
        || !strstr(error, "pasword"))
        fail("a misspelt option was taken", 0, error);
    adit_string_free(error);
    error = NULL;
    if (adit_packets_in(12345, NULL, 0) != ADIT_USAGE || adit_session_stop(NULL) != ADIT_USAGE)
        return 3;

    code = adit_session_new(profile, len, options, &session, &error);
    if (code != ADIT_OK)
        fail("no session", code, error);
    code = adit_session_attach_packets(session, &handle, &error);
    if (code != ADIT_OK)
        fail("no handle", code, error);
    code = adit_packets_register(handle, take, &counters);
    if (code != ADIT_OK)
        fail("not registered", code, NULL);
    for (;;) {
        code = adit_session_wait_event(session, 10000, &event);
        if (code != ADIT_EVENT)
            fail("the tunnel did not come up", code, NULL);
        if (strstr(event, "\"event\":\"closed\""))
            fail("closed", 0, event);
        if (strstr(event, "\"event\":\"up\""))
            break;
        adit_string_free(event);
    }
    if (!address(event, "\"ipv4\":[\"", inner))
        fail("no inner address", 0, event);
    adit_string_free(event);
    if (adit_session_answer(session, 7, "{\"answer\":\"done\"}", NULL) != ADIT_USAGE)
        return 4;

    for (int at = 0; at < BATCH; at++) {
        make(data[at], inner);
        batch[at].data = data[at];
        batch[at].len = LENGTH;
    }
    wanted = strtoull(argv[3], NULL, 10) * strtoull(argv[4], NULL, 10);
    {
        uint64_t nanoseconds = 1000000000ull * BATCH / strtoull(argv[3], NULL, 10);
        struct timespec next;
        clock_gettime(CLOCK_MONOTONIC, &began);
        next = began;
        while (sent < wanted) {
            size_t given = 0;
            /* On a busy machine the tunnel may be late: what it does not take yet is given a moment later. */
            for (int tries = 0; given < BATCH; tries++) {
                struct timespec moment = {0, 1000000};
                int64_t taken = adit_packets_in(handle, batch + given, BATCH - given);
                if (taken < 0 || tries > 10000)
                    fail("packets were refused", (int32_t)taken, NULL);
                given += (size_t)taken;
                if (given < BATCH)
                    nanosleep(&moment, NULL);
            }
            sent += BATCH;
            next.tv_nsec += (long)(nanoseconds % 1000000000ull);
            next.tv_sec += (time_t)(nanoseconds / 1000000000ull);
            if (next.tv_nsec >= 1000000000L)
                next.tv_nsec -= 1000000000L, next.tv_sec++;
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    took = (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
    /* What is under way arrives: it is waited for until nothing came for three seconds. */
    for (int still = 0; still < 300 && counters.packets < sent; still++) {
        struct timespec moment = {0, 10000000};
        uint64_t before = counters.packets;
        nanosleep(&moment, NULL);
        if (counters.packets != before)
            still = 0;
    }
    if (adit_session_stats(session, &stats) != ADIT_OK || !stats.connected)
        return 5;
    if (adit_packets_register(handle, NULL, NULL) != ADIT_OK || adit_session_stop(session) != ADIT_OK)
        return 6;
    adit_session_free(session);
    if (adit_packets_in(handle, batch, BATCH) != ADIT_USAGE)
        return 7;
    printf("sent %" PRIu64 ", received %" PRIu64 ", wrong %" PRIu64 ", peak resident %ld KiB\n", sent, counters.packets,
           counters.wrong, peak_resident());
    printf("%.0f packets a second\n", (double)sent / took);
    printf("by the counters: sent %" PRIu64 " (not %" PRIu64 ", datagrams %" PRIu64 "), received %" PRIu64
           " (discarded %" PRIu64 ", undelivered %" PRIu64 ")\n",
           stats.packets_sent, stats.packets_not_sent, stats.datagrams_unsent, stats.packets_received,
           stats.datagrams_discarded, stats.packets_undelivered);
    return counters.wrong == 0 && counters.packets * 10 >= sent * 9 ? 0 : 8;
}
