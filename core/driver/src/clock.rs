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

/// How often in a second a deadline that moves to a later time is told to the system.
#[cfg(any(target_os = "linux", target_os = "android"))]
const LATER_IN_A_SECOND: u8 = 4;

/// Wakes a task at a deadline on a [`Clock`].
///
/// A deadline that moves to a later time, or away, costs a system call a few times in a second at most; beyond that the old
/// one is let expire first. A loop that moves its deadline with each packet therefore pays next to nothing for it, and an
/// idle one is not woken for what is not due any more.
#[derive(Debug)]
pub struct Timer {
    clock: Clock,
    deadline: Option<Duration>,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    descriptor: Option<tokio::io::unix::AsyncFd<std::fs::File>>,
    /// What the descriptor is armed for, as time since the clock's epoch.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    armed: Option<Duration>,
    /// The second in which it was armed for a later time, and how often.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    later: (u64, u8),
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
            #[cfg(any(target_os = "linux", target_os = "android"))]
            later: (0, 0),
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
            self.disarm();
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
        let must_arm = self.must_arm(now, Some(deadline));
        let Some(descriptor) = &self.descriptor else {
            tokio::time::sleep(deadline - now).await;
            return;
        };
        if must_arm {
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

    /// True if the descriptor does not wake at `deadline`, and it is worth a system call that it does.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn must_arm(&mut self, now: Duration, deadline: Option<Duration>) -> bool {
        match self.armed {
            armed if armed == deadline => deadline.is_some_and(|deadline| deadline <= now),
            Some(armed) if armed > now && deadline.is_none_or(|deadline| deadline > armed) => {
                let (second, times) = self.later;
                let times = if second == now.as_secs() { times } else { 0 };
                self.later = (now.as_secs(), times.saturating_add(1));
                times < LATER_IN_A_SECOND
            }
            _ => true,
        }
    }

    /// There is nothing to wake for.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn disarm(&mut self) {
        use std::os::fd::AsFd;
        if self.armed.is_some()
            && self.must_arm(self.clock.now(), None)
            && let Some(descriptor) = &self.descriptor
            && sys::time::arm(descriptor.get_ref().as_fd(), None).is_ok()
        {
            self.armed = None;
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn disarm(&mut self) {}

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

    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[test]
    fn an_idle_timer_is_moved_and_one_that_moves_all_the_time_is_let_expire() {
        runtime().block_on(async {
            let clock = Clock::new();
            let mut timer = Timer::new(clock).unwrap();
            let start = clock.now();
            let wait = async |timer: &mut Timer, deadline: Option<Duration>| {
                timer.set(deadline);
                let waited = tokio::time::timeout(Duration::from_millis(1), timer.expired()).await;
                assert!(waited.is_err());
                timer.armed
            };
            let (soon, later) = (start + Duration::from_secs(60), start + Duration::from_secs(90));
            assert_eq!(wait(&mut timer, Some(soon)).await, Some(soon));
            assert_eq!(wait(&mut timer, Some(later)).await, Some(later), "nothing is due before");
            assert_eq!(wait(&mut timer, None).await, None, "nothing is due at all");
            // As with each packet.
            let mut armed = Vec::new();
            for n in 0..400 {
                armed.push(wait(&mut timer, Some(soon + Duration::from_secs(n))).await);
            }
            let passed = clock.now() - start;
            armed.dedup();
            let most = 1 + usize::from(super::LATER_IN_A_SECOND) * (2 + passed.as_secs() as usize);
            assert!(armed.len() <= most, "{} times in {passed:?}", armed.len());
            // And it is never late.
            let soon = clock.now() + Duration::from_millis(20);
            timer.set(Some(soon));
            timer.expired().await;
            assert!(clock.now() < soon + Duration::from_secs(5));
        });
    }

    #[test]
    fn outside_a_runtime_is_an_error_not_a_panic() {
        assert!(Timer::new(Clock::new()).is_err());
    }
}
