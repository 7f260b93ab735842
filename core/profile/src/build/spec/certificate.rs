//! Certificates to trust: `com.apple.security.root` and `com.apple.security.pkcs1`.

use super::{SpecError, spec};
use crate::build::material::Material;
use crate::certificate::{CertificateInfo, inspect, read_certificates};
use crate::gather::GatherOk as _;
use crate::model::keywords;

spec! {
    /// A file with one certificate in DER, or with any number in PEM; each becomes a payload.
    pub struct Certificate {
        required {
            /// `PayloadContent`.
            content: Material,
        }
        optional {
            /// `PayloadDisplayName`; the certificate's common name when left out.
            name: Option<String>,
            /// Which payload; when left out, `root` for a certificate that issued itself, else `intermediate`.
            payload: Option<CertificatePayload>,
        }
    }
}

keywords! {
    /// The payload of a certificate.
    pub enum CertificatePayload {
        /// `com.apple.security.root`: an anchor of trust.
        Root = "root",
        /// `com.apple.security.pkcs1`: any other certificate.
        Intermediate = "intermediate",
    }
}

/// A certificate that was read.
pub(super) struct Anchor {
    pub der: Vec<u8>,
    pub name: String,
    pub payload: CertificatePayload,
    pub common_name: Option<String>,
}

impl CertificatePayload {
    pub(super) fn payload_type(self) -> &'static str {
        match self {
            Self::Root => "com.apple.security.root",
            Self::Intermediate => "com.apple.security.pkcs1",
        }
    }
}

impl Certificate {
    /// The certificates in it.
    pub(super) fn read(&self, index: usize) -> Result<Vec<Anchor>, SpecError> {
        let field = format!("certificates[{index}].content");
        let bytes = self.content.as_bytes(&field)?;
        let refuse = |reason| SpecError::Certificate { field: field.clone(), reason };
        let read = read_certificates(bytes).map_err(refuse)?;
        let anchors = read.der.into_iter().map(|der| {
            let CertificateInfo { subject, issuer, subject_common_name, .. } =
                inspect(&der).map_err(refuse)?;
            let by_itself =
                if subject == issuer { CertificatePayload::Root } else { CertificatePayload::Intermediate };
            let name = self.name.clone().or_else(|| subject_common_name.clone());
            Ok(Anchor {
                der,
                name: name.unwrap_or_else(|| "Certificate".to_owned()),
                payload: self.payload.unwrap_or(by_itself),
                common_name: subject_common_name,
            })
        });
        anchors.gather_ok()
    }
}
