//! Offers, choices and answers.

use adit_crypto::{CipherSpec, CryptoProvider, DhGroup, EncrId, IntegId, PrfId, default_provider};
use proptest::prelude::*;

use super::*;
use crate::test_support::{android, android_one, hex, vectors};
use crate::wire::*;

const GCM256: CipherSpec = CipherSpec::aes_gcm(256);
const GCM128: CipherSpec = CipherSpec::aes_gcm(128);
const CBC256: CipherSpec = CipherSpec::aes_cbc(256, IntegId::HMAC_SHA2_256_128);
const CBC128: CipherSpec = CipherSpec::aes_cbc(128, IntegId::HMAC_SHA2_256_128);
const CBC128_SHA1: CipherSpec = CipherSpec::aes_cbc(128, IntegId::HMAC_SHA1_96);
const CHACHA: CipherSpec = CipherSpec::chacha20_poly1305();

fn ike(ciphers: &[CipherSpec], prfs: &[PrfId], groups: &[DhGroup]) -> IkeProposal {
    IkeProposal { ciphers: ciphers.to_vec(), prfs: prfs.to_vec(), groups: groups.to_vec() }
}

fn esp(ciphers: &[CipherSpec], groups: &[DhGroup], esn: &[bool]) -> EspProposal {
    EspProposal { ciphers: ciphers.to_vec(), groups: groups.to_vec(), esn: esn.to_vec() }
}

fn simple(cipher: CipherSpec) -> IkeProposal {
    ike(&[cipher], &[PrfId::HMAC_SHA2_256], &[DhGroup::ECP_256])
}

fn choose(
    offer: &SecurityAssociation,
    ours: &[IkeProposal],
    sent: Option<DhGroup>,
) -> Result<Selected<IkeSuite>, Mismatch> {
    select_ike(offer, ours, &default_provider(), sent)
}

/// An SA payload with one IKE proposal of these transforms.
fn wire(transforms: Vec<Transform>) -> SecurityAssociation {
    let proposal = Proposal { number: 1, protocol: ProtocolId::IKE, spi: vec![], transforms };
    SecurityAssociation { proposals: vec![proposal] }
}

fn encr(id: EncrId, bits: u16) -> Transform {
    Transform::with_key_length(TransformType::ENCR, id.0, bits)
}

fn transform(transform_type: TransformType, id: u16) -> Transform {
    Transform::new(transform_type, id)
}

fn prf() -> Transform {
    transform(TransformType::PRF, PrfId::HMAC_SHA2_256.0)
}

fn group() -> Transform {
    transform(TransformType::KE, DhGroup::ECP_256.0)
}

