//! The anti-replay window: check and mark, in order, out of order, far ahead, and replays.

#![allow(missing_docs, clippy::expect_used, reason = "benches")]

use std::hint::black_box;

use adit_esp::ReplayWindow;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

const WIDTHS: [u32; 3] = [64, 4096, 65_536];

fn window(c: &mut Criterion) {
    let mut group = c.benchmark_group("replay window");
    for width in WIDTHS {
        for (name, step) in [
            // One number after the other.
            ("in order", 1_i64),
            // Each leaves a gap as large as half the window.
            ("with gaps", i64::from(width) / 2),
        ] {
            let mut window = ReplayWindow::new(width).expect("a width it takes");
            let mut next = 0_u64;
            group.bench_function(BenchmarkId::new(name, width), |b| {
                b.iter(|| {
                    next = next.wrapping_add_signed(step);
                    window.check(black_box(next)).expect("new");
                    window.mark(next);
                });
            });
        }
        let mut window = ReplayWindow::new(width).expect("a width it takes");
        let mut next = 0_u64;
        group.bench_function(BenchmarkId::new("pairs swapped", width), |b| {
            b.iter(|| {
                // 2 1 4 3 6 5 ...
                next += 1;
                let sequence = if next % 2 == 1 { next + 1 } else { next - 1 };
                window.check(black_box(sequence)).expect("new");
                window.mark(sequence);
            });
        });
        let mut window = ReplayWindow::new(width).expect("a width it takes");
        (1..=u64::from(width)).for_each(|sequence| window.mark(sequence));
        let mut at = 0_u64;
        group.bench_function(BenchmarkId::new("replayed", width), |b| {
            b.iter(|| {
                at = at % u64::from(width) + 1;
                black_box(window.check(black_box(at)).is_err())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, window);
criterion_main!(benches);
