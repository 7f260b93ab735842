//! A whole IKE session: client and gateway with a hostile network between them that can forge what it likes.
//!
//! Input: two octets of configuration, then steps: deliver, lose, repeat, reorder or change a message, make one up,
//! let time pass, ask a side for something, move the client behind another address. The testing provider takes every
//! ICV, signature and AUTH payload, so that changed messages reach the code behind authentication. However the
//! steps end, the network is honest from then on.
//!
//! Invariants, after each step and for each side ([`world`]): after `handle_timeout` the next deadline is later or
//! output waits; output is bounded, well-formed and gone once taken; no Child SA before authentication; at most so
//! many at once, each with parameters ESP takes, a name of its own, and removed once; nothing after `Closed`; no
//! secret in any text. In the end: the sides come to rest without time passing, and then live through a few lifetimes
//! of their SAs in a bounded number of steps.

mod peers;
mod surgery;
mod world;

use std::time::Duration;

use adit_ike::Command;
use arbitrary::{Arbitrary, Unstructured};

use self::peers::Setup;
use self::surgery::Change;
use self::world::{Side, World};

/// Most steps taken from one input.
const STEPS_MAX: usize = 200;

/// One step.
#[derive(Arbitrary, Debug)]
enum Step {
    /// Hand over everything under way, and its answers, as it is.
    DeliverAll,
    /// Hand over one datagram.
    Deliver { which: u8 },
    /// Hand it over and keep it for later.
    DeliverCopy { which: u8 },
    /// Lose it.
    Drop { which: u8 },
    /// Change it and hand it over.
    Deform { which: u8, change: Change, then: Option<Change> },
    /// Hand over a made-up message.
    MakeUp { to: Side },
    /// Let time pass to the next deadline.
    NextDeadline,
    /// Let time pass.
    Wait { quarter_seconds: u8 },
    /// Ask a side for something.
    Request { of: Side, command: u8 },
    /// What the gateway's host answers from now on.
    Leases { given: bool, delayed: bool },
    /// The client's address changes.
    Move { port: u8 },
    /// An ESP packet came for a Child SA.
    Packet { to: Side, child: u8 },
    /// A Child SA runs out of sequence numbers.
    RunOut { of: Side, child: u8 },
}

/// Runs a session.
pub fn ike_session(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok(setup) = input.arbitrary::<Setup>() else { return };
    let mut world = World::new(setup);
    for _ in 0..STEPS_MAX {
        if input.is_empty() || take_step(&mut world, &mut input).is_err() {
            break;
        }
    }
    world.end();
}

fn take_step(world: &mut World, input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    match input.arbitrary()? {
        Step::DeliverAll => world.settle(),
        Step::Deliver { which } => world.deliver(which, |_| {}),
        Step::DeliverCopy { which } => {
            world.copy(which);
            world.deliver(which, |_| {});
        }
        Step::Drop { which } => world.lose(which),
        Step::Deform { which, change, then } => {
            let framing = world.framing();
            world.deliver(which, |message| {
                for change in [Some(change), then].iter().flatten() {
                    surgery::change(message, change, framing);
                }
            });
        }
        Step::MakeUp { to } => {
            let message = surgery::make_up(input, world.spis(to), world.framing())?;
            world.inject(to, message);
        }
        Step::NextDeadline => world.next_deadline(),
        Step::Wait { quarter_seconds } => {
            world.wait(Duration::from_millis(250 * u64::from(quarter_seconds)));
        }
        Step::Request { of, command } => world.request(
            of,
            [Command::RekeyChild, Command::RekeyIke, Command::CheckLiveness, Command::Close]
                [usize::from(command % 4)],
        ),
        Step::Leases { given, delayed } => world.set_leases(given, delayed),
        Step::Move { port } => world.move_client(port),
        Step::Packet { to, child } => world.packet(to, child),
        Step::RunOut { of, child } => world.run_out(of, child),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::peers::{Auth, Setup};
    use super::*;

    fn setups() -> impl Iterator<Item = Setup> {
        [Auth::SharedKey, Auth::Certificate, Auth::Eap].into_iter().flat_map(|auth| {
            (0..64u8).map(move |bits| Setup {
                auth,
                cbc: bits & 1 != 0,
                pfs: bits & 2 != 0,
                small_fragments: bits & 4 != 0,
                quiet: bits & 8 != 0,
                cookie: bits & 16 != 0,
                wrong_group: bits & 32 != 0,
                long_life: true,
            })
        })
    }

    #[test]
    fn every_setup_comes_up_on_an_honest_network() {
        for setup in setups() {
            let mut world = World::new(setup);
            world.settle();
            assert!(world.is_up(), "{setup:?}");
            for of in [Side::Client, Side::Gateway] {
                for command in [Command::RekeyChild, Command::RekeyIke, Command::RekeyChild] {
                    world.request(of, command);
                    world.settle();
                }
            }
            assert!(world.is_up(), "{setup:?}");
            world.end();
        }
    }

    #[test]
    fn a_changed_rekey_reaches_the_code_behind_authentication() {
        let setup = setups().next().expect("a setup");
        let mut world = World::new(setup);
        world.settle();
        world.request(Side::Client, Command::RekeyChild);
        let framing = world.framing();
        // Without its SA payload the request is authentic nonsense: it is answered, not dropped.
        world.deliver(0, |message| surgery::change(message, &Change::Remove { payload: 1 }, framing));
        assert!(world.under_way_to(Side::Client) > 0);
        world.end();
    }
}
