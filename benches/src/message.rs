//! IKE messages of usual shape.

use adit_crypto::{DhGroup, EncrId, IntegId, PrfId};
use adit_ike::wire::{
    AuthMethod, Authentication, CertEncoding, Certificate, ConfigAttributeType, Configuration, ExchangeType,
    Flags, Header, IdType, Identification, IkeSpi, IpSelector, KeyExchange, Message, Nonce, Notify,
    NotifyType, Payload, Proposal, ProtocolId, Role, SecurityAssociation, Selector, TrafficSelectors,
    Transform, TransformType,
};

/// An IKE_SA_INIT request with two proposals, as a phone sends it.
#[must_use]
pub fn sa_init() -> Message {
    let flags = Flags::request(Role::Initiator);
    let header = Header::new(IkeSpi([0xc1; 8]), IkeSpi::ZERO, ExchangeType::IKE_SA_INIT, flags, 0);
    let proposal =
        |number, transforms| Proposal { number, protocol: ProtocolId::IKE, spi: Vec::new(), transforms };
    let aead = vec![
        Transform::with_key_length(TransformType::ENCR, EncrId::AES_GCM_16.0, 256),
        Transform::with_key_length(TransformType::ENCR, EncrId::AES_GCM_16.0, 128),
        Transform::new(TransformType::PRF, PrfId::HMAC_SHA2_384.0),
        Transform::new(TransformType::PRF, PrfId::HMAC_SHA2_256.0),
        Transform::new(TransformType::KE, DhGroup::CURVE25519.0),
        Transform::new(TransformType::KE, DhGroup::ECP_256.0),
    ];
    let cbc = vec![
        Transform::with_key_length(TransformType::ENCR, EncrId::AES_CBC.0, 256),
        Transform::new(TransformType::INTEG, IntegId::HMAC_SHA2_256_128.0),
        Transform::new(TransformType::PRF, PrfId::HMAC_SHA2_256.0),
        Transform::new(TransformType::KE, DhGroup::MODP_2048.0),
    ];
    let hashes: Vec<u8> = [2_u16, 3, 4, 5].iter().flat_map(|hash| hash.to_be_bytes()).collect();
    let payloads = vec![
        Payload::Sa(SecurityAssociation { proposals: vec![proposal(1, aead), proposal(2, cbc)] }),
        Payload::Ke(KeyExchange { group: DhGroup::CURVE25519, data: vec![0x55; 32] }),
        Payload::Nonce(Nonce(vec![0x77; 32])),
        Payload::Notify(Notify::new(NotifyType::NAT_DETECTION_SOURCE_IP, vec![1; 20])),
        Payload::Notify(Notify::new(NotifyType::NAT_DETECTION_DESTINATION_IP, vec![2; 20])),
        Payload::Notify(Notify::status(NotifyType::FRAGMENTATION_SUPPORTED)),
        Payload::Notify(Notify::new(NotifyType::SIGNATURE_HASH_ALGORITHMS, hashes)),
    ];
    Message { header, payloads }
}

/// What an IKE_AUTH request holds inside its Encrypted payload, with a certificate of 900 bytes.
#[must_use]
pub fn auth_payloads() -> Vec<Payload> {
    let any = || TrafficSelectors {
        selectors: vec![
            Selector::Ip(IpSelector::addresses([0; 4].into(), [255; 4].into())),
            Selector::Ip(IpSelector::addresses([0; 16].into(), [255; 16].into())),
        ],
    };
    let esp = Proposal {
        number: 1,
        protocol: ProtocolId::ESP,
        spi: vec![0xc0, 1, 2, 3],
        transforms: vec![
            Transform::with_key_length(TransformType::ENCR, EncrId::AES_GCM_16.0, 128),
            Transform::new(TransformType::ESN, 0),
        ],
    };
    vec![
        Payload::IdI(Identification::new(IdType::RFC822_ADDR, "client@bench.test")),
        Payload::Cert(Certificate { encoding: CertEncoding::X509_SIGNATURE, data: vec![0x30; 900] }),
        Payload::IdR(Identification::new(IdType::FQDN, "vpn.bench.test")),
        Payload::Auth(Authentication { method: AuthMethod::DIGITAL_SIGNATURE, data: vec![1; 280] }),
        Payload::Cp(Configuration::request(&[
            ConfigAttributeType::INTERNAL_IP4_ADDRESS,
            ConfigAttributeType::INTERNAL_IP4_DNS,
            ConfigAttributeType::INTERNAL_IP6_ADDRESS,
        ])),
        Payload::Sa(SecurityAssociation { proposals: vec![esp] }),
        Payload::TsI(any()),
        Payload::TsR(any()),
    ]
}
