//! ESP seal and open for each suite and size, beside the bare AEAD of *ring* where it has one.

#![allow(missing_docs, clippy::expect_used, reason = "benches")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use adit_benches::SIZES;
use adit_benches::bare::Bare;
use adit_benches::esp::{Resealed, SUITES, inner, pair};
use adit_esp::{PacketBuf, SegmentBuf};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Packets opened between two looks at the clock; sealing them again is not counted.
const BATCH: u64 = 64;

/// Batches of the path to a socket with segmentation offload.
const SEGMENTS: usize = 64;

fn seal(c: &mut Criterion) {
    let mut group = c.benchmark_group("seal");
    for suite in SUITES {
        for size in SIZES {
            group.throughput(Throughput::Bytes(size as u64));
            let name = suite.to_string().replace('/', "+");
            let (mut sa, _) = pair(suite);
            let mut packet = Resealed::new(suite, size);
            group.bench_function(BenchmarkId::new(&name, size), |b| b.iter(|| packet.seal(&mut sa)));
            if let Some(mut bare) = Bare::new(suite, size) {
                group.bench_function(BenchmarkId::new(format!("{name} bare ring"), size), |b| {
                    b.iter(|| bare.seal());
                });
            }
        }
    }
    group.finish();
}

fn seal_into_segments(c: &mut Criterion) {
    let mut group = c.benchmark_group("seal into segments");
    let suite = SUITES[0];
    for size in SIZES {
        group.throughput(Throughput::Bytes(size as u64));
        let (mut sa, _) = pair(suite);
        let packet = inner(size);
        let mut out = SegmentBuf::new(SEGMENTS, usize::MAX);
        group.bench_function(BenchmarkId::new(suite.to_string(), size), |b| {
            b.iter(|| {
                if !out.accepts(sa.sealed_len(size)) {
                    out.clear();
                }
                sa.seal_into(black_box(&packet), &mut out).expect("there is room");
            });
        });
    }
    group.finish();
}

fn open(c: &mut Criterion) {
    let mut group = c.benchmark_group("open");
    for suite in SUITES {
        for size in SIZES {
            group.throughput(Throughput::Bytes(size as u64));
            let name = suite.to_string().replace('/', "+");
            let (mut sealing, mut opening) = pair(suite);
            let bytes = inner(size);
            group.bench_function(BenchmarkId::new(&name, size), |b| {
                b.iter_custom(|iterations| {
                    in_batches(iterations, |count| {
                        let mut packets: Vec<PacketBuf> = (0..count)
                            .map(|_| {
                                let mut packet = PacketBuf::from_payload(&bytes);
                                sealing.seal(&mut packet).expect("a packet the SA carries");
                                packet
                            })
                            .collect();
                        let started = Instant::now();
                        for packet in &mut packets {
                            black_box(opening.open(packet.payload_mut()).expect("an authentic packet"));
                        }
                        started.elapsed()
                    })
                });
            });
            if let Some(mut bare) = Bare::new(suite, size) {
                group.bench_function(BenchmarkId::new(format!("{name} bare ring"), size), |b| {
                    b.iter_custom(|iterations| {
                        in_batches(iterations, |count| {
                            let mut packets: Vec<(u64, Vec<u8>)> =
                                (0..count).map(|_| bare.sealed()).collect();
                            let started = Instant::now();
                            for (counter, packet) in &mut packets {
                                bare.open(*counter, packet);
                            }
                            started.elapsed()
                        })
                    });
                });
            }
        }
    }
    group.finish();
}

/// Sums up the time of batches of at most [`BATCH`], `iterations` in all.
fn in_batches(iterations: u64, mut batch: impl FnMut(u64) -> Duration) -> Duration {
    let whole = iterations / BATCH;
    let mut time: Duration = (0..whole).map(|_| batch(BATCH)).sum();
    if !iterations.is_multiple_of(BATCH) {
        time += batch(iterations % BATCH);
    }
    time
}

criterion_group!(benches, seal, seal_into_segments, open);
criterion_main!(benches);
