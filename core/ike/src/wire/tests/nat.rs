//! NAT detection hashes.

use std::net::IpAddr;

use crate::test_support::{hex, json, providers, vectors};
use crate::wire::*;

#[test]
fn nat_detection_hashes_of_the_selfmade_vectors() {
    let Some(folder) = vectors("wire: selfmade/nat-detection.json") else { return };
    let file = json(&folder.join("selfmade/nat-detection.json"));
    let mut ran = 0;
    for provider in providers() {
        for case in file["cases"].as_array().unwrap() {
            let octets = |name: &str| hex(case[name].as_str().unwrap());
            let spi = |name| IkeSpi(octets(name).try_into().unwrap());
            let address: IpAddr = match octets("ip").as_slice() {
                [a, b, c, d] => [*a, *b, *c, *d].into(),
                v6 => <[u8; 16]>::try_from(v6).unwrap().into(),
            };
            let port = u16::try_from(case["port"].as_u64().unwrap()).unwrap();
            let hash = nat_detection_hash(&provider, spi("spi_i"), spi("spi_r"), address, port);
            assert_eq!(hash.unwrap().as_slice(), octets("hash"), "{}", provider.name);
            ran += 1;
        }
    }
    assert_eq!(ran, 6 * providers().len());
}
