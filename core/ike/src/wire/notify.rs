//! Notify payload (RFC 7296 3.10) and its types (RFC 7296 3.10.1 and the extensions named below).

use std::fmt;

use super::error::ParseError;
use super::opaque::Length;
use super::reader::Reader;
use super::registry::registry;
use super::security_association::ProtocolId;
use super::writer::Writer;

registry! {
    /// Notify Message Type. Below 16384 an error, from there on a status.
    NotifyType(u16) {
        /// An unknown payload was marked critical; the data names its type.
        UNSUPPORTED_CRITICAL_PAYLOAD = 1, "UNSUPPORTED_CRITICAL_PAYLOAD";
        /// No IKE SA has this SPI.
        INVALID_IKE_SPI = 4, "INVALID_IKE_SPI";
        /// The major version is not supported.
        INVALID_MAJOR_VERSION = 5, "INVALID_MAJOR_VERSION";
        /// A message is malformed.
        INVALID_SYNTAX = 7, "INVALID_SYNTAX";
        /// A Message ID is outside the window.
        INVALID_MESSAGE_ID = 9, "INVALID_MESSAGE_ID";
        /// An ESP or AH packet had an unknown SPI.
        INVALID_SPI = 11, "INVALID_SPI";
        /// No proposal was acceptable.
        NO_PROPOSAL_CHOSEN = 14, "NO_PROPOSAL_CHOSEN";
        /// The KE payload is of another group than the one in the data.
        INVALID_KE_PAYLOAD = 17, "INVALID_KE_PAYLOAD";
        /// Authentication failed.
        AUTHENTICATION_FAILED = 24, "AUTHENTICATION_FAILED";
        /// Only a single address pair is acceptable as Traffic Selectors.
        SINGLE_PAIR_REQUIRED = 34, "SINGLE_PAIR_REQUIRED";
        /// No further Child SA will be made.
        NO_ADDITIONAL_SAS = 35, "NO_ADDITIONAL_SAS";
        /// No internal address could be assigned.
        INTERNAL_ADDRESS_FAILURE = 36, "INTERNAL_ADDRESS_FAILURE";
        /// A Configuration payload was required.
        FAILED_CP_REQUIRED = 37, "FAILED_CP_REQUIRED";
        /// None of the Traffic Selectors is acceptable.
        TS_UNACCEPTABLE = 38, "TS_UNACCEPTABLE";
        /// A packet did not fit the selectors of its SA.
        INVALID_SELECTORS = 39, "INVALID_SELECTORS";
        /// The addresses of UPDATE_SA_ADDRESSES are refused (RFC 4555).
        UNACCEPTABLE_ADDRESSES = 40, "UNACCEPTABLE_ADDRESSES";
        /// A NAT stands where NO_NATS_ALLOWED forbids it (RFC 4555).
        UNEXPECTED_NAT_DETECTED = 41, "UNEXPECTED_NAT_DETECTED";
        /// Use another home address (RFC 5026).
        USE_ASSIGNED_HOA = 42, "USE_ASSIGNED_HoA";
        /// The request cannot be served now; try again.
        TEMPORARY_FAILURE = 43, "TEMPORARY_FAILURE";
        /// The Child SA to be rekeyed does not exist.
        CHILD_SA_NOT_FOUND = 44, "CHILD_SA_NOT_FOUND";
        /// Group policy refuses the request.
        INVALID_GROUP_ID = 45, "INVALID_GROUP_ID";
        /// Group key management refuses the authorization.
        AUTHORIZATION_FAILED = 46, "AUTHORIZATION_FAILED";
        /// The state named does not exist (RFC 9370).
        STATE_NOT_FOUND = 47, "STATE_NOT_FOUND";
        /// No more per-resource Child SAs (RFC 9611).
        TS_MAX_QUEUE = 48, "TS_MAX_QUEUE";

        /// The sender knows of no other IKE SA between these identities.
        INITIAL_CONTACT = 16384, "INITIAL_CONTACT";
        /// How many requests may be outstanding.
        SET_WINDOW_SIZE = 16385, "SET_WINDOW_SIZE";
        /// Narrowing left out selectors that could be had in another Child SA.
        ADDITIONAL_TS_POSSIBLE = 16386, "ADDITIONAL_TS_POSSIBLE";
        /// IPComp is supported.
        IPCOMP_SUPPORTED = 16387, "IPCOMP_SUPPORTED";
        /// Hash of the sender's SPIs, address and port.
        NAT_DETECTION_SOURCE_IP = 16388, "NAT_DETECTION_SOURCE_IP";
        /// Hash of the SPIs and the address and port sent to.
        NAT_DETECTION_DESTINATION_IP = 16389, "NAT_DETECTION_DESTINATION_IP";
        /// Repeat the request with this cookie.
        COOKIE = 16390, "COOKIE";
        /// Transport mode is wanted.
        USE_TRANSPORT_MODE = 16391, "USE_TRANSPORT_MODE";
        /// Certificates may be given as hash and URL.
        HTTP_CERT_LOOKUP_SUPPORTED = 16392, "HTTP_CERT_LOOKUP_SUPPORTED";
        /// The SA with this SPI is replaced.
        REKEY_SA = 16393, "REKEY_SA";
        /// No traffic flow confidentiality padding, please.
        ESP_TFC_PADDING_NOT_SUPPORTED = 16394, "ESP_TFC_PADDING_NOT_SUPPORTED";
        /// Fragments behind the first go into the same SA.
        NON_FIRST_FRAGMENTS_ALSO = 16395, "NON_FIRST_FRAGMENTS_ALSO";
        /// MOBIKE is supported (RFC 4555).
        MOBIKE_SUPPORTED = 16396, "MOBIKE_SUPPORTED";
        /// Another IPv4 address of the sender (RFC 4555).
        ADDITIONAL_IP4_ADDRESS = 16397, "ADDITIONAL_IP4_ADDRESS";
        /// Another IPv6 address of the sender (RFC 4555).
        ADDITIONAL_IP6_ADDRESS = 16398, "ADDITIONAL_IP6_ADDRESS";
        /// The sender has no other address (RFC 4555).
        NO_ADDITIONAL_ADDRESSES = 16399, "NO_ADDITIONAL_ADDRESSES";
        /// Move the SAs to the addresses of this packet (RFC 4555).
        UPDATE_SA_ADDRESSES = 16400, "UPDATE_SA_ADDRESSES";
        /// Return routability check (RFC 4555).
        COOKIE2 = 16401, "COOKIE2";
        /// The addresses must not be translated (RFC 4555).
        NO_NATS_ALLOWED = 16402, "NO_NATS_ALLOWED";
        /// Seconds until reauthentication is due (RFC 4478).
        AUTH_LIFETIME = 16403, "AUTH_LIFETIME";
        /// Several authentication rounds are supported (RFC 4739).
        MULTIPLE_AUTH_SUPPORTED = 16404, "MULTIPLE_AUTH_SUPPORTED";
        /// Another authentication round follows (RFC 4739).
        ANOTHER_AUTH_FOLLOWS = 16405, "ANOTHER_AUTH_FOLLOWS";
        /// Redirection is supported (RFC 5685).
        REDIRECT_SUPPORTED = 16406, "REDIRECT_SUPPORTED";
        /// Go to another gateway (RFC 5685).
        REDIRECT = 16407, "REDIRECT";
        /// Which gateway redirected the sender (RFC 5685).
        REDIRECTED_FROM = 16408, "REDIRECTED_FROM";
        /// A ticket and its lifetime (RFC 5723).
        TICKET_LT_OPAQUE = 16409, "TICKET_LT_OPAQUE";
        /// A ticket is asked for (RFC 5723).
        TICKET_REQUEST = 16410, "TICKET_REQUEST";
        /// The ticket was accepted (RFC 5723).
        TICKET_ACK = 16411, "TICKET_ACK";
        /// The ticket was refused (RFC 5723).
        TICKET_NACK = 16412, "TICKET_NACK";
        /// A ticket (RFC 5723).
        TICKET_OPAQUE = 16413, "TICKET_OPAQUE";
        /// Link of an IPv6 configuration (RFC 5739).
        LINK_ID = 16414, "LINK_ID";
        /// The proposal was chosen without WESP (RFC 5840).
        USE_WESP_MODE = 16415, "USE_WESP_MODE";
        /// Robust header compression (RFC 5857).
        ROHC_SUPPORTED = 16416, "ROHC_SUPPORTED";
        /// Authentication by EAP alone is wanted (RFC 5998).
        EAP_ONLY_AUTHENTICATION = 16417, "EAP_ONLY_AUTHENTICATION";
        /// An IKE SA without a Child SA may be made (RFC 6023).
        CHILDLESS_IKEV2_SUPPORTED = 16418, "CHILDLESS_IKEV2_SUPPORTED";
        /// Quick crash detection token (RFC 6290).
        QUICK_CRASH_DETECTION = 16419, "QUICK_CRASH_DETECTION";
        /// Message ID synchronisation is supported (RFC 6311).
        IKEV2_MESSAGE_ID_SYNC_SUPPORTED = 16420, "IKEV2_MESSAGE_ID_SYNC_SUPPORTED";
        /// Replay counter synchronisation is supported (RFC 6311).
        IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED = 16421, "IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED";
        /// Message IDs to go on with (RFC 6311).
        IKEV2_MESSAGE_ID_SYNC = 16422, "IKEV2_MESSAGE_ID_SYNC";
        /// Replay counters to go on with (RFC 6311).
        IPSEC_REPLAY_COUNTER_SYNC = 16423, "IPSEC_REPLAY_COUNTER_SYNC";
        /// Secure password methods (RFC 6467).
        SECURE_PASSWORD_METHODS = 16424, "SECURE_PASSWORD_METHODS";
        /// IKE fragmentation is supported (RFC 7383).
        FRAGMENTATION_SUPPORTED = 16430, "FRAGMENTATION_SUPPORTED";
        /// Hashes the sender can verify signatures with (RFC 7427).
        SIGNATURE_HASH_ALGORITHMS = 16431, "SIGNATURE_HASH_ALGORITHMS";
        /// A Child SA may be cloned (RFC 7791).
        CLONE_IKE_SA_SUPPORTED = 16432, "CLONE_IKE_SA_SUPPORTED";
        /// Clone the IKE SA (RFC 7791).
        CLONE_IKE_SA = 16433, "CLONE_IKE_SA";
        /// A puzzle to solve (RFC 8019).
        PUZZLE = 16434, "PUZZLE";
        /// Post-quantum preshared keys are supported (RFC 8784).
        USE_PPK = 16435, "USE_PPK";
        /// Which PPK (RFC 8784).
        PPK_IDENTITY = 16436, "PPK_IDENTITY";
        /// AUTH made without a PPK (RFC 8784).
        NO_PPK_AUTH = 16437, "NO_PPK_AUTH";
        /// IKE_INTERMEDIATE is supported (RFC 9242).
        INTERMEDIATE_EXCHANGE_SUPPORTED = 16438, "INTERMEDIATE_EXCHANGE_SUPPORTED";
        /// IPv4 addresses may be had (RFC 8983).
        IP4_ALLOWED = 16439, "IP4_ALLOWED";
        /// IPv6 addresses may be had (RFC 8983).
        IP6_ALLOWED = 16440, "IP6_ALLOWED";
        /// An additional key exchange follows (RFC 9370).
        ADDITIONAL_KEY_EXCHANGE = 16441, "ADDITIONAL_KEY_EXCHANGE";
        /// Aggregation and fragmentation mode (RFC 9347).
        USE_AGGFRAG = 16442, "USE_AGGFRAG";
        /// Authentication methods the sender supports (RFC 9593).
        SUPPORTED_AUTH_METHODS = 16443, "SUPPORTED_AUTH_METHODS";
        /// Per-resource Child SA information (RFC 9611).
        SA_RESOURCE_INFO = 16444, "SA_RESOURCE_INFO";
        /// PPK in IKE_INTERMEDIATE is supported (RFC 9867).
        USE_PPK_INT = 16445, "USE_PPK_INT";
        /// Which PPK, with proof (RFC 9867).
        PPK_IDENTITY_KEY = 16446, "PPK_IDENTITY_KEY";
    }
}

