//! EAP-MSCHAPv2: the messages, and what is computed for them.

mod compute;
mod message;

pub(super) use compute::{Calculation, NtHash, without_domain};
pub(super) use message::{
    Message, challenge, failure_request, failure_response, response, success_request, success_response,
};

/// Longest user or server name, in bytes (RFC 2759 4: 256 characters without the domain).
pub const MAX_NAME_LEN: usize = 512;
