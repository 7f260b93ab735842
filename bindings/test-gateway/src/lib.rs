//! A gateway inside the test process, over loopback, without root.
//!
//! Owns [`TestGateway`]: it makes certificates, a user and a profile, answers on two UDP ports of its own, and behind it
//! stands a mirror: each inner packet comes back with its two addresses exchanged (whose checksums stay right). For tests of
//! the bindings in Rust, Swift and Kotlin, which see it as a UniFFI library of its own; `adit-bindings` holds it only with
//! the cargo feature `test-gateway`. Never in a release.

mod gateway;
mod kinds;
mod mirror;

use std::net::SocketAddr;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use adit_crypto::{EcdsaEncoding, HashId, Secret, SignatureScheme};
use adit_gateway::init::{InitSettings, Issued, init};
use tokio::sync::mpsc as orders;

use kinds::{Made, make, text};

uniffi::setup_scaffolding!("adit_test_gateway");

/// Why there is no gateway.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error, uniffi::Error)]
pub enum TestGatewayError {
    /// It could not be made.
    #[error("{reason}")]
    Failed {
        /// Why.
        reason: String,
    },
}

impl TestGatewayError {
    fn of(reason: impl std::fmt::Display) -> Self {
        Self::Failed { reason: reason.to_string() }
    }
}

/// What kind of profile and server a test wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum TestGatewayKind {
    /// A server that works, and a profile with everything in it.
    Standard,
    /// The profile holds no password.
    WithoutPassword,
    /// The profile holds another password than the server.
    WrongPassword,
    /// The profile names the server by a name that only the app can resolve, `gateway.adit.test`.
    Named,
    /// The profile brings no CA certificate.
    WithoutAnchor,
    /// The profile trusts another CA than the server's.
    OtherAnchor,
    /// The ports are open, and nothing answers.
    Silent,
    /// Both sides prove themselves by a pre-shared key.
    SharedSecret,
    /// The profile holds another pre-shared key than the server.
    WrongSharedSecret,
    /// The client proves itself by a certificate whose key is not in the profile: `client_certificates` and `sign` are the
    /// system's key store.
    ClientCertificate,
    /// The server takes other algorithms than the profile offers.
    OtherProposals,
}

/// A gateway, until it is stopped or freed.
#[derive(uniffi::Object)]
pub struct TestGateway {
    profile: Secret,
    password: String,
    anchor: Vec<u8>,
    /// Certificate and key of a client whose key is not in the profile.
    client: Option<Issued>,
    client_anchor: Vec<u8>,
    ike: SocketAddr,
    natt: SocketAddr,
    orders: orders::UnboundedSender<Order>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the gateway's thread is told.
pub(crate) enum Order {
    /// Delete every client's tunnel.
    Drop,
    /// How many clients there are.
    Count(mpsc::Sender<u64>),
    Stop,
}

/// The user's name.
const USER: &str = "tester";
/// The server's name.
const HOST: &str = "gateway.adit.test";

#[uniffi::export]
impl TestGateway {
    /// Makes a gateway and starts it.
    ///
    /// # Errors
    /// No keys, no ports, no thread.
    #[uniffi::constructor]
    pub fn new(kind: TestGatewayKind) -> Result<Arc<Self>, TestGatewayError> {
        Self::configured(kind, |config| config)
    }

    /// The profile.
    ///
    /// # Errors
    /// Never.
    pub fn profile(&self) -> Result<Vec<u8>, TestGatewayError> {
        Ok(self.profile.expose().to_vec())
    }

