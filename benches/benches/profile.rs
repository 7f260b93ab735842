//! Profiles: reading, judging, and the settings of a tunnel.

#![allow(missing_docs, clippy::expect_used, reason = "benches")]

use std::hint::black_box;

use adit_benches::profile::{BINARY, XML};
use adit_profile::ikev2::{Which, requirements};
use adit_profile::report::Problems;
use adit_profile::{Document, Profile, check};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn profile(c: &mut Criterion) {
    let mut group = c.benchmark_group("profile");
    for (form, bytes) in [("XML", XML), ("binary", BINARY)] {
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(BenchmarkId::new("read", form), |b| b.iter(|| Document::read(black_box(bytes))));
        group.bench_function(BenchmarkId::new("validate", form), |b| b.iter(|| check(black_box(bytes))));
        let document = Document::read(bytes);
        let profile = Profile::read(&document, &mut Problems::default()).expect("a profile");
        group.bench_function(BenchmarkId::new("plan", form), |b| {
            b.iter(|| requirements(black_box(&profile), Which::default()).expect("a sound profile"));
        });
    }
    group.finish();
}

criterion_group!(benches, profile);
criterion_main!(benches);
