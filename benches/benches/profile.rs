//! Profiles: reading, judging, and the settings of a tunnel; how the time grows with payloads and with files.

#![allow(missing_docs, clippy::expect_used, reason = "benches")]

use std::hint::black_box;

use adit_benches::profile::{BINARY, SMALL, XML, corpus, with_payloads};
use adit_profile::ikev2::{Which, requirements};
use adit_profile::{Document, Profile, check};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn profile(c: &mut Criterion) {
    let mut group = c.benchmark_group("profile");
    for (form, bytes) in [("XML", XML), ("binary", BINARY)] {
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(BenchmarkId::new("read", form), |b| b.iter(|| Document::read(black_box(bytes))));
        group.bench_function(BenchmarkId::new("validate", form), |b| b.iter(|| check(black_box(bytes))));
        let document = Document::read(bytes);
        let profile = Profile::of(&document).expect("a profile");
        group.bench_function(BenchmarkId::new("plan", form), |b| {
            b.iter(|| requirements(black_box(&profile), Which::default()).expect("a sound profile"));
        });
    }
    group.throughput(Throughput::Bytes(SMALL.len() as u64));
    group.bench_function(BenchmarkId::new("validate", "2 KB"), |b| b.iter(|| check(black_box(SMALL))));
    match corpus("944093cf41-my_vpn.mobileconfig") {
        Some(bytes) => {
            group.throughput(Throughput::Bytes(bytes.len() as u64));
            group.bench_function(BenchmarkId::new("validate", "78 payloads of the corpus"), |b| {
                b.iter(|| check(black_box(&bytes)));
            });
        }
        None => println!("the corpus is not there: its profile of 78 payloads is left out"),
    }
    for count in [10, 100, 1000] {
        let bytes = with_payloads(count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::new("validate", format!("{count} payloads")), |b| {
            b.iter(|| check(black_box(&bytes)));
        });
    }
    group.sample_size(10);
    for count in [100, 1000, 10_000_u64] {
        group.throughput(Throughput::Elements(count));
        group.bench_function(BenchmarkId::new("validate", format!("{count} files of 2 KB")), |b| {
            b.iter(|| (0..count).map(|_| check(black_box(SMALL)).diagnostics.len()).sum::<usize>());
        });
    }
    group.finish();
}

criterion_group!(benches, profile);
criterion_main!(benches);
