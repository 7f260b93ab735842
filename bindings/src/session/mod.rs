//! A tunnel, as an app holds it.
//!
//! Owns [`Session`]. What it does runs in a task on the runtime's thread (`task`); here are the calls, which never wait for
//! it but where they say so.

mod asks;
mod host;
mod plan;
mod questions;
mod queue;
mod shared;
mod task;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use adit_driver::client::{Control, Link};
use adit_driver::clock::Clock;
use adit_driver::tun::{Framing, duplicate, packet_device};
use adit_manager::EndReason;
use tokio::sync::mpsc;

use crate::{
    AditError, Answer, NetworkInfo, SessionEvent, SessionOptions, SessionStats, TunFraming, c_abi, log,
    runtime,
};
use asks::Waiting;
use plan::Plan;
use queue::Taken;
use shared::{Device, Shared};

/// Calls that wait for the task at most.
const CONTROLS: usize = 64;

/// The longest packet that is taken from an app: more than any profile's MTU.
const PACKET_MAX: usize = 1_664;

/// Packets from an app that wait for the tunnel at most.
const PACKETS: usize = 256;

/// How long [`Session::stop`] waits; the task ends within a second.
const STOP_PATIENCE: Duration = Duration::from_millis(1_000);

/// How long [`Session::stats`] waits for fresh counters.
const STATS_PATIENCE: Duration = Duration::from_millis(200);

static LIVE: AtomicU64 = AtomicU64::new(0);

/// How many sessions this process holds: those that were made and not freed. For tests of an app.
///
/// # Errors
/// Never.
#[uniffi::export]
pub fn live_sessions() -> Result<u64, AditError> {
    Ok(LIVE.load(Ordering::Relaxed))
}

/// A tunnel from its making, when it begins to connect, to `Closed`.
#[derive(uniffi::Object)]
pub struct Session {
    shared: Arc<Shared>,
    /// The handle of the device that the C ABI calls.
    packets: Mutex<Option<u64>>,
}

