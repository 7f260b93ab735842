//! The ones' complement sum over many bytes, with the widest registers the machine has.
#![allow(unsafe_code)]

/// The sum of `data` as 16-bit words in native byte order, an odd last byte padded with zero, with carries
/// kept in the upper bits. Folding them in and swapping to network order is the caller's
/// (RFC 1071 2(B): the sum does not depend on byte order).
pub(crate) fn sum(data: &[u8]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, checked just now.
        return unsafe { sum_avx2(data) };
    }
    lanes(data)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn sum_avx2(data: &[u8]) -> u64 {
    lanes(data)
}

/// Written so that the compiler keeps the lanes in vector registers: no lane can overflow, because each
/// takes less than 2^32 words of 32 bits.
#[inline(always)]
fn lanes(data: &[u8]) -> u64 {
    let mut lanes = [0_u64; 16];
    let (blocks, rest) = data.as_chunks::<64>();
    for block in blocks {
        for (lane, word) in lanes.iter_mut().zip(block.as_chunks::<4>().0) {
            *lane += u64::from(u32::from_ne_bytes(*word));
        }
    }
    let mut total: u64 = lanes.iter().sum();
    let (words, rest) = rest.as_chunks::<2>();
    for word in words {
        total += u64::from(u16::from_ne_bytes(*word));
    }
    if let [last] = rest {
        total += u64::from(u16::from_ne_bytes([*last, 0]));
    }
    total
}