impl NotifyType {
    /// True if it reports an error (RFC 7296 3.10.1); an unknown one in a response fails the exchange, an
    /// unknown status is ignored.
    #[must_use]
    pub const fn is_error(self) -> bool {
        self.0 < 16_384
    }
}

/// Notify payload. `Debug` shows the length of the data only.
#[derive(Clone, Eq, PartialEq)]
pub struct Notify {
    /// Protocol of the SA in [`Self::spi`]; [`ProtocolId::NONE`] if there is no SPI. Kept as received.
    pub protocol: ProtocolId,
    /// What is notified.
    pub notify_type: NotifyType,
    /// SPI of the SA that is meant; empty for the IKE SA. Any length when received: see [`Self::esp_spi`].
    pub spi: Vec<u8>,
    /// Notification Data.
    pub data: Vec<u8>,
}

impl Notify {
    /// A notification about the IKE SA or none, with data.
    #[must_use]
    pub fn new(notify_type: NotifyType, data: impl Into<Vec<u8>>) -> Self {
        Self { protocol: ProtocolId::NONE, notify_type, spi: Vec::new(), data: data.into() }
    }

    /// A notification about the IKE SA or none, without data.
    #[must_use]
    pub fn status(notify_type: NotifyType) -> Self {
        Self::new(notify_type, Vec::new())
    }

