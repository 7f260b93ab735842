//! What follows from the answers: whether the two agree, what was not seen, and what to do.

use adit_ike::Failure;

use super::report::{Asked, Observation, Report, Verdict};
use super::run::Probe;

impl Probe {
    /// Draws the conclusions.
    pub(super) fn judged(mut self) -> Report {
        let any = |asked: &[Asked], verdict| asked.iter().any(|one| one.verdict == verdict);
        let ike = any(&self.report.ike, Verdict::Taken);
        let child = self
            .report
            .child
            .iter()
            .any(|one| one.verdict == Verdict::Taken && one.rekey != Some(Verdict::Refused));
        self.report.agree = match self.report.authentication.result {
            Observation::Yes => ike && child,
            Observation::No => false,
            Observation::NotObserved => ike,
        };
        if !self.report.agree {
            for failure in std::mem::take(&mut self.refusals) {
                let known = matches!(failure, Failure::NoProposalChosen { .. }) && ike && child;
                if !known {
                    self.advise(&failure.advice());
                }
            }
            if !ike && self.report.ike.iter().all(|one| one.verdict == Verdict::NotTested) {
                self.advise("Nothing could be asked: this engine has none of the profile's proposals. Ask another client.");
            }
        }
        self.not_observed();
        if self.half_open > 0 {
            self.report.left_behind.push(format!(
                "{} half-open IKE SA{} at the server, which forgets {} by itself (strongSwan: after 30 s)",
                self.half_open,
                if self.half_open == 1 { "" } else { "s" },
                if self.half_open == 1 { "it" } else { "them" },
            ));
        }
        self.report
    }

    fn not_observed(&mut self) {
        let mut list = Vec::new();
        let report = &self.report;
        if report.authentication.result == Observation::NotObserved {
            let why = &report.authentication.detail;
            list.push(format!("who the server is, its certificate, the Child SA and MOBIKE: {why}"));
        } else {
            if report.mobike == Observation::NotObserved {
                list.push("MOBIKE: IKE_AUTH did not end well".into());
            }
            if report.child.iter().any(|one| one.verdict == Verdict::NotObserved) {
                list.push("some or all proposals of the Child SA: IKE_AUTH did not get so far".into());
            }
        }
        if report.support.is_none() {
            list.push("NAT, fragmentation and signature hashes: the server took no proposal".into());
        }
        if report.support.as_ref().is_some_and(|support| support.intermediate == Observation::NotObserved) {
            list.push("additional key exchanges (post-quantum): the profile offers none".into());
        }
        self.report.not_observed = list;
    }
}
