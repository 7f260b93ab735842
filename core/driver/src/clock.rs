//! Time that keeps counting while the machine sleeps.
//!
//! Owns [`Clock`], which the event loop reads to tell the engine `now`, and [`Timer`], which wakes it at the
//! engine's next deadline. A phone or laptop that was suspended for an hour must find its SAs an hour older
//! (RFC 7296 2.8: lifetimes are real time), so both use the clock that counts suspend: CLOCK_BOOTTIME on
//! Linux and Android, the continuous clock on Apple's systems. Leaves out wall-clock time, which certificate
//! checks take from the host.

use std::io;
use std::time::Duration;

use crate::sys;

/// A monotone clock. Copies share their epoch: the moment the first of them was made.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    epoch: Duration,
    fallback: std::time::Instant,
}

impl Clock {
    /// A clock whose epoch is now.
    #[must_use]
    pub fn new() -> Self {
        Self { epoch: sys::time::since_boot().unwrap_or_default(), fallback: std::time::Instant::now() }
    }

    /// Time since the epoch, including time spent in suspend. Never goes back.
    #[must_use]
    pub fn now(&self) -> Duration {
        match sys::time::since_boot() {
            Some(now) => now.saturating_sub(self.epoch),
            // Linux before 2.6.39 and sandboxes that forbid the call: correct but for suspend.
            None => self.fallback.elapsed(),
        }
    }

    /// Waits until [`Self::now`] has reached `deadline`. To wait often, keep a [`Timer`].
    ///
    /// # Errors
    /// As [`Timer::new`].
    pub async fn sleep_until(&self, deadline: Duration) -> io::Result<()> {
        let mut timer = Timer::new(*self)?;
        timer.set(Some(deadline));
        timer.expired().await;
        Ok(())
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// Wakes a task at a deadline on a [`Clock`].
///
/// Moving the deadline to a later time costs no system call: the old one is let expire first. A loop that
/// moves its deadline with each packet therefore pays nothing for it.
#[derive(Debug)]
pub struct Timer {
    clock: Clock,
    deadline: Option<Duration>,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    descriptor: Option<tokio::io::unix::AsyncFd<std::fs::File>>,
    /// What the descriptor is armed for, as time since the clock's epoch.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    armed: Option<Duration>,
}

impl Timer {
    /// A timer without a deadline. Call inside a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// Outside a runtime.
    pub fn new(clock: Clock) -> io::Result<Self> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(io::Error::other("no tokio runtime here: call this from an async task"));
        }
        Ok(Self {
            clock,
            deadline: None,
            // Without timer descriptors (a sandbox may forbid them) tokio's timer is the fallback; it does
            // not count suspend, so wake-ups after resume come late, never early.
            #[cfg(any(target_os = "linux", target_os = "android"))]
            descriptor: sys::time::boottime_timer().and_then(|fd| sys::descriptor::watch(fd.into())).ok(),
            #[cfg(any(target_os = "linux", target_os = "android"))]
            armed: None,
        })
    }

    /// Sets the deadline, or none.
    pub fn set(&mut self, deadline: Option<Duration>) {
        self.deadline = deadline;
    }

    /// The deadline.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// Waits until the deadline has been reached; for ever if there is none. Leaves the deadline set, so that
    /// calling again returns at once. May be dropped and called again (`select!`).
    pub async fn expired(&mut self) {
        let Some(deadline) = self.deadline else {
            return std::future::pending().await;
        };
        loop {
            let now = self.clock.now();
            if now >= deadline {
                return;
            }
            self.wait(now, deadline).await;
        }
    }

    /// Returns at `deadline` or earlier.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    async fn wait(&mut self, now: Duration, deadline: Duration) {
        let Some(descriptor) = &self.descriptor else {
            tokio::time::sleep(deadline - now).await;
            return;
        };
        if !self.armed.is_some_and(|armed| armed > now && armed <= deadline) {
            use std::os::fd::AsFd;
            let at = deadline.saturating_add(self.clock.epoch);
            if sys::time::arm(descriptor.get_ref().as_fd(), Some(at)).is_err() {
                tokio::time::sleep(deadline - now).await;
                return;
            }
            self.armed = Some(deadline);
        }
        if let Ok(mut guard) = descriptor.readable().await {
            // The number of expirations need not be read: arming anew also makes it unreadable.
            guard.clear_ready();
        }
        self.armed = None;
    }

    /// Returns at `deadline` or earlier. tokio's timer stops in suspend here; the host application is told
    /// of the wake (`NEPacketTunnelProvider.wake`) and must make the loop look at the clock.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    async fn wait(&mut self, now: Duration, deadline: Duration) {
        tokio::time::sleep(deadline - now).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Clock, Timer};

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
    }

    #[test]
    fn never_goes_back_and_copies_agree() {
        let clock = Clock::new();
        let copy = clock;
        let mut last = Duration::ZERO;
        for _ in 0..1000 {
            let now = clock.now();
            assert!(now >= last);
            assert!(copy.now() >= now);
            last = now;
        }
    }

    #[test]
    fn timer_fires_at_its_deadline_and_again_until_moved() {
        runtime().block_on(async {
            let clock = Clock::new();
            let mut timer = Timer::new(clock).unwrap();
            let deadline = clock.now() + Duration::from_millis(30);
            timer.set(Some(deadline));
            timer.expired().await;
            assert!(clock.now() >= deadline);
            assert!(clock.now() < deadline + Duration::from_secs(5));
            timer.expired().await;
            timer.set(None);
            let pending = tokio::time::timeout(Duration::from_millis(20), timer.expired()).await;
            assert!(pending.is_err());
        });
    }

    #[test]
    fn deadline_moved_while_waiting_counts() {
        runtime().block_on(async {
            let clock = Clock::new();
            let mut timer = Timer::new(clock).unwrap();
            let start = clock.now();
            timer.set(Some(start + Duration::from_millis(20)));
            assert!(tokio::time::timeout(Duration::from_millis(5), timer.expired()).await.is_err());
            // Later: the old arming expires first and must not be taken for the deadline.
            timer.set(Some(start + Duration::from_millis(60)));
            timer.expired().await;
            assert!(clock.now() >= start + Duration::from_millis(60));
            // Earlier than what is armed.
            timer.set(Some(clock.now() + Duration::from_secs(3600)));
            assert!(tokio::time::timeout(Duration::from_millis(5), timer.expired()).await.is_err());
            let soon = clock.now() + Duration::from_millis(10);
            timer.set(Some(soon));
            tokio::time::timeout(Duration::from_secs(10), timer.expired()).await.unwrap();
            assert!(clock.now() >= soon);
            // In the past: at once.
            timer.set(Some(Duration::ZERO));
            tokio::time::timeout(Duration::from_secs(1), timer.expired()).await.unwrap();
        });
    }

    #[test]
    fn outside_a_runtime_is_an_error_not_a_panic() {
        assert!(Timer::new(Clock::new()).is_err());
    }
}