    /// A notification about the ESP SA with this SPI.
    #[must_use]
    pub fn about_esp(notify_type: NotifyType, spi: u32) -> Self {
        Self { protocol: ProtocolId::ESP, notify_type, spi: spi.to_be_bytes().to_vec(), data: Vec::new() }
    }

    /// The SPI, if the protocol is ESP and it has its length.
    #[must_use]
    pub fn esp_spi(&self) -> Option<u32> {
        if self.protocol != ProtocolId::ESP {
            return None;
        }
        <[u8; 4]>::try_from(self.spi.as_slice()).ok().map(u32::from_be_bytes)
    }

    /// The data as one 16-bit number, as in INVALID_KE_PAYLOAD.
    #[must_use]
    pub fn data_u16(&self) -> Option<u16> {
        <[u8; 2]>::try_from(self.data.as_slice()).ok().map(u16::from_be_bytes)
    }

    /// The data as a list of 16-bit numbers, as in SIGNATURE_HASH_ALGORITHMS; a last single octet is left out.
    pub fn data_u16_list(&self) -> impl Iterator<Item = u16> {
        self.data.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair))
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let protocol = ProtocolId(reader.u8()?);
        let spi_size = usize::from(reader.u8()?);
        let notify_type = NotifyType(reader.u16()?);
        let spi = reader.take(spi_size)?.to_vec();
        Ok(Self { protocol, notify_type, spi, data: reader.take_rest().to_vec() })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u8(self.protocol.0);
        writer.count_u8("SPI", self.spi.len());
        writer.u16(self.notify_type.0);
        writer.bytes(&self.spi);
        writer.bytes(&self.data);
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify")
            .field("protocol", &self.protocol)
            .field("notify_type", &self.notify_type)
            .field("spi", &self.spi)
            .field("data", &Length(&self.data))
            .finish()
    }
}
