//! The payloads of a message by kind.
//!
//! Owns taking a payload chain apart. A payload that may stand once and stands twice refuses the message, so
//! that the first is never silently replaced.

use crate::wire::{
    Authentication, Certificate, CertificateRequest, Configuration, Delete, Eap, Identification, KeyExchange,
    Nonce, Notify, NotifyType, Payload, PayloadType, SecurityAssociation, TrafficSelectors,
};

/// A payload chain, taken apart. Vendor IDs and unknown payloads are left out.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub sa: Option<SecurityAssociation>,
    pub ke: Option<KeyExchange>,
    pub nonce: Option<Nonce>,
    pub id_i: Option<Identification>,
    pub id_r: Option<Identification>,
    pub certs: Vec<Certificate>,
    pub cert_reqs: Vec<CertificateRequest>,
    pub auth: Option<Authentication>,
    pub notifies: Vec<Notify>,
    pub deletes: Vec<Delete>,
    pub ts_i: Option<TrafficSelectors>,
    pub ts_r: Option<TrafficSelectors>,
    pub cp: Option<Configuration>,
    pub eap: Option<Eap>,
}

/// Why a chain cannot be taken apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum BadParts {
    #[error("two {0} payloads where one may stand")]
    Twice(PayloadType),
    #[error("no {0} payload")]
    Missing(PayloadType),
}

impl Parts {
    /// Takes `payloads` apart.
    pub fn new(payloads: Vec<Payload>) -> Result<Self, BadParts> {
        let mut parts = Self::default();
        for payload in payloads {
            let payload_type = payload.payload_type();
            let twice = match payload {
                Payload::Sa(sa) => parts.sa.replace(sa).is_some(),
                Payload::Ke(ke) => parts.ke.replace(ke).is_some(),
                Payload::Nonce(nonce) => parts.nonce.replace(nonce).is_some(),
                Payload::IdI(id) => parts.id_i.replace(id).is_some(),
                Payload::IdR(id) => parts.id_r.replace(id).is_some(),
                Payload::Auth(auth) => parts.auth.replace(auth).is_some(),
                Payload::TsI(selectors) => parts.ts_i.replace(selectors).is_some(),
                Payload::TsR(selectors) => parts.ts_r.replace(selectors).is_some(),
                Payload::Cp(cp) => parts.cp.replace(cp).is_some(),
                Payload::Eap(eap) => parts.eap.replace(eap).is_some(),
                Payload::Cert(cert) => {
                    parts.certs.push(cert);
                    false
                }
                Payload::CertReq(request) => {
                    parts.cert_reqs.push(request);
                    false
                }
                Payload::Notify(notify) => {
                    parts.notifies.push(notify);
                    false
                }
                Payload::Delete(delete) => {
                    parts.deletes.push(delete);
                    false
                }
                Payload::VendorId(_) | Payload::Sk(_) | Payload::Skf(_) | Payload::Unknown { .. } => false,
            };
            if twice {
                return Err(BadParts::Twice(payload_type));
            }
        }
        Ok(parts)
    }

    /// The first notify of this type.
    pub fn notify(&self, notify_type: NotifyType) -> Option<&Notify> {
        self.notifies.iter().find(|notify| notify.notify_type == notify_type)
    }

    /// True if there is a notify of this type.
    pub fn has(&self, notify_type: NotifyType) -> bool {
        self.notify(notify_type).is_some()
    }

    /// The first error notify.
    pub fn error(&self) -> Option<&Notify> {
        self.notifies.iter().find(|notify| notify.notify_type.is_error())
    }
}

/// Turns an absent payload into the reason for refusing the message.
pub(crate) fn need<T>(part: Option<T>, payload_type: PayloadType) -> Result<T, BadParts> {
    part.ok_or(BadParts::Missing(payload_type))
}
