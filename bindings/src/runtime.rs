//! The one thread on which all tunnels of this process run.
//!
//! Owns the thread: made with the first tunnel, gone after the last. Tunnels are tasks on it that need not be `Send`.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use tokio::sync::mpsc;

use crate::AditError;

/// Makes a tunnel's task, on the thread.
type Start = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()>>> + Send>;

struct Worker {
    starts: mpsc::UnboundedSender<Start>,
    thread: ThreadId,
    /// Tasks that have not ended.
    tasks: usize,
}

static WORKER: Mutex<Option<Worker>> = Mutex::new(None);

/// Nothing that holds the lock can leave it half changed.
fn lock() -> MutexGuard<'static, Option<Worker>> {
    WORKER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a task on the thread, which is made if there is none.
///
/// # Errors
/// The system has no thread, or no descriptors for its event loop.
pub(crate) fn spawn<F: Future<Output = ()> + 'static>(
    make: impl FnOnce() -> F + Send + 'static,
) -> Result<(), AditError> {
    let start: Start = Box::new(move || Box::pin(make()));
    let mut worker = lock();
    let worker = match &mut *worker {
        Some(worker) => worker,
        none => none.insert(begin()?),
    };
    // The receiver lives as long as the entry: the thread takes the entry away before it ends.
    worker.starts.send(start).map_err(|_| AditError::internal("the tunnels' thread has ended"))?;
    worker.tasks += 1;
    Ok(())
}

/// True on the thread itself, which must not wait for its own tasks.
pub(crate) fn is_here() -> bool {
    lock().as_ref().is_some_and(|worker| worker.thread == std::thread::current().id())
}

fn begin() -> Result<Worker, AditError> {
    let refused = |error: std::io::Error| {
        AditError::system(format!("the tunnels' thread cannot start: {error}"), "Free memory or descriptors.")
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(refused)?;
    let (starts, mut queue) = mpsc::unbounded_channel::<Start>();
    let thread = std::thread::Builder::new()
        .name("adit".into())
        .spawn(move || {
            let local = tokio::task::LocalSet::new();
            local.block_on(&runtime, async move {
                // Ends when the entry is gone, and with it the sender.
                while let Some(start) = queue.recv().await {
                    tokio::task::spawn_local(async move {
                        // Its own task, so that a panic in it ends here.
                        let _ = tokio::task::spawn_local(start()).await;
                        ended();
                    });
                }
            });
        })
        .map_err(refused)?;
    Ok(Worker { starts, thread: thread.thread().id(), tasks: 0 })
}

/// One task less; the last one takes the entry away, and the thread ends.
fn ended() {
    let mut worker = lock();
    if let Some(entry) = &mut *worker {
        entry.tasks = entry.tasks.saturating_sub(1);
        if entry.tasks == 0 {
            *worker = None;
        }
    }
}