    /// What `SessionOptions.overrides_json` must say: the gateway's ports, which no profile can name.
    ///
    /// # Errors
    /// Never.
    pub fn overrides(&self) -> Result<String, TestGatewayError> {
        Ok(format!(r#"{{"port":{},"nat_port":{}}}"#, self.ike.port(), self.natt.port()))
    }

    /// The user's name.
    ///
    /// # Errors
    /// Never.
    pub fn username(&self) -> Result<String, TestGatewayError> {
        Ok(USER.to_owned())
    }

    /// The user's password at the server.
    ///
    /// # Errors
    /// Never.
    pub fn password(&self) -> Result<String, TestGatewayError> {
        Ok(self.password.clone())
    }

    /// The CA certificate of the server, DER.
    ///
    /// # Errors
    /// Never.
    pub fn anchor(&self) -> Result<Vec<u8>, TestGatewayError> {
        Ok(self.anchor.clone())
    }

    /// The certificates of the client whose key is not in the profile, DER, its own first; empty for other kinds.
    ///
    /// # Errors
    /// Never.
    pub fn client_certificates(&self) -> Result<Vec<Vec<u8>>, TestGatewayError> {
        let own = self.client.iter().map(|issued| issued.certificate.clone());
        Ok(own.chain(self.client.is_some().then(|| self.client_anchor.clone())).collect())
    }

    /// Signs with that client's key, as the system's key store would. `scheme` is the question's: an ECDSA key on P-256
    /// knows `ecdsa-` with `sha256`, `sha384` or `sha512`.
    ///
    /// # Errors
    /// There is no such key, or it knows no such scheme.
    pub fn sign(&self, scheme: String, message: Vec<u8>) -> Result<Vec<u8>, TestGatewayError> {
        let client = self.client.as_ref().ok_or_else(|| TestGatewayError::of("there is no such key"))?;
        let hash = match scheme.as_str() {
            "ecdsa-sha256" => HashId::SHA2_256,
            "ecdsa-sha384" => HashId::SHA2_384,
            "ecdsa-sha512" => HashId::SHA2_512,
            other => return Err(TestGatewayError::of(format!("the key does not sign by {other}"))),
        };
        let provider = adit_crypto::default_provider();
        let key = provider.load_private_key(client.private_key.expose()).map_err(TestGatewayError::of)?;
        let scheme = SignatureScheme::Ecdsa(hash, EcdsaEncoding::Der);
        key.sign(scheme, &message, provider.random).map_err(TestGatewayError::of)
    }

    /// Where it answers IKE.
    ///
    /// # Errors
    /// Never.
    pub fn address(&self) -> Result<String, TestGatewayError> {
        Ok(self.ike.to_string())
    }

    /// How many clients are connected.
    ///
    /// # Errors
    /// The gateway is stopped.
    pub fn clients(&self) -> Result<u64, TestGatewayError> {
        let (to, count) = mpsc::channel();
        let stopped = || TestGatewayError::of("the gateway is stopped");
        self.orders.send(Order::Count(to)).map_err(|_| stopped())?;
        count.recv().map_err(|_| stopped())
    }

    /// Deletes every client's tunnel, as an administrator would.
    ///
    /// # Errors
    /// The gateway is stopped.
    pub fn drop_clients(&self) -> Result<(), TestGatewayError> {
        self.orders.send(Order::Drop).map_err(|_| TestGatewayError::of("the gateway is stopped"))
    }

    /// Ends the gateway at once, without a word to its clients.
    ///
    /// # Errors
    /// Never.
    pub fn stop(&self) -> Result<(), TestGatewayError> {
        let _ = self.orders.send(Order::Stop);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
        Ok(())
    }
}

/// For tests in Rust.
impl TestGateway {
    /// As [`Self::new`], with a server whose configuration (`adit gateway reference`) was changed.
    ///
    /// # Errors
    /// As [`Self::new`]; the configuration is wrong.
    pub fn configured(
        kind: TestGatewayKind,
        change: impl FnOnce(String) -> String,
    ) -> Result<Arc<Self>, TestGatewayError> {
        let provider = adit_crypto::default_provider();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = now.map_err(TestGatewayError::of)?;
        let mut settings = InitSettings::new(HOST, USER, now);
        settings.remote_address = (kind != TestGatewayKind::Named).then(|| "127.0.0.1".to_owned());
        settings.listen = vec![[127, 0, 0, 1].into()];
        (settings.port, settings.nat_port) = (0, 0);
        let made = init(settings.clone(), &provider).map_err(TestGatewayError::of)?;
        let password = text(&made.password);
        let Made { profile, config, client, client_anchor } = make(kind, settings, &made, &provider)?;
        let config = Secret::new(change(text(&config)).into_bytes());
        let (started, when_started) = mpsc::channel();
        let (orders, queue) = orders::unbounded_channel();
        let silent = kind == TestGatewayKind::Silent;
        let thread = std::thread::Builder::new()
            .name("adit-gateway".into())
            .spawn(move || gateway::serve(&config, silent, &started, queue))
            .map_err(TestGatewayError::of)?;
        let ports = when_started.recv().map_err(|_| TestGatewayError::of("the gateway did not start"))?;
        let (ike, natt) = ports.map_err(TestGatewayError::of)?;
        Ok(Arc::new(Self {
            profile: Secret::new(profile.into_bytes()),
            password,
            anchor: made.ca.certificate.clone(),
            client,
            client_anchor,
            ike,
            natt,
            orders,
            thread: Mutex::new(Some(thread)),
        }))
    }
}

impl Drop for TestGateway {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_starts_answers_questions_and_ends_with_its_thread() {
        let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
        assert_eq!(gateway.clients().unwrap(), 0);
        assert!(gateway.overrides().unwrap().contains("\"port\":"));
        gateway.drop_clients().unwrap();
        gateway.stop().unwrap();
        gateway.stop().unwrap();
        assert!(gateway.clients().is_err());
    }

    #[test]
    fn the_clients_key_signs_where_there_is_one() {
        let gateway = TestGateway::new(TestGatewayKind::ClientCertificate).unwrap();
        assert_eq!(gateway.client_certificates().unwrap().len(), 2);
        assert!(gateway.sign("ecdsa-sha256".into(), b"message".to_vec()).unwrap().len() > 60);
        assert!(gateway.sign("ed25519".into(), Vec::new()).is_err());
        let other = TestGateway::new(TestGatewayKind::Standard).unwrap();
        assert!(other.sign("ecdsa-sha256".into(), Vec::new()).is_err());
        assert!(other.client_certificates().unwrap().is_empty());
    }

    #[test]
    fn kinds_differ_in_their_profile() {
        let profile = |kind| String::from_utf8(TestGateway::new(kind).unwrap().profile().unwrap()).unwrap();
        let standard = profile(TestGatewayKind::Standard);
        assert!(standard.contains("AuthPassword") && standard.contains("com.apple.security.root"));
        assert!(!profile(TestGatewayKind::WithoutPassword).contains("AuthPassword"));
        assert!(profile(TestGatewayKind::WrongPassword).contains("not-the-password"));
        assert!(!profile(TestGatewayKind::WithoutAnchor).contains("com.apple.security.root"));
        assert!(profile(TestGatewayKind::Named).matches("gateway.adit.test").count() > 1);
        for kind in [TestGatewayKind::SharedSecret, TestGatewayKind::WrongSharedSecret] {
            assert!(profile(kind).contains("<key>SharedSecret</key>") && !profile(kind).contains("AuthName"));
        }
        for kind in [
            TestGatewayKind::WithoutPassword,
            TestGatewayKind::WithoutAnchor,
            TestGatewayKind::SharedSecret,
            TestGatewayKind::ClientCertificate,
        ] {
            assert!(profile(kind).trim_end().ends_with("</plist>"));
        }
    }
}