#[uniffi::export]
impl Session {
    /// Judges the profile and begins to connect. Take the events from now on.
    ///
    /// # Errors
    /// [`AditError::Profile`] with every reason why the profile makes no tunnel; [`AditError::Usage`];
    /// [`AditError::System`] if there is no thread to be had.
    #[uniffi::constructor]
    pub fn new(options: SessionOptions) -> Result<Arc<Self>, AditError> {
        log::install();
        let plan = Plan::of(options)?;
        let (control, controls) = mpsc::channel(CONTROLS);
        let shared = Arc::new(Shared::new(control));
        for secret in &plan.secrets {
            shared.hide(secret);
        }
        let task = Arc::clone(&shared);
        runtime::spawn(move || task::run(plan, task, controls))?;
        LIVE.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(Self { shared, packets: Mutex::new(None) }))
    }

    /// Waits for the next event; nothing after `Closed`. May be cancelled: no event is lost.
    ///
    /// # Errors
    /// Never.
    pub async fn next_event(&self) -> Result<Option<SessionEvent>, AditError> {
        Ok(self.shared.queue.next().await)
    }

    /// Waits so many milliseconds for the next event; nothing if none came, and after `Closed`.
    ///
    /// # Errors
    /// Never.
    pub fn wait_event(&self, timeout_ms: u32) -> Result<Option<SessionEvent>, AditError> {
        match self.shared.queue.wait(Duration::from_millis(timeout_ms.into())) {
            Taken::Event(event) => Ok(Some(*event)),
            Taken::Over | Taken::Nothing => Ok(None),
        }
    }

    /// True once `Closed` was put among the events, taken or not.
    ///
    /// # Errors
    /// Never.
    pub fn is_closed(&self) -> Result<bool, AditError> {
        Ok(self.shared.queue.is_closed())
    }

    /// Uses a TUN: duplicates the descriptor, so that the app may close its own. May be called before `Up`, and again at any
    /// time: the new one is in use before the old one is closed.
    ///
    /// # Errors
    /// [`AditError::System`] if it is no open descriptor; [`AditError::Usage`] after the end. A descriptor that cannot be
    /// watched shows in the events.
    pub fn attach_tun(&self, fd: i32, framing: TunFraming) -> Result<(), AditError> {
        let framing = match framing {
            TunFraming::RawIp => Framing::Raw,
            TunFraming::Utun => Framing::Utun,
        };
        let fd = duplicate(fd).map_err(|error| {
            AditError::system(
                format!("the descriptor {fd} cannot be used: {error}"),
                "Give one that is open.",
            )
        })?;
        self.attach(Device::Descriptor(fd, framing))
    }

    /// Uses packets in batches instead of a descriptor: gives the handle for `adit_packets_in` and
    /// `adit_packets_register` of `adit.h`. It is good until the session is freed or another device attached.
    ///
    /// # Errors
    /// [`AditError::Usage`] after the end.
    pub fn attach_packets(&self) -> Result<u64, AditError> {
        let (tun, end) = packet_device(PACKET_MAX, PACKETS);
        self.attach(Device::Packets(tun))?;
        let handle = c_abi::packets::publish(end);
        self.publish(Some(handle));
        Ok(handle)
    }

    /// Tells of the physical network: at the start, and when it changes; none if there is none. While the tunnel is up, `Up`
    /// comes again if other networks stay outside of it now (`TunnelSettings::excluded_routes`).
    ///
    /// # Errors
    /// [`AditError::Usage`] after the end.
    pub fn network_changed(&self, network: Option<NetworkInfo>) -> Result<(), AditError> {
        let local = |network: &NetworkInfo| {
            network.addresses.iter().filter_map(|text| asks::network(text)).collect::<Vec<_>>()
        };
        self.shared.set_local_networks(network.as_ref().map(local));
        let link = network.map(|network| {
            let address = |text: &String| asks::address(text.split('/').next().unwrap_or_default());
            Link {
                handle: network.handle,
                interface: network.interface,
                addresses: network.addresses.iter().filter_map(address).collect(),
            }
        });
        self.tell(Control::NetworkChanged(link))
    }

    /// Answers a question. An answer that comes too late is dropped.
    ///
    /// # Errors
    /// [`AditError::Usage`]: there was no such question, or it cannot be answered so.
    pub fn answer(&self, token: u64, answer: Answer) -> Result<(), AditError> {
        let waiting = self.shared.asks().answered(token, &answer)?;
        match waiting {
            None => Ok(()),
            Some(Waiting::Here(to)) => {
                // It was given up this very moment.
                let _ = to.send(answer);
                Ok(())
            }
            Some(Waiting::Engine(id, question)) => {
                if let Answer::Password { password, .. } = &answer {
                    self.shared.hide(password);
                }
                let Some(answer) = questions::for_engine(&question, answer) else { return Ok(()) };
                self.shared.note_login(&answer);
                self.tell(Control::Answer(id, answer))
            }
        }
    }

    /// The system is about to sleep: nothing is sent on account of a deadline until `wake`.
    ///
    /// # Errors
    /// [`AditError::Usage`] after the end.
    pub fn sleep(&self) -> Result<(), AditError> {
        self.tell(Control::Sleep(Clock::new()))
    }

    /// The system is awake: with the next packet the server is asked whether it still answers.
    ///
    /// # Errors
    /// [`AditError::Usage`] after the end.
    pub fn wake(&self) -> Result<(), AditError> {
        self.tell(Control::Wake)
    }

    /// The counters. Waits for fresh ones, a fifth of a second at most.
    ///
    /// # Errors
    /// Never.
    pub fn stats(&self) -> Result<SessionStats, AditError> {
        if self.shared.queue.is_closed() || runtime::is_here() {
            return Ok(self.shared.stats());
        }
        let fresh = self.shared.want_stats();
        if self.tell(Control::Stats).is_err() {
            return Ok(self.shared.stats());
        }
        Ok(fresh.recv_timeout(STATS_PATIENCE).unwrap_or_else(|_| self.shared.stats()))
    }

    /// The last lines of the log of all sessions, at most 64 KiB, with secrets masked; for export by the user.
    ///
    /// # Errors
    /// Never.
    pub fn log_tail(&self) -> Result<String, AditError> {
        Ok(log::tail())
    }

    /// Ends the tunnel: the server is told, within a second at most; returns when it is over. May be called again.
    ///
    /// # Errors
    /// Never.
    pub fn stop(&self) -> Result<(), AditError> {
        self.ask_to_stop();
        // On its own thread (a packet callback) waiting would keep it from ending.
        if !runtime::is_here() {
            self.shared.queue.wait_closed(STOP_PATIENCE);
        }
        Ok(())
    }
}

impl Session {
    fn tell(&self, control: Control) -> Result<(), AditError> {
        if self.shared.queue.is_closed() {
            return Err(AditError::usage("the session is over"));
        }
        self.shared.control.try_send(control).map_err(|_| {
            AditError::usage("the session has not yet done what it was told before: call less often")
        })
    }

    fn attach(&self, device: Device) -> Result<(), AditError> {
        if self.shared.queue.is_closed() {
            return Err(AditError::usage("the session is over"));
        }
        self.shared.bring(device);
        self.publish(None);
        self.tell(Control::DeviceChanged)
    }

    /// Another handle is in use, or none.
    fn publish(&self, handle: Option<u64>) {
        let mut packets = self.packets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = std::mem::replace(&mut *packets, handle) {
            c_abi::packets::withdraw(before);
        }
    }

    /// Why it ended, in the manager's terms.
    pub(crate) fn end_reason(&self) -> EndReason {
        self.shared.end()
    }

    fn ask_to_stop(&self) {
        self.shared.stop_asked.notify_one();
        // With the queue of calls full the task still ends within the second.
        let _ = self.shared.control.try_send(Control::Stop);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.ask_to_stop();
        self.publish(None);
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}
