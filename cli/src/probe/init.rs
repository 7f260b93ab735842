//! IKE_SA_INIT: which proposals for the IKE SA the server takes, and what it announces.

use std::net::SocketAddr;
use std::time::Duration;

use adit_ike::Failure;
use adit_ike::probe::{Question, SaInitAnswer};
use adit_profile::explain::Proposals;

use super::offers;
use super::report::{Asked, Support, Verdict};
use super::run::{Probe, cannot, waiting};
use super::wire::{Server, Wire};
use crate::outcome::Failed;

impl Probe {
    /// One IKE_SA_INIT for each proposal.
    pub(super) fn ask_all(
        &mut self,
        proposals: &Proposals,
        addresses: &[SocketAddr],
        natt_port: u16,
    ) -> Result<(), Failed> {
        let mut silent = false;
        for (proposal, number) in proposals.ike.iter().zip(1..) {
            let mut asked = waiting(proposal, number);
            match offers::ike(proposal, &self.provider) {
                Err(missing) => {
                    asked.verdict = Verdict::NotTested;
                    asked.detail = Some(format!("this engine lacks {missing}"));
                    self.report
                        .not_tested
                        .push(format!("IKE SA, proposal {number}: this engine lacks {missing}"));
                }
                Ok(_) if silent => asked.detail = Some("not asked, since nothing answered before".into()),
                Ok(offer) => {
                    let question = Question {
                        proposal: offer.proposal,
                        additional: offer.additional,
                        ppk: self.ppk,
                        patience: self.patience,
                    };
                    silent = !self.ask(&question, &mut asked, addresses, natt_port)? && !self.report.answered;
                }
            }
            self.report.ike.push(asked);
        }
        Ok(())
    }

    /// Asks one question of the address that answered before, else of each in turn; false if none answers.
    fn ask(
        &mut self,
        question: &Question,
        asked: &mut Asked,
        addresses: &[SocketAddr],
        natt_port: u16,
    ) -> Result<bool, Failed> {
        if let Some(wire) = self.wire.take() {
            let answer = wire.ask(question.clone()).map_err(cannot)?;
            self.wire = Some(wire);
            return Ok(self.note(question, asked, answer.result));
        }
        let mut last = None;
        for address in addresses {
            let wire = Wire::new(Server { ike: *address, natt_port }, self.patience);
            match wire.ask(question.clone()) {
                Ok(answer) if matches!(answer.result, Err(Failure::NoAnswer { .. })) => {
                    if answer.port_closed {
                        self.advise(&format!(
                            "{address} says that nothing listens on this UDP port: start the IKE service there, or give \
                             the right --port."
                        ));
                    }
                    last = Some(answer.result);
                }
                Ok(answer) => {
                    self.wire = Some(wire);
                    self.report.address = Some(address.to_string());
                    self.report.answered = true;
                    return Ok(self.note(question, asked, answer.result));
                }
                // No route in this family, for instance: another address may do.
                Err(error) if addresses.len() > 1 => self.advise(&format!("{address}: {error}")),
                Err(error) => return Err(cannot(error)),
            }
        }
        self.report.address = addresses.first().map(ToString::to_string);
        let silent = Failure::NoAnswer { tries: 0, waited: Duration::ZERO };
        Ok(self.note(question, asked, last.unwrap_or(Err(silent))))
    }

    /// Writes an answer down; false if it is none.
    fn note(
        &mut self,
        question: &Question,
        asked: &mut Asked,
        result: Result<SaInitAnswer, Failure>,
    ) -> bool {
        match result {
            Ok(answer) => {
                self.half_open += 1;
                asked.verdict = Verdict::Taken;
                let wants = question.additional.iter().any(|method| *method != 0);
                if self.report.support.is_none() || wants {
                    self.report.support = Some(Support::of(&answer.support, (wants, self.ppk)));
                }
                if wants {
                    self.note_additional(asked, &answer);
                }
                if !answer.support.nat_traversal {
                    self.advise("The server takes no part in NAT detection: turn NAT traversal on there.");
                }
                true
            }
            Err(failure) => {
                let silent = matches!(failure, Failure::NoAnswer { .. });
                asked.verdict = if silent { Verdict::NoAnswer } else { Verdict::Refused };
                asked.detail = Some(if silent && self.report.answered {
                    "no answer, though the server answered before: it may limit how many handshakes one address begins"
                        .into()
                } else {
                    failure.to_string()
                });
                self.refusals.push(failure);
                !silent
            }
        }
    }

    fn note_additional(&mut self, asked: &mut Asked, answer: &SaInitAnswer) {
        let chosen: Vec<String> = answer
            .additional
            .iter()
            .map(|one| format!("additional key exchange {}: {}", one.place, adit_crypto::DhGroup(one.method)))
            .collect();
        let detail = if answer.support.intermediate {
            format!("the server chose {}; the exchange itself was not run", chosen.join(", "))
        } else {
            format!(
                "the server chose {}, but announces no IKE_INTERMEDIATE to run it in (RFC 9242)",
                chosen.join(", ")
            )
        };
        if !answer.support.intermediate {
            asked.verdict = Verdict::Refused;
        }
        self.report.post_quantum.push(format!("proposal {}: {detail}", asked.number));
        asked.detail = Some(detail);
    }
}
