//! A message with every kind of payload, for round trips, truncations and mutations.

use adit_crypto::{DhGroup, EncrId, IntegId, PrfId};

use crate::test_support::hex;
use crate::wire::*;

/// The payloads an IKE message can have in the clear or inside SK, each kind at least once.
pub(super) fn payloads() -> Vec<Payload> {
    let dn = hex(
        "3047310b30090603550406130255533110300e060355040a1307416e64726f6964312630240603550403131d736d616c6c2e7365727665722e746573742e616e64726f69642e6e6574",
    );
    vec![
        Payload::Sa(security_association()),
        Payload::Ke(KeyExchange { group: DhGroup::ECP_256, data: vec![7; 64] }),
        Payload::Nonce(Nonce(vec![9; 32])),
        Payload::IdI(Identification::new(IdType::RFC822_ADDR, "user@example.org")),
        Payload::IdR(Identification::new(IdType::DER_ASN1_DN, dn)),
        Payload::Cert(Certificate { encoding: CertEncoding::X509_SIGNATURE, data: vec![0x30, 0x00] }),
        Payload::CertReq(CertificateRequest {
            encoding: CertEncoding::X509_SIGNATURE,
            authorities: vec![3; 40],
        }),
        Payload::Auth(Authentication { method: AuthMethod::DIGITAL_SIGNATURE, data: vec![1; 70] }),
        Payload::Notify(Notify::about_esp(NotifyType::REKEY_SA, 0xc0ff_ee00)),
        Payload::Notify(Notify::new(NotifyType::COOKIE, vec![5; 20])),
        Payload::Notify(Notify::status(NotifyType::MOBIKE_SUPPORTED)),
        Payload::Delete(Delete::esp([1, 2, 3])),
        Payload::Delete(Delete::ike_sa()),
        Payload::VendorId(VendorId(b"adit".to_vec())),
        Payload::TsI(TrafficSelectors {
            selectors: vec![
                Selector::Ip(IpSelector::addresses([0; 4].into(), [255; 4].into())),
                Selector::Unknown { ts_type: TsType::FC_ADDR_RANGE, protocol: 0, data: vec![0; 16] },
            ],
        }),
        Payload::TsR(TrafficSelectors {
            selectors: vec![Selector::Ip(IpSelector {
                protocol: 17,
                start_port: 53,
                end_port: 53,
                start: [0; 16].into(),
                end: [255; 16].into(),
            })],
        }),
        Payload::Cp(configuration()),
        Payload::Eap(Eap(vec![1, 2, 0, 5, 1])),
        Payload::Unknown { payload_type: PayloadType(200), data: vec![1, 2, 3] },
    ]
}

fn security_association() -> SecurityAssociation {
    let ike = vec![
        Transform::with_key_length(TransformType::ENCR, EncrId::AES_GCM_16.0, 256),
        Transform::new(TransformType::ENCR, EncrId::CHACHA20_POLY1305.0),
        Transform::new(TransformType::PRF, PrfId::HMAC_SHA2_256.0),
        Transform::new(TransformType::KE, DhGroup::ECP_256.0),
    ];
    let esp = vec![
        Transform::with_key_length(TransformType::ENCR, EncrId::AES_CBC.0, 128),
        Transform::new(TransformType::INTEG, IntegId::HMAC_SHA2_256_128.0),
        Transform::new(TransformType::ESN, 0),
        // A type and an attribute nobody knows.
        Transform { transform_type: TransformType(99), id: 7, raw_attributes: hex("00aa0003010203") },
    ];
    SecurityAssociation {
        proposals: vec![
            Proposal { number: 1, protocol: ProtocolId::IKE, spi: vec![8; 8], transforms: ike },
            Proposal { number: 2, protocol: ProtocolId::ESP, spi: vec![4; 4], transforms: esp },
            Proposal { number: 3, protocol: ProtocolId(77), spi: vec![], transforms: vec![] },
        ],
    }
}

fn configuration() -> Configuration {
    use ConfigAttributeType as Type;
    let v6 = "2001:db8::7".parse().unwrap();
    Configuration {
        config_type: ConfigType::REPLY,
        attributes: vec![
            ConfigAttribute::ip4(Type::INTERNAL_IP4_ADDRESS, [10, 0, 0, 7].into()),
            ConfigAttribute::ip4_netmask(24),
            ConfigAttribute::ip4_subnet([192, 168, 0, 0].into(), 16),
            ConfigAttribute::ip6_prefix(Type::INTERNAL_IP6_ADDRESS, v6, 64),
            ConfigAttribute::ip6(Type::INTERNAL_IP6_DNS, v6),
            ConfigAttribute::dns_domain("corp.example"),
            ConfigAttribute::empty(Type::APPLICATION_VERSION),
        ],
    }
}

/// A message in the clear with all of them.
pub(super) fn message() -> Message {
    let header = Header::new(
        IkeSpi([1; 8]),
        IkeSpi([2; 8]),
        ExchangeType::IKE_AUTH,
        Flags::request(Role::Initiator),
        1,
    );
    Message { header, payloads: payloads() }
}

/// An outer message with SK and one with SKF.
pub(super) fn encrypted_messages() -> [Message; 2] {
    let header = message().header;
    let sk = Payload::Sk(Encrypted { first: PayloadType::IDI, body: vec![6; 60] });
    let skf =
        Payload::Skf(EncryptedFragment { first: PayloadType::NONE, number: 2, total: 3, body: vec![6; 60] });
    [Message { header, payloads: vec![sk] }, Message { header, payloads: vec![skf] }]
}
