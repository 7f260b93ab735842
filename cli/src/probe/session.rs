//! IKE_AUTH: who the server is, and which proposals for the Child SA it takes, at its making and when it is rekeyed.

use adit_ike::config::{InitiatorConfig, LocalAuth, RemoteAuth};
use adit_profile::explain::Proposals;

use super::offers;
use super::report::{CertificateVerdict, Observation, Verdict, is_about_child};
use super::run::{Probe, cannot};
use super::wire::Seen;
use crate::outcome::Failed;

impl Probe {
    /// One session for each proposal of the Child SA, until one shows that more are of no use.
    pub(super) fn log_in(&mut self, proposals: &Proposals, login: &InitiatorConfig) -> Result<(), Failed> {
        let taken =
            proposals.ike.iter().zip(&self.report.ike).filter(|(_, asked)| asked.verdict == Verdict::Taken);
        let plain = taken.filter_map(|(proposal, _)| offers::ike(proposal, &self.provider).ok());
        let usable: Vec<_> = plain
            .filter(|offer| offer.additional.iter().all(|method| *method == 0))
            .map(|offer| offer.proposal)
            .collect();
        let Some(wire) = self.wire.take() else {
            self.report.authentication.detail = "the server did not answer".into();
            return Ok(());
        };
        if usable.is_empty() {
            self.report.authentication.detail = if self
                .report
                .ike
                .iter()
                .any(|one| one.verdict == Verdict::Taken)
            {
                "the server takes only proposals with additional key exchanges, which this engine cannot run"
                    .into()
            } else {
                "the server takes no proposal for the IKE SA that this engine can go on with".into()
            };
            return Ok(());
        }
        for (place, proposal) in proposals.child.iter().enumerate() {
            let offer = match offers::child(proposal, &self.provider) {
                Ok(offer) => offer,
                Err(missing) => {
                    let number = place + 1;
                    let text = format!("this engine lacks {missing}");
                    self.report.not_tested.push(format!("Child SA, proposal {number}: {text}"));
                    self.child(place, Verdict::NotTested, None, Some(text));
                    continue;
                }
            };
            let mut config = login.clone();
            config.common.ike_proposals = usable.clone();
            config.common.child.proposals = vec![offer];
            let seen = wire.authenticate(config).map_err(cannot)?;
            if !self.note_session(place, &seen, login) {
                break;
            }
        }
        Ok(())
    }

    fn child(&mut self, place: usize, verdict: Verdict, rekey: Option<Verdict>, detail: Option<String>) {
        if let Some(asked) = self.report.child.get_mut(place) {
            (asked.verdict, asked.rekey, asked.detail) = (verdict, rekey, detail);
        }
    }

    /// Writes down what a session showed; false if others would show no more.
    fn note_session(&mut self, place: usize, seen: &Seen, login: &InitiatorConfig) -> bool {
        let method = match &login.local_auth {
            LocalAuth::SharedKey(_) => "the pre-shared key",
            LocalAuth::Certificate(_) | LocalAuth::HostKey(_) => "the profile's certificate",
            LocalAuth::Eap { .. } | LocalAuth::EapAsked { .. } => "EAP with user name and password",
        };
        let by_certificate = !matches!(login.remote_auth, RemoteAuth::SharedKey(_));
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = now.map_or(0, |unix| unix.as_secs());
        if self.report.certificate.is_none() {
            self.report.certificate = CertificateVerdict::of(seen, by_certificate, now);
        }
        // Only a server that proved itself, and took our proof, answers as far as this.
        let believed = seen.mobike.is_some();
        if let Some((identity, _)) = &seen.server {
            self.report.authentication.server_identity = Some(identity.clone());
        }
        if self.report.authentication.result != Observation::Yes {
            self.report.authentication.result = Some(believed).into();
            self.report.authentication.detail = format!("IKE_AUTH with {method}, as {}", login.local_id);
        }
        if let Some(known) = seen.mobike {
            self.report.mobike = Some(known).into();
        }
        if let Some(established) = &seen.established {
            self.report.authentication.server_proof = Some(established.peer_authentication.clone());
            if !seen.deleted {
                let text =
                    "a deletion that the server did not confirm: it ends the connection by itself later";
                self.report.left_behind.push(text.into());
            }
        }
        match (&seen.child, &seen.failure) {
            (Some(suite), failure) => {
                let (rekey, said) = match &seen.rekeyed {
                    Some(Ok(_)) => (Verdict::Taken, None),
                    Some(Err(refusal)) => (Verdict::Refused, Some(refusal.clone())),
                    None => (Verdict::NotObserved, failure.as_ref().map(ToString::to_string)),
                };
                if rekey == Verdict::Refused {
                    self.advise(
                        "The tunnel comes up, but the Child SA cannot be rekeyed, so that it ends with its lifetime: make \
                         EnablePFS and DiffieHellmanGroup of ChildSecurityAssociationParameters agree with the server's \
                         groups for ESP (strongSwan: esp_proposals).",
                    );
                }
                let detail = said.map_or_else(|| suite.clone(), |said| format!("{suite}; its rekey: {said}"));
                self.child(place, Verdict::Taken, Some(rekey), Some(detail));
                true
            }
            (None, Some(failure)) => {
                let about_child = is_about_child(failure);
                self.refusals.push(failure.clone());
                if about_child || believed {
                    self.child(place, Verdict::Refused, None, Some(failure.to_string()));
                } else {
                    let detail = format!("{}: {failure}", self.report.authentication.detail);
                    self.report.authentication.detail = detail;
                }
                about_child
            }
            (None, None) => {
                self.child(
                    place,
                    Verdict::NotObserved,
                    None,
                    Some("the handshake did not end in time".into()),
                );
                false
            }
        }
    }
}
