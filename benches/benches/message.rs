//! IKE messages: reading and writing.

#![allow(missing_docs, clippy::expect_used, reason = "benches")]

use std::hint::black_box;

use adit_benches::message::{auth_payloads, sa_init};
use adit_ike::wire::{Message, encode_inner, parse_inner};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn message(c: &mut Criterion) {
    let mut group = c.benchmark_group("message");
    let request = sa_init();
    let bytes = request.encode().expect("a short message");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("parse IKE_SA_INIT", |b| {
        b.iter(|| Message::parse(black_box(&bytes)).expect("a good message"));
    });
    group.bench_function("build IKE_SA_INIT", |b| {
        b.iter(|| black_box(&request).encode().expect("a short message"));
    });
    let payloads = auth_payloads();
    let (first, inner) = encode_inner(&payloads).expect("short payloads");
    group.throughput(Throughput::Bytes(inner.len() as u64));
    group.bench_function("parse payloads of IKE_AUTH", |b| {
        b.iter(|| parse_inner(first, black_box(&inner)).expect("good payloads"));
    });
    group.bench_function("build payloads of IKE_AUTH", |b| {
        b.iter(|| encode_inner(black_box(&payloads)).expect("short payloads"));
    });
    group.finish();
}

criterion_group!(benches, message);
criterion_main!(benches);