#[test]
fn aead_and_other_ciphers_go_into_proposals_of_their_own() {
    let ours = ike(
        &[GCM256, CHACHA, CBC256, CBC128, CBC128_SHA1, GCM128],
        &[PrfId::HMAC_SHA2_256],
        &[DhGroup::ECP_256],
    );
    let offer = offer_ike(&[ours], &[]);
    let lines: Vec<String> = offer.proposals.iter().map(describe_proposal).collect();
    assert_eq!(
        lines,
        [
            "AES-GCM-16-256, ChaCha20-Poly1305 / PRF HMAC-SHA2-256 / ECP-256",
            "AES-CBC-256, AES-CBC-128 / HMAC-SHA2-256-128 / PRF HMAC-SHA2-256 / ECP-256",
            "AES-CBC-128 / HMAC-SHA1-96 / PRF HMAC-SHA2-256 / ECP-256",
            "AES-GCM-16-128 / PRF HMAC-SHA2-256 / ECP-256",
        ]
    );
    assert_eq!(offer.proposals.iter().map(|p| p.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let chacha = offer.proposals[0].transforms_of(TransformType::ENCR).nth(1).unwrap();
    assert_eq!(chacha.key_length(), Ok(None));
    let (_, octets) = encode_inner(&[Payload::Sa(offer.clone())]).unwrap();
    assert_eq!(parse_inner(PayloadType::SA, &octets).unwrap(), [Payload::Sa(offer)]);
}

#[test]
fn an_offer_is_what_other_implementations_send() {
    let Some(folder) = vectors("proposal: IkeSaPayloadTest") else { return };
    let octets = android_one(&android(&folder), "IkeSaPayloadTest", "INBOUND_CHILD_PROPOSAL_RAW_PACKET");
    let offer = offer_esp(&[esp(&[CBC128_SHA1], &[], &[false])], 0xcae7_019f);
    let (_, written) = encode_inner(&[Payload::Sa(offer)]).unwrap();
    assert_eq!(written[4..], octets);
}

#[test]
fn offer_select_and_accept_agree() {
    let provider = default_provider();
    let client = [simple(GCM256), ike(&[CBC256], &[PrfId::HMAC_SHA2_384], &[DhGroup::MODP_2048])];
    let server = [ike(
        &[CBC256, GCM256],
        &[PrfId::HMAC_SHA2_384, PrfId::HMAC_SHA2_256],
        &[DhGroup::MODP_2048, DhGroup::ECP_256],
    )];
    let offer = offer_ike(&client, &[5; 8]);
    let chosen = select_ike(&offer, &server, &provider, None).unwrap();
    let expected = IkeSuite { cipher: CBC256, prf: PrfId::HMAC_SHA2_384, group: DhGroup::MODP_2048 };
    assert_eq!((chosen.suite, chosen.proposal.number), (expected, 2));
    assert_eq!(chosen.proposal.ike_spi(), Some(IkeSpi([5; 8])));
    let answer = chosen.answer(&[6; 8]);
    let accepted = accept_ike(&answer, &offer).unwrap();
    assert_eq!((accepted.suite, accepted.proposal.ike_spi()), (expected, Some(IkeSpi([6; 8]))));
}

#[test]
fn the_responders_order_decides() {
    let offer = offer_ike(&[simple(GCM128), simple(CHACHA), simple(CBC256)], &[]);
    let ours = [ike(&[CBC256, CHACHA, GCM128], &[PrfId::HMAC_SHA2_256], &[DhGroup::ECP_256])];
    assert_eq!(choose(&offer, &ours, None).unwrap().suite.cipher, CBC256);
    let ours = [simple(CHACHA), simple(GCM128)];
    assert_eq!(choose(&offer, &ours, None).unwrap().suite.cipher, CHACHA);
}

#[test]
fn the_group_that_was_sent_is_taken_if_it_is_acceptable() {
    let groups = [DhGroup::CURVE25519, DhGroup::ECP_256, DhGroup::MODP_2048];
    let all = ike(&[GCM256, CBC256], &[PrfId::HMAC_SHA2_256], &groups);
    let offer = offer_ike(std::slice::from_ref(&all), &[]);
    let group_for = |sent| choose(&offer, std::slice::from_ref(&all), sent).unwrap().suite.group;
    assert_eq!(group_for(None), DhGroup::CURVE25519);
    assert_eq!(group_for(Some(DhGroup::MODP_2048)), DhGroup::MODP_2048);
    assert_eq!(group_for(Some(DhGroup::ECP_384)), DhGroup::CURVE25519);
    assert_eq!(group_for(Some(DhGroup::NONE)), DhGroup::CURVE25519);

    // Apple's default offer: the same suites with two groups, in proposals of their own.
    let apple = offer_ike(
        &[
            ike(&[GCM256], &[PrfId::HMAC_SHA2_256], &[DhGroup::ECP_256]),
            ike(&[GCM256], &[PrfId::HMAC_SHA2_256], &[DhGroup::MODP_2048]),
            ike(&[CBC256], &[PrfId::HMAC_SHA2_256], &[DhGroup::ECP_256]),
            ike(&[CBC256], &[PrfId::HMAC_SHA2_256], &[DhGroup::MODP_2048]),
        ],
        &[],
    );
    let ours = [ike(&[GCM256, CBC256], &[PrfId::HMAC_SHA2_256], &[DhGroup::MODP_2048, DhGroup::ECP_256])];
    let chosen = choose(&apple, &ours, Some(DhGroup::ECP_256)).unwrap();
    assert_eq!(
        (chosen.suite.cipher, chosen.suite.group, chosen.proposal.number),
        (GCM256, DhGroup::ECP_256, 1)
    );
}

#[test]
fn a09_proposals_that_lack_something_or_mix_what_does_not_mix_are_not_chosen() {
    let gcm = || encr(EncrId::AES_GCM_16, 256);
    let cbc = || encr(EncrId::AES_CBC, 256);
    let integ = || transform(TransformType::INTEG, IntegId::HMAC_SHA2_256_128.0);
    let no_integ = || transform(TransformType::INTEG, 0);
    let ours = [ike(&[GCM256, CBC256], &[PrfId::HMAC_SHA2_256], &[DhGroup::ECP_256])];
    let chosen = |transforms| choose(&wire(transforms), &ours, None).map(|chosen| chosen.suite.cipher);
    assert_eq!(chosen(vec![gcm(), prf(), group()]), Ok(GCM256));
    assert_eq!(chosen(vec![gcm(), no_integ(), prf(), group()]), Ok(GCM256));
    assert_eq!(chosen(vec![cbc(), integ(), prf(), group()]), Ok(CBC256));
    let refused = [
        ("nothing", vec![]),
        ("no key exchange", vec![gcm(), prf()]),
        ("key exchange NONE", vec![gcm(), prf(), transform(TransformType::KE, 0)]),
        ("no PRF", vec![gcm(), group()]),
        ("no encryption", vec![prf(), group()]),
        ("integrity without encryption", vec![integ(), prf(), group()]),
        ("AEAD with integrity", vec![gcm(), integ(), prf(), group()]),
        ("CBC without integrity", vec![cbc(), prf(), group()]),
        ("CBC with integrity NONE", vec![cbc(), no_integ(), prf(), group()]),
        ("NULL encryption", vec![transform(TransformType::ENCR, 11), integ(), prf(), group()]),
        ("a transform type nobody knows", vec![gcm(), prf(), group(), transform(TransformType(99), 1)]),
        ("an additional key exchange", vec![gcm(), prf(), group(), transform(TransformType::ADDKE1, 36)]),
        (
            "sequence numbers in an IKE proposal",
            vec![gcm(), prf(), group(), transform(TransformType::ESN, 0)],
        ),
    ];
    for (why, transforms) in refused {
        let mismatch = chosen(transforms).unwrap_err();
        assert!(matches!(mismatch.reason, MismatchReason::NothingInCommon(_)), "{why}");
    }
    // AEAD and CBC in one proposal is refused by no rule as long as one pair fits.
    assert_eq!(chosen(vec![gcm(), cbc(), integ(), prf(), group()]), Ok(CBC256));
}

#[test]
fn a10_what_the_provider_lacks_is_not_chosen_and_not_offered() {
    let provider = default_provider();
    let xcbc = CipherSpec::aes_cbc(256, IntegId::AES_XCBC_96);
    let triple_des = CipherSpec { encr: EncrId::TRIPLE_DES, key_bits: 0, integ: IntegId::HMAC_SHA1_96 };
    let groups = [DhGroup(22), DhGroup(23), DhGroup(24), DhGroup::MODP_1024];
    for spec in [xcbc, triple_des] {
        assert!(provider.cipher(spec).is_none());
        let both = ike(&[spec, GCM128], &[PrfId::HMAC_SHA2_256], &[DhGroup::ECP_256]);
        let offer = offer_ike(std::slice::from_ref(&both), &[]);
        assert_eq!(choose(&offer, &[both], None).unwrap().suite.cipher, GCM128);
        let only = simple(spec);
        assert!(
            choose(&offer_ike(std::slice::from_ref(&only), &[]), std::slice::from_ref(&only), None).is_err()
        );
        assert!(!only.supported_by(&provider).is_usable());
    }
    for missing in groups {
        assert!(provider.key_exchange(missing).is_none(), "{missing}");
        let only = ike(&[GCM128], &[PrfId::HMAC_SHA2_256], &[missing]);
        let offer = offer_ike(std::slice::from_ref(&only), &[]);
        assert!(choose(&offer, &[only], Some(missing)).is_err());
    }
    let only = ike(&[GCM128], &[PrfId::AES128_XCBC], &[DhGroup::ECP_256]);
    assert!(choose(&offer_ike(std::slice::from_ref(&only), &[]), &[only], None).is_err());
    let empty = CryptoProvider { ciphers: &[], ..provider };
    let ours = [simple(GCM256)];
    assert!(select_ike(&offer_ike(&ours, &[]), &ours, &empty, None).is_err());
}

#[test]
fn a11_a_transform_with_bad_attributes_is_passed_over_and_others_are_considered() {
    let attributes = |text: &str| Transform { raw_attributes: hex(text), ..encr(EncrId::AES_GCM_16, 256) };
    let bad = [
        transform(TransformType::ENCR, EncrId::AES_GCM_16.0),
        encr(EncrId::AES_GCM_16, 0),
        encr(EncrId::AES_GCM_16, 1),
        encr(EncrId::AES_GCM_16, 65_535),
        attributes("000e00020100"),
        attributes("000effff"),
        attributes("800e0100800e0100"),
        attributes("800e010080110001"),
        encr(EncrId::CHACHA20_POLY1305, 256),
    ];
    let ours = [ike(&[GCM256, CHACHA, GCM128], &[PrfId::HMAC_SHA2_256], &[DhGroup::ECP_256])];
    for transform in bad {
        let alone = wire(vec![transform.clone(), prf(), group()]);
        assert!(choose(&alone, &ours, None).is_err(), "{transform:?}");
        let beside = wire(vec![transform.clone(), encr(EncrId::AES_GCM_16, 128), prf(), group()]);
        assert_eq!(choose(&beside, &ours, None).unwrap().suite.cipher, GCM128);
        let mut behind = wire(vec![transform, prf(), group()]);
        behind.proposals.push(Proposal { number: 2, ..beside.proposals[0].clone() });
        assert_eq!(choose(&behind, &ours, None).unwrap().proposal.number, 2);
    }
    // A PRF or group has no attributes.
    let odd = Transform { raw_attributes: hex("800e0100"), ..prf() };
    assert!(choose(&wire(vec![encr(EncrId::AES_GCM_16, 256), odd, group()]), &ours, None).is_err());
}

#[test]
fn a12_an_offer_starts_with_number_one() {
    let ours = [simple(GCM256)];
    let mut offer = offer_ike(&ours, &[]);
    offer.proposals[0].number = 2;
    assert_eq!(choose(&offer, &ours, None).unwrap_err().reason, MismatchReason::Numbering);
    let empty = SecurityAssociation { proposals: vec![] };
    assert!(choose(&empty, &ours, None).is_err());
}

#[test]
fn a_mismatch_says_what_differs_and_what_each_side_has() {
    let offer = offer_ike(
        &[
            ike(&[CBC128_SHA1], &[PrfId::HMAC_SHA1], &[DhGroup::MODP_1024]),
            ike(&[GCM256], &[PrfId::HMAC_SHA2_256], &[DhGroup::MODP_1024]),
        ],
        &[],
    );
    let mismatch = choose(&offer, &[simple(GCM256)], None).unwrap_err();
    assert_eq!(mismatch.reason, MismatchReason::NothingInCommon(vec![TransformType::KE]));
    assert_eq!(
        mismatch.to_string(),
        "no proposal in common; what differs: key exchange. From the peer: AES-CBC-128 / HMAC-SHA1-96 / PRF \
         HMAC-SHA1 / MODP-1024 | AES-GCM-16-256 / PRF HMAC-SHA2-256 / MODP-1024. Here: AES-GCM-16-256; PRF \
         HMAC-SHA2-256; ECP-256."
    );
}

#[test]
fn a03_a21_a_mismatch_with_a_huge_offer_stays_short() {
    let transforms: Vec<_> = (0..128).map(|id| transform(TransformType::ENCR, 1_000 + id)).collect();
    let proposal = Proposal { number: 1, ..wire(transforms).proposals[0].clone() };
    let proposals = (1..=64).map(|number| Proposal { number, ..proposal.clone() }).collect();
    let mismatch = choose(&SecurityAssociation { proposals }, &[simple(GCM256)], None).unwrap_err();
    let text = mismatch.to_string();
    assert!(text.contains("116 more") && text.contains("and 48 proposals more"), "{text}");
    assert!(text.len() < 8_000, "{}", text.len());
}

#[test]
fn esp_offers_carry_groups_and_sequence_numbers() {
    let offer = offer_esp(&[esp(&[GCM256], &[DhGroup::ECP_256, DhGroup::NONE], &[true, false])], 7);
    assert_eq!(
        describe_proposal(&offer.proposals[0]),
        "AES-GCM-16-256 / ECP-256, no key exchange / ESN, no ESN"
    );
    assert_eq!(offer.proposals[0].esp_spi(), Some(7));
    let first = esp(&[GCM256], &[DhGroup::ECP_256], &[]).without_key_exchange();
    let offer = offer_esp(&[first], 7);
    assert_eq!(describe_proposal(&offer.proposals[0]), "AES-GCM-16-256 / no ESN");
    assert_eq!(offer_esp(&[esp(&[GCM256], &[DhGroup::NONE], &[])], 7), offer);
}

#[test]
fn esp_suites_with_and_without_pfs_and_esn() {
    let provider = default_provider();
    let with = |groups: &[DhGroup], esn: &[bool]| esp(&[GCM256, CBC256], groups, esn);
    let run = |client: &EspProposal, server: &EspProposal, sent: Option<DhGroup>| {
        let offer = offer_esp(std::slice::from_ref(client), 1);
        let chosen = select_esp(&offer, std::slice::from_ref(server), &provider, sent, false)?;
        let accepted = accept_esp(&chosen.answer(&2_u32.to_be_bytes()), &offer).unwrap();
        assert_eq!((accepted.suite, accepted.proposal.esp_spi()), (chosen.suite, Some(2)));
        Ok::<_, Mismatch>(chosen.suite)
    };
    let pfs = [DhGroup::ECP_256, DhGroup::MODP_2048];
    let either = [DhGroup::ECP_256, DhGroup::NONE];
    let sent = Some(DhGroup::ECP_256);
    assert_eq!(run(&with(&[], &[false]), &with(&[], &[false]), None).unwrap().group, DhGroup::NONE);
    assert_eq!(run(&with(&pfs, &[false]), &with(&pfs, &[false]), sent).unwrap().group, DhGroup::ECP_256);
    assert_eq!(
        run(&with(&pfs, &[]), &with(&pfs, &[]), Some(DhGroup::MODP_2048)).unwrap().group,
        DhGroup::MODP_2048
    );
    assert_eq!(run(&with(&[], &[]), &with(&either, &[]), None).unwrap().group, DhGroup::NONE);
    assert_eq!(run(&with(&either, &[]), &with(&[], &[]), sent).unwrap().group, DhGroup::NONE);
    // Without a KE payload the choice that needs none is preferred.
    assert_eq!(run(&with(&either, &[]), &with(&either, &[]), None).unwrap().group, DhGroup::NONE);
    assert_eq!(run(&with(&either, &[]), &with(&either, &[]), sent).unwrap().group, DhGroup::ECP_256);
    let mismatch = run(&with(&[], &[]), &with(&pfs, &[]), None).unwrap_err();
    assert_eq!(mismatch.reason, MismatchReason::NothingInCommon(vec![TransformType::KE]));
    assert!(run(&with(&pfs, &[]), &with(&[], &[]), sent).is_err());

    assert!(run(&with(&[], &[true, false]), &with(&[], &[true, false]), None).unwrap().esn);
    assert!(!run(&with(&[], &[true, false]), &with(&[], &[false, true]), None).unwrap().esn);
    let mismatch = run(&with(&[], &[true]), &with(&[], &[false]), None).unwrap_err();
    assert_eq!(mismatch.reason, MismatchReason::NothingInCommon(vec![TransformType::ESN]));
}

#[test]
fn groups_offered_for_the_first_child_sa_are_left_aside() {
    let offer = offer_esp(&[esp(&[GCM256], &[DhGroup::ECP_256], &[false])], 1);
    let ours = [esp(&[GCM256], &[DhGroup::MODP_2048], &[false]).without_key_exchange()];
    let chosen = select_esp(&offer, &ours, &default_provider(), None, true).unwrap();
    assert_eq!(chosen.suite.group, DhGroup::NONE);
    assert_eq!(chosen.proposal.transforms_of(TransformType::KE).count(), 0);
    assert!(select_esp(&offer, &ours, &default_provider(), None, false).is_err());
}

#[test]
fn an_esp_proposal_without_sequence_numbers_is_not_chosen() {
    let mut offer = offer_esp(&[esp(&[GCM256], &[], &[false])], 1);
    offer.proposals[0].transforms.retain(|transform| transform.transform_type != TransformType::ESN);
    let ours = [esp(&[GCM256], &[], &[false])];
    let mismatch = select_esp(&offer, &ours, &default_provider(), None, false).unwrap_err();
    assert_eq!(mismatch.reason, MismatchReason::NothingInCommon(vec![TransformType::ESN]));
}

#[test]
fn proposals_for_another_protocol_are_not_chosen() {
    let ours = [simple(GCM256)];
    let mut offer = offer_ike(&ours, &[]);
    for protocol in [ProtocolId::AH, ProtocolId::ESP, ProtocolId(9)] {
        offer.proposals[0].protocol = protocol;
        assert!(choose(&offer, &ours, None).is_err());
    }
}

#[test]
fn d07_answers_that_are_not_a_choice_from_the_offer_are_refused() {
    let offer = offer_ike(
        &[simple(GCM256), ike(&[CBC256, CBC128], &[PrfId::HMAC_SHA2_256], &[DhGroup::ECP_256])],
        &[],
    );
    let good = choose(&offer, &[simple(CBC256)], None).unwrap().answer(&[]);
    assert_eq!(accept_ike(&good, &offer).unwrap().suite.cipher, CBC256);
    let reason = |answer: &SecurityAssociation| accept_ike(answer, &offer).unwrap_err().reason;
    let changed = |change: &dyn Fn(&mut Proposal)| {
        let mut answer = good.clone();
        change(&mut answer.proposals[0]);
        reason(&answer)
    };

    assert_eq!(reason(&SecurityAssociation { proposals: vec![] }), MismatchReason::NotOneProposal(0));
    let twice = [good.proposals.clone(), good.proposals.clone()].concat();
    assert_eq!(reason(&SecurityAssociation { proposals: twice }), MismatchReason::NotOneProposal(2));
    assert_eq!(reason(&offer), MismatchReason::NotOneProposal(2));
    assert_eq!(changed(&|p| p.number = 3), MismatchReason::NotAnAnswer);
    assert_eq!(changed(&|p| p.protocol = ProtocolId::ESP), MismatchReason::NotAnAnswer);
    assert_eq!(changed(&|p| p.spi = vec![1; 8]), MismatchReason::NotAnAnswer);
    // The number of the other proposal.
    assert_eq!(changed(&|p| p.number = 1), MismatchReason::NotOffered(TransformType::ENCR));
    let weaker = transform(TransformType::INTEG, IntegId::HMAC_SHA1_96.0);
    assert_eq!(
        changed(&|p| p.transforms[1] = weaker.clone()),
        MismatchReason::NotOffered(TransformType::INTEG)
    );
    assert_eq!(
        changed(&|p| p.transforms[0] = encr(EncrId::AES_CBC, 192)),
        MismatchReason::NotOffered(TransformType::ENCR)
    );
    let more = |extra: Transform| changed(&|p| p.transforms.push(extra.clone()));
    assert_eq!(more(encr(EncrId::AES_CBC, 128)), MismatchReason::NotOneAlgorithm(TransformType::ENCR));
    assert_eq!(more(prf()), MismatchReason::NotOneAlgorithm(TransformType::PRF));
    assert_eq!(more(transform(TransformType(99), 0)), MismatchReason::NotOffered(TransformType(99)));
    for (index, kind) in
        [TransformType::ENCR, TransformType::INTEG, TransformType::PRF, TransformType::KE].iter().enumerate()
    {
        assert_eq!(changed(&|p| drop(p.transforms.remove(index))), MismatchReason::NotOneAlgorithm(*kind));
    }
}

#[test]
fn d07_an_esp_answer_without_the_key_exchange_that_was_offered_is_refused() {
    let provider = default_provider();
    let pfs = [esp(&[GCM256], &[DhGroup::ECP_256], &[true])];
    let offer = offer_esp(&pfs, 1);
    let good = select_esp(&offer, &pfs, &provider, None, false).unwrap().answer(&[2; 4]);
    let reason = |change: &dyn Fn(&mut Vec<Transform>)| {
        let mut answer = good.clone();
        change(&mut answer.proposals[0].transforms);
        accept_esp(&answer, &offer).unwrap_err().reason
    };
    let no_ke =
        |transforms: &mut Vec<Transform>| transforms.retain(|t| t.transform_type != TransformType::KE);
    assert_eq!(reason(&no_ke), MismatchReason::NotOneAlgorithm(TransformType::KE));
    let none = |transforms: &mut Vec<Transform>| transforms[1].id = 0;
    assert_eq!(reason(&none), MismatchReason::NotOffered(TransformType::KE));
    let no_esn = |transforms: &mut Vec<Transform>| transforms[2].id = 0;
    assert_eq!(reason(&no_esn), MismatchReason::NotOffered(TransformType::ESN));
}

#[test]
fn answers_that_say_none_where_nothing_was_offered_are_accepted() {
    let offer = offer_esp(&[esp(&[GCM256], &[], &[false])], 1);
    let mut answer = offer.clone();
    answer.proposals[0].transforms.push(transform(TransformType::INTEG, 0));
    answer.proposals[0].transforms.push(transform(TransformType::KE, 0));
    let suite = accept_esp(&answer, &offer).unwrap().suite;
    assert_eq!(suite, EspSuite { cipher: GCM256, group: DhGroup::NONE, esn: false });
}

#[test]
fn proposals_of_real_peers_are_understood() {
    let Some(folder) = vectors("proposal: offers of android-ike") else { return };
    let all = android(&folder);
    let octets = android_one(&all, "IkeSaPayloadTest", "INBOUND_TWO_PROPOSAL_RAW_PACKET");
    let length = u16::try_from(octets.len() + 4).unwrap().to_be_bytes();
    let chain = [&[0, 0], length.as_slice(), &octets].concat();
    let Payload::Sa(offer) = parse_inner(PayloadType::SA, &chain).unwrap().remove(0) else { panic!() };
    let ours = [ike(&[GCM256, CBC256], &[PrfId::HMAC_SHA2_512], &[DhGroup::CURVE25519, DhGroup::MODP_2048])];
    let chosen = choose(&offer, &ours, Some(DhGroup::MODP_2048)).unwrap();
    assert_eq!(
        chosen.suite,
        IkeSuite { cipher: GCM256, prf: PrfId::HMAC_SHA2_512, group: DhGroup::MODP_2048 }
    );
    assert_eq!(chosen.proposal.number, 2);
    accept_ike(&chosen.answer(&[]), &offer).unwrap();
}

#[test]
fn suites_in_words() {
    let suite = IkeSuite { cipher: CBC256, prf: PrfId::HMAC_SHA2_256, group: DhGroup::ECP_384 };
    assert_eq!(suite.to_string(), "AES-CBC-256/HMAC-SHA2-256-128, PRF HMAC-SHA2-256, ECP-384");
    let suite = EspSuite { cipher: GCM128, group: DhGroup::ECP_256, esn: true };
    assert_eq!(suite.to_string(), "AES-GCM-16-128, PFS ECP-256, ESN");
    assert_eq!(esp(&[GCM128], &[], &[]).to_string(), "AES-GCM-16-128");
    assert_eq!(
        esp(&[GCM128], &[DhGroup::ECP_256, DhGroup::NONE], &[true, false]).to_string(),
        "AES-GCM-16-128; PFS ECP-256, none; with or without ESN"
    );
}

#[test]
fn groups_for_a_ke_payload_are_listed_once_and_in_order() {
    let two = [
        ike(&[GCM256], &[PrfId::HMAC_SHA2_256], &[DhGroup::ECP_256, DhGroup::MODP_2048]),
        ike(&[CBC256], &[PrfId::HMAC_SHA2_256], &[DhGroup::CURVE25519, DhGroup::ECP_256]),
    ];
    assert_eq!(ike_groups(&two), [DhGroup::ECP_256, DhGroup::MODP_2048, DhGroup::CURVE25519]);
    assert_eq!(esp_groups(&[esp(&[GCM256], &[DhGroup::NONE, DhGroup::ECP_256], &[])]), [DhGroup::ECP_256]);
    assert_eq!(esp_groups(&[esp(&[GCM256], &[], &[])]), []);
    assert_eq!(describe_ike(&two).matches(" | ").count(), 1);
    assert_eq!((describe_ike(&[]), describe_esp(&[])), ("nothing".to_owned(), "nothing".to_owned()));
}

fn any_proposal() -> impl Strategy<Value = IkeProposal> {
    let ciphers = prop::sample::subsequence(vec![GCM256, CBC128_SHA1, CHACHA, CBC256, GCM128, CBC128], 1..=6);
    let prfs =
        prop::sample::subsequence(vec![PrfId::HMAC_SHA2_256, PrfId::HMAC_SHA2_384, PrfId::HMAC_SHA1], 1..=3);
    let groups =
        prop::sample::subsequence(vec![DhGroup::ECP_256, DhGroup::MODP_2048, DhGroup::CURVE25519], 1..=3);
    (ciphers.prop_shuffle(), prfs.prop_shuffle(), groups.prop_shuffle())
        .prop_map(|(ciphers, prfs, groups)| IkeProposal { ciphers, prfs, groups })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_chosen_is_in_both_lists_and_is_accepted(
        client in prop::collection::vec(any_proposal(), 1..4),
        server in prop::collection::vec(any_proposal(), 1..4),
        sent in prop::option::of(prop::sample::select(vec![DhGroup::ECP_256, DhGroup::MODP_2048])),
    ) {
        let contains = |list: &[IkeProposal], suite: IkeSuite| list.iter().any(|proposal| {
            proposal.ciphers.contains(&suite.cipher)
                && proposal.prfs.contains(&suite.prf)
                && proposal.groups.contains(&suite.group)
        });
        let offer = offer_ike(&client, &[]);
        match choose(&offer, &server, sent) {
            Ok(chosen) => {
                prop_assert!(contains(&client, chosen.suite) && contains(&server, chosen.suite));
                prop_assert_eq!(accept_ike(&chosen.answer(&[]), &offer).unwrap().suite, chosen.suite);
            }
            Err(_) => {
                for proposal in &client {
                    for cipher in &proposal.ciphers {
                        for prf in &proposal.prfs {
                            for group in &proposal.groups {
                                let suite = IkeSuite { cipher: *cipher, prf: *prf, group: *group };
                                prop_assert!(!contains(&server, suite), "{suite} was possible");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn any_offer_a_peer_can_write_gives_a_choice_of_ours_or_a_mismatch(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        ours in any_proposal(),
    ) {
        let ours = [ours];
        let all = ike(
            &[GCM256, CHACHA, CBC256, CBC128_SHA1],
            &[PrfId::HMAC_SHA2_256, PrfId::HMAC_SHA1],
            &[DhGroup::ECP_256, DhGroup::MODP_2048],
        );
        let (_, mut octets) = encode_inner(&[Payload::Sa(offer_ike(&[all], &[]))]).unwrap();
        for (index, value) in changes {
            let at = 4 + index.index(octets.len() - 4);
            octets[at] = value;
        }
        if let Ok(payloads) = parse_inner(PayloadType::SA, &octets)
            && let [Payload::Sa(offer)] = payloads.as_slice()
        {
            match choose(offer, &ours, None) {
                Ok(chosen) => {
                    prop_assert!(ours[0].ciphers.contains(&chosen.suite.cipher));
                    prop_assert!(ours[0].groups.contains(&chosen.suite.group));
                    prop_assert_eq!(accept_ike(&chosen.answer(&chosen.proposal.spi), offer).unwrap().suite, chosen.suite);
                }
                Err(mismatch) => prop_assert!(mismatch.to_string().len() < 20_000),
            }
        }
    }
}
