//! The providers for tests do what their documentation promises to tests.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use adit_crypto::testing::{insecure, seeded};
use adit_crypto::{Aad, CryptoProvider, EcdsaEncoding, HashId, SignatureScheme, default_provider};

/// Public values and signatures that one seed leads to.
fn transcript(provider: &CryptoProvider) -> Vec<Vec<u8>> {
    let mut out = vec![vec![0; 77]];
    provider.fill(&mut out[0]).unwrap();
    for kex in provider.key_exchanges {
        let ours = kex.generate(provider.random).unwrap();
        let theirs = kex.generate(provider.random).unwrap();
        out.push(ours.public_value().to_vec());
        let theirs = theirs.public_value().to_vec();
        out.push(ours.complete(&theirs).unwrap().expose().to_vec());
    }
    let key = provider.load_private_key(include_bytes!("keys/p256.pkcs8.der")).unwrap();
    let scheme = SignatureScheme::Ecdsa(HashId::SHA2_256, EcdsaEncoding::Fixed);
    out.push(key.sign(scheme, b"message", provider.random).unwrap());
    out
}

#[test]
fn one_seed_gives_one_transcript() {
    assert_eq!(transcript(&seeded(7)), transcript(&seeded(7)));
    assert_ne!(transcript(&seeded(7)), transcript(&seeded(8)));
    assert_eq!(transcript(&insecure(7)), transcript(&insecure(7)));
}

#[test]
fn the_seeded_provider_is_the_default_with_other_randomness() {
    let (seeded, default) = (seeded(1), default_provider());
    assert_eq!(format!("{:?}", seeded.ciphers), format!("{:?}", default.ciphers));
    assert_eq!(format!("{:?}", seeded.key_exchanges), format!("{:?}", default.key_exchanges));
}

#[test]
fn insecure_ciphers_keep_the_lengths_of_the_real_ones_and_take_everything() {
    let (fake, real) = (insecure(1), default_provider());
    assert_eq!(fake.ciphers.len(), real.ciphers.len());
    for real in real.ciphers {
        let fake = fake.cipher(real.spec()).unwrap();
        assert_eq!(
            [fake.encr_key_len(), fake.integ_key_len(), fake.iv_len(), fake.icv_len(), fake.block_len()],
            [real.encr_key_len(), real.integ_key_len(), real.iv_len(), real.icv_len(), real.block_len()],
        );
        let (encr, integ) = (vec![1; real.encr_key_len()], vec![2; real.integ_key_len()]);
        let (sealing, opening) =
            (fake.sealing_key(&encr, &integ).unwrap(), fake.opening_key(&encr, &integ).unwrap());
        let len = fake.iv_len() + 32 + fake.icv_len();
        let mut body = vec![7; len];
        sealing.seal(Aad::default(), &mut body).unwrap();
        assert_eq!(body[fake.iv_len()..][..32], [7; 32]);
        body.fill(0x11);
        opening.open(Aad::new(b"whatever"), &mut body).unwrap();
        assert!(opening.open(Aad::default(), &mut body[..fake.iv_len() + fake.icv_len() - 1]).is_err());
        assert!(fake.sealing_key(&encr[1..], &integ).is_err());
    }
}

#[test]
fn insecure_key_exchange_agrees_and_still_refuses_lengths() {
    let (fake, real) = (insecure(1), default_provider());
    for real in real.key_exchanges {
        let fake_kex = fake.key_exchange(real.group()).unwrap();
        assert_eq!(fake_kex.public_len(), real.public_len());
        let ours = fake_kex.generate(fake.random).unwrap();
        let theirs = fake_kex.generate(fake.random).unwrap();
        let (our_public, their_public) = (ours.public_value().to_vec(), theirs.public_value().to_vec());
        let secret = ours.complete(&their_public).unwrap();
        assert_eq!(secret, theirs.complete(&our_public).unwrap());
        let real_secret = {
            let a = real.generate(fake.random).unwrap();
            let b = real.generate(fake.random).unwrap();
            a.complete(b.public_value()).unwrap()
        };
        assert_eq!(secret.len(), real_secret.len());
        assert!(fake_kex.generate(fake.random).unwrap().complete(&our_public[1..]).is_err());
    }
}

#[test]
fn insecure_signatures_always_verify_and_prfs_are_constant() {
    let (fake, real) = (insecure(1), default_provider());
    let key = fake.load_private_key(include_bytes!("keys/rsa2048.pkcs8.der")).unwrap();
    let scheme = SignatureScheme::RsaPkcs1(HashId::SHA2_256);
    assert_eq!(key.sign(scheme, b"m", fake.random).unwrap().len(), 256);
    fake.verify(key.public_key(), scheme, b"other", b"nonsense").unwrap();
    assert!(real.verify(key.public_key(), scheme, b"other", b"nonsense").is_err());
    for real in real.prfs {
        let fake = fake.prf(real.id()).unwrap();
        assert_eq!(fake.key(b"a").compute(&[b"b"]), fake.key(b"c").compute(&[]));
        assert_eq!(fake.key(b"a").compute(&[]).len(), real.output_len());
        assert_eq!(fake.output_len(), real.output_len());
    }
}

#[test]
fn their_names_warn() {
    assert!(seeded(1).name.contains("tests only"));
    assert!(insecure(1).name.contains("tests only"));
}
