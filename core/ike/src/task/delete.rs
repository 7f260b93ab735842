//! Deleting Child SAs (RFC 7296 1.4.1).

use super::Active;
use crate::event::ChildId;
use crate::failure::Failure;
use crate::phase::established::Established;
use crate::session::context::Context;
use crate::wire::{Delete, ExchangeType, Payload};

/// Deletes the Child SA `id`: names the SPI on which we receive.
pub(super) fn start(est: &mut Established, cx: &mut Context, id: ChildId) -> Result<(), Failure> {
    let Some(spi_in) = est.child(id).map(|child| child.spi_in) else { return Ok(()) };
    send(est, cx, spi_in, Some(id))
}

/// Deletes an inbound SPI that the peer may have installed though we did not.
pub(super) fn start_spi(est: &mut Established, cx: &mut Context, spi_in: u32) -> Result<(), Failure> {
    send(est, cx, spi_in, None)
}

fn send(est: &mut Established, cx: &mut Context, spi_in: u32, id: Option<ChildId>) -> Result<(), Failure> {
    est.sa.request(cx, ExchangeType::INFORMATIONAL, &[Payload::Delete(Delete::esp([spi_in]))])?;
    est.active = Some(Active::Delete { id });
    Ok(())
}

/// The peer has deleted its half, whether it says so or not.
pub(super) fn on_response(est: &mut Established, cx: &mut Context, id: Option<ChildId>) {
    if let Some(id) = id {
        est.remove_child(cx, id);
    }
    // It may have run out without a successor.
    est.recover_child();
}
