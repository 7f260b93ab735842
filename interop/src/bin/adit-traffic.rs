//! Traffic through a tunnel, run by the rig inside a namespace; see `adit_interop::traffic` for the other half.
//!
//! ```text
//! adit-traffic serve [ADDRESS]:PORT            a TCP partner for `transfer` and a UDP echo, until stdin ends
//! adit-traffic transfer up|down ADDRESS:PORT BYTES       bytes one way, hashed at both ends
//! adit-traffic ping ADDRESS:PORT RATE          UDP echo requests, RATE a second, until stdin ends
//! ```
//!
//! Each prints one JSON object when it is done. TCP buffers are small on purpose: an unbounded window fills the
//! queues on the way until one overflows, and the ping beside the transfer could not tell that from a lost packet.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use sha2::{Digest, Sha256};
use socket2::{Domain, Protocol, Socket, Type};

/// Socket buffers of a transfer, in bytes: about 47 packets of 1,400 under way.
const WINDOW: usize = 64 * 1024;
/// Bytes written or read at once.
const CHUNK: usize = 16 * 1024;
/// A transfer that stands still this long has failed.
const STALLED: Duration = Duration::from_secs(30);
/// How long a ping waits for the last replies.
const DRAIN: Duration = Duration::from_secs(2);
/// What a ping packet carries beside its number.
const PING_FILL: usize = 56;
/// Bytes of ping packets that may wait for a processor, at either end.
const PING_QUEUE: usize = 4 << 20;

const UP: u8 = b'u';
const DOWN: u8 = b'd';

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args.as_slice() {
        ["serve", address] => parse(address).and_then(serve),
        ["transfer", direction, address, bytes] => parse(address).and_then(|address| {
            let bytes = bytes.parse().map_err(|_| invalid("BYTES is a number"))?;
            transfer(direction, address, bytes)
        }),
        ["ping", address, rate] => parse(address).and_then(|address| {
            let rate = rate.parse().map_err(|_| invalid("RATE is a number"))?;
            ping(address, rate)
        }),
        _ => Err(invalid("usage: adit-traffic serve|transfer|ping ...")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("adit-traffic: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until standard input ends.
fn serve(address: SocketAddr) -> io::Result<()> {
    let socket = tcp_socket(address)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(16)?;
    let listener = TcpListener::from(socket);
    let udp = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    udp.set_recv_buffer_size(PING_QUEUE)?;
    udp.bind(&address.into())?;
    let udp = UdpSocket::from(udp);
    std::thread::spawn(move || echo(&udp));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                if let Err(error) = serve_one(stream) {
                    eprintln!("adit-traffic: {error}");
                }
            });
        }
    });
    println!("{}", json!({ "serving": address.to_string() }));
    end_of_input();
    Ok(())
}

fn echo(udp: &UdpSocket) {
    let mut buffer = [0; 2048];
    loop {
        let Ok((length, from)) = udp.recv_from(&mut buffer) else { continue };
        let _ = udp.send_to(buffer.get(..length).unwrap_or_default(), from);
    }
}

/// One request: a direction and a length, then the bytes one way and the receiver's hash the other way.
fn serve_one(mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(STALLED))?;
    stream.set_write_timeout(Some(STALLED))?;
    let mut request = [0; 9];
    stream.read_exact(&mut request)?;
    let [direction, length @ ..] = request;
    let length = u64::from_be_bytes(length);
    if direction == UP {
        let hash = receive(&mut stream, length)?;
        stream.write_all(&hash)
    } else {
        send(&mut stream, length)?;
        let mut theirs = [0; 32];
        stream.read_exact(&mut theirs)
    }
}

/// Moves `bytes` and prints whether what arrived hashes to what was sent.
fn transfer(direction: &str, address: SocketAddr, bytes: u64) -> io::Result<()> {
    let code = match direction {
        "up" => UP,
        "down" => DOWN,
        _ => return Err(invalid("the direction is up or down")),
    };
    let started = Instant::now();
    let socket = tcp_socket(address)?;
    socket.connect_timeout(&address.into(), STALLED)?;
    let mut stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(STALLED))?;
    stream.set_write_timeout(Some(STALLED))?;
    stream.write_all(&[code])?;
    stream.write_all(&bytes.to_be_bytes())?;
    let theirs: [u8; 32];
    let expected: [u8; 32];
    if code == UP {
        expected = send(&mut stream, bytes)?;
        let mut hash = [0; 32];
        stream.read_exact(&mut hash)?;
        theirs = hash;
    } else {
        theirs = receive(&mut stream, bytes)?;
        expected = Pattern::new().hash(bytes);
        stream.write_all(&theirs)?;
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{}", json!({ "bytes": bytes, "sha256_match": theirs == expected, "seconds": seconds }));
    Ok(())
}

/// Sends `bytes` of the pattern; answers their hash.
fn send(stream: &mut TcpStream, bytes: u64) -> io::Result<[u8; 32]> {
    let mut pattern = Pattern::new();
    let mut hash = Sha256::new();
    let mut buffer = [0; CHUNK];
    let mut left = bytes;
    while left > 0 {
        let part = pattern.next(&mut buffer, left);
        stream.write_all(part)?;
        hash.update(part);
        left -= length(part);
    }
    Ok(hash.finalize().into())
}

