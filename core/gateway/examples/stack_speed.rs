//! How fast two userspace stacks move TCP data between them on one core, without a tunnel in between.
//!
//! `cargo run --release -p adit-gateway --example stack_speed [MIB]`

use std::time::{Duration, Instant};

use adit_gateway::stack::{ClientStack, Service, ServicePort, Stack, StackConfig, Transfer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mib: u64 = std::env::args().nth(1).map_or(Ok(1_024), |text| text.parse())?;
    let services = [
        ServicePort { port: 1009, service: Service::Digest },
        ServicePort { port: 19, service: Service::Source },
    ];
    for verify_checksums in [true, false] {
        for upload in [true, false] {
            let config = |address: &str| -> Result<StackConfig, Box<dyn std::error::Error>> {
                Ok(StackConfig { verify_checksums, ..StackConfig::new(vec![address.parse()?], 1) })
            };
            let mut client = ClientStack::new(config("10.0.0.2")?)?;
            let mut server = Stack::new(config("10.0.0.1")?, &services)?;
            let bytes = mib << 20;
            #[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
            let start = Instant::now();
            let mut transfer = match upload {
                true => Transfer::upload(&mut client, "10.0.0.1:1009".parse()?, bytes)?,
                false => Transfer::download(&mut client, "10.0.0.1:19".parse()?, bytes)?,
            };
            let mut packets = 0_u64;
            loop {
                client.poll(start.elapsed());
                while client.pop_with(|packet| server.push(packet)).is_some() {
                    packets += 1;
                }
                server.poll(start.elapsed());
                while server.pop_with(|packet| client.push(packet)).is_some() {
                    packets += 1;
                }
                client.poll(start.elapsed());
                if transfer.step(&mut client)?.is_some() {
                    break;
                }
            }
            let took = start.elapsed();
            let direction = if upload { "up" } else { "down" };
            println!(
                "{direction:>4} verify={verify_checksums:<5} {:.2} Gbit/s, {packets} packets, {:.0} ns a packet",
                bytes as f64 * 8.0 / took.as_secs_f64() / 1e9,
                took.as_secs_f64() * 1e9 / packets as f64,
            );
            assert!(took > Duration::ZERO);
        }
    }
    Ok(())
}
