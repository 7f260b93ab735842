//! A network between a session and its gateway that can be taken away.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use adit_test_gateway::TestGateway;

/// Hands datagrams on between a client and a gateway's two ports, and remembers what the client sent.
pub struct Relay {
    ports: [u16; 2],
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    muted: AtomicBool,
    over: AtomicBool,
    sent: Mutex<Vec<Vec<u8>>>,
}

impl Relay {
    pub fn new(gateway: &TestGateway) -> Self {
        let ports: serde_json::Value = serde_json::from_str(&gateway.overrides().unwrap()).unwrap();
        let shared = Arc::new(Shared::default());
        let mut threads = Vec::new();
        let ports = ["port", "nat_port"].map(|name| {
            let behind = SocketAddr::from(([127, 0, 0, 1], ports[name].as_u64().unwrap() as u16));
            let front = UdpSocket::bind("127.0.0.1:0").unwrap();
            let port = front.local_addr().unwrap().port();
            let shared = Arc::clone(&shared);
            threads.push(std::thread::spawn(move || hand_on(&front, behind, &shared)));
            port
        });
        Self { ports, shared, threads }
    }

    /// What `SessionOptions.overrides_json` must say, with further members.
    pub fn overrides(&self, more: &str) -> Option<String> {
        Some(format!(r#"{{"port":{},"nat_port":{},{more}}}"#, self.ports[0], self.ports[1]))
    }

    /// Takes the network away, or gives it back.
    pub fn mute(&self, muted: bool) {
        self.shared.muted.store(muted, Ordering::SeqCst);
    }

    /// The IKE messages that the client has sent from the NAT traversal port, those that were lost too.
    pub fn messages(&self) -> Vec<Vec<u8>> {
        let sent = self.shared.sent.lock().unwrap();
        sent.iter().filter(|datagram| datagram.starts_with(&[0; 4])).cloned().collect()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// One port: the client is who sends, and is not the gateway.
fn hand_on(front: &UdpSocket, gateway: SocketAddr, shared: &Shared) {
    front.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let mut client = None;
    let mut datagram = [0; 4096];
    while !shared.over.load(Ordering::SeqCst) {
        let Ok((len, from)) = front.recv_from(&mut datagram) else { continue };
        let to = if from == gateway {
            client
        } else {
            client = Some(from);
            shared.sent.lock().unwrap().push(datagram[..len].to_vec());
            Some(gateway)
        };
        if let Some(to) = to.filter(|_| !shared.muted.load(Ordering::SeqCst)) {
            let _ = front.send_to(&datagram[..len], to);
        }
    }
}
