//! Authentication payload (RFC 7296 3.8).

use std::fmt;

use super::error::{Malformed, ParseError};
use super::opaque::Length;
use super::reader::Reader;
use super::registry::registry;
use super::writer::Writer;

registry! {
    /// Auth Method.
    AuthMethod(u8) {
        /// RSASSA-PKCS1-v1_5 with SHA-1 (RFC 7296 2.15).
        RSA_SIGNATURE = 1, "RSA signature";
        /// Shared key message integrity code: pre-shared keys and EAP.
        SHARED_KEY = 2, "shared key";
        /// DSS signature.
        DSS_SIGNATURE = 3, "DSS signature";
        /// ECDSA with SHA-256 on P-256 (RFC 4754).
        ECDSA_P256 = 9, "ECDSA with SHA-256 on P-256";
        /// ECDSA with SHA-384 on P-384 (RFC 4754).
        ECDSA_P384 = 10, "ECDSA with SHA-384 on P-384";
        /// ECDSA with SHA-512 on P-521 (RFC 4754).
        ECDSA_P521 = 11, "ECDSA with SHA-512 on P-521";
        /// NULL authentication (RFC 7619).
        NULL = 13, "NULL authentication";
        /// Digital signature with an AlgorithmIdentifier (RFC 7427).
        DIGITAL_SIGNATURE = 14, "digital signature";
    }
}

/// Authentication payload. `Debug` shows the length of the data only.
#[derive(Clone, Eq, PartialEq)]
pub struct Authentication {
    /// How it was made.
    pub method: AuthMethod,
    /// The signature or MAC; for method 14 preceded by its AlgorithmIdentifier (RFC 7427 3). Never empty.
    pub data: Vec<u8>,
}

impl Authentication {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let method = AuthMethod(reader.u8()?);
        reader.array::<3>()?;
        if reader.is_empty() {
            return Err(reader.error(Malformed::Length { what: "authentication data", length: 0 }));
        }
        Ok(Self { method, data: reader.take_rest().to_vec() })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u8(self.method.0);
        writer.bytes(&[0; 3]);
        writer.bytes(&self.data);
    }
}

impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authentication")
            .field("method", &self.method)
            .field("data", &Length(&self.data))
            .finish()
    }
}
