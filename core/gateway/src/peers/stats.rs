//! Counters of a gateway.

/// What happened since the gateway was made, and what it holds now. What each client sent and received is in
/// [`super::Gateway::client_stats`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct GatewayStats {
    /// Authenticated clients now.
    pub clients: usize,
    /// Unfinished handshakes now.
    pub half_open: usize,
    /// IKE_SA_INIT requests that were answered with a key exchange.
    pub handshakes: u64,
    /// Clients that were authenticated.
    pub connected: u64,
    /// IKE_SA_INIT requests answered with a demand for a cookie.
    pub cookies_demanded: u64,
    /// IKE_SA_INIT requests refused with an answer: no proposal in common, another group, another version.
    pub refused: u64,
    /// IKE_SA_INIT requests dropped because there are as many unfinished handshakes as allowed.
    pub busy: u64,
    /// Messages and packets for no client: unknown SPIs, malformed datagrams.
    pub noise: u64,
    /// Messages and packets that a client's tunnel refused; [`super::Gateway::client_stats`] has the causes.
    pub discarded: u64,
    /// Inner packets of clients for the gateway's own outer address.
    pub into_itself: u64,
    /// Inner packets for an address no client holds.
    pub unrouted: u64,
    /// Events dropped because the host did not take them.
    pub events_lost: u64,
    /// Datagrams dropped because the host did not take them.
    pub transmits_lost: u64,
}