/// Receives `bytes`; answers their hash.
fn receive(stream: &mut TcpStream, bytes: u64) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut buffer = [0; CHUNK];
    let mut left = bytes;
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        let count = stream.read(buffer.get_mut(..most).unwrap_or_default())?;
        if count == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, format!("{left} bytes are missing")));
        }
        let part = buffer.get(..count).unwrap_or_default();
        hash.update(part);
        left -= length(part);
    }
    Ok(hash.finalize().into())
}

/// Sends echo requests at a steady rate until standard input ends, then prints sent, received, lost, and the
/// longest time a reply took.
fn ping(address: SocketAddr, rate: u32) -> io::Result<()> {
    let any: SocketAddr = if address.is_ipv4() { ([0; 4], 0).into() } else { ([0; 16], 0).into() };
    let socket = Socket::new(Domain::for_address(any), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_recv_buffer_size(PING_QUEUE)?;
    socket.bind(&any.into())?;
    socket.connect(&address.into())?;
    let socket = UdpSocket::from(socket);
    socket.set_read_timeout(Some(Duration::from_millis(100)))?;
    let done = Arc::new(AtomicBool::new(false));
    let receiver = {
        let (socket, done) = (socket.try_clone()?, Arc::clone(&done));
        std::thread::spawn(move || count_replies(&socket, &done))
    };
    let ended = Arc::new(AtomicBool::new(false));
    {
        let ended = Arc::clone(&ended);
        std::thread::spawn(move || {
            end_of_input();
            ended.store(true, Ordering::Relaxed);
        });
    }
    println!("{}", json!({ "pinging": address.to_string() }));
    let started = Instant::now();
    let mut sent: u32 = 0;
    while !ended.load(Ordering::Relaxed) {
        let due = started + Duration::from_secs(1) * sent / rate.max(1);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let mut packet = [0; 16 + PING_FILL];
        let (number, rest) = packet.split_at_mut(8);
        number.copy_from_slice(&u64::from(sent).to_be_bytes());
        let (time, _) = rest.split_at_mut(8);
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        time.copy_from_slice(&micros.to_be_bytes());
        // A refusal (no route, for a moment) is a lost packet, not the end.
        let _ = socket.send(&packet);
        sent += 1;
    }
    let seconds = started.elapsed().as_secs_f64();
    std::thread::sleep(DRAIN);
    done.store(true, Ordering::Relaxed);
    let mut replies = receiver.join().unwrap_or_default();
    replies.sort_unstable();
    let total = replies.len();
    replies.dedup();
    let missing: Vec<u64> =
        (0..u64::from(sent)).filter(|number| replies.binary_search(number).is_err()).take(20).collect();
    println!(
        "{}",
        json!({
            "sent": sent,
            "received": replies.len(),
            "lost": u64::from(sent).saturating_sub(length_of(replies.len())),
            "duplicates": total - replies.len(),
            "first_lost": missing,
            "seconds": seconds,
        })
    );
    Ok(())
}

/// The number of each reply, in the order they came.
fn count_replies(socket: &UdpSocket, done: &AtomicBool) -> Vec<u64> {
    let mut numbers = Vec::new();
    let mut buffer = [0; 2048];
    while !done.load(Ordering::Relaxed) {
        let Ok(count) = socket.recv(&mut buffer) else { continue };
        if let Some(number) = buffer.get(..count).and_then(|packet| packet.first_chunk()) {
            numbers.push(u64::from_be_bytes(*number));
        }
    }
    numbers
}

/// A byte stream without repetition in it, so that a swapped or repeated part changes the hash.
struct Pattern(u64);

impl Pattern {
    fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    /// The next bytes, at most `limit` of them.
    fn next<'b>(&mut self, buffer: &'b mut [u8; CHUNK], limit: u64) -> &'b [u8] {
        for word in buffer.chunks_exact_mut(8) {
            // xorshift64
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            word.copy_from_slice(&self.0.to_be_bytes());
        }
        let length = usize::try_from(limit).unwrap_or(CHUNK).min(CHUNK);
        buffer.get(..length).unwrap_or_default()
    }

    /// The hash of the first `bytes` bytes.
    fn hash(mut self, bytes: u64) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut buffer = [0; CHUNK];
        let mut left = bytes;
        while left > 0 {
            let part = self.next(&mut buffer, left);
            hash.update(part);
            left -= length(part);
        }
        hash.finalize().into()
    }
}

fn tcp_socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_recv_buffer_size(WINDOW)?;
    socket.set_send_buffer_size(WINDOW)?;
    Ok(socket)
}

fn end_of_input() {
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
}

fn length(part: &[u8]) -> u64 {
    length_of(part.len())
}

fn length_of(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn parse(address: &str) -> io::Result<SocketAddr> {
    address.parse().map_err(|_| invalid("ADDRESS:PORT is expected"))
}

fn invalid(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, text)
}
