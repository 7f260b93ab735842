//! IKE_SA_INIT and IKE_AUTH by each authentication method: the work of client and gateway together.

#![allow(missing_docs, reason = "benches")]

use adit_benches::handshake::{Auth, Peers};
use criterion::{Criterion, criterion_group, criterion_main};

fn handshake(c: &mut Criterion) {
    let mut group = c.benchmark_group("handshake");
    group.sample_size(20);
    for auth in Auth::ALL {
        let peers = Peers::new(auth);
        group.bench_function(auth.name(), |b| b.iter(|| peers.establish()));
    }
    group.finish();
}

criterion_group!(benches, handshake);
criterion_main!(benches);
