//! DNS: `resolv.conf` and systemd-resolved.

use std::fs;

use adit_driver::tun::Tun;

use crate::children::{IS_KILLED, RECOVERS, in_namespace, start};
use crate::configs::full_tunnel;
use crate::namespace::{Namespace, wait_until_gone};

#[test]
fn resolved_is_told_and_resolv_conf_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let Some(namespace) = Namespace::new("resolved") else { return };
    let paths = namespace.paths();
    fs::write(&paths.resolv_conf, "nameserver 127.0.0.53\n").unwrap();
    let log = namespace.folder.join("log");
    fs::write(&paths.resolvectl, format!("#!/bin/sh\necho \"$@\" >> {}\n", log.display())).unwrap();
    fs::set_permissions(&paths.resolvectl, fs::Permissions::from_mode(0o755)).unwrap();
    let before = namespace.state();
    namespace.run(async || {
        let tun = Tun::create("adit0").unwrap();
        let applied = full_tunnel("adit0").apply(&paths).await.unwrap();
        assert_eq!(fs::read_to_string(&paths.resolv_conf).unwrap(), "nameserver 127.0.0.53\n");
        applied.restore().await.unwrap();
        // One that fails: the file is replaced after all, and a note says so.
        fs::write(&paths.resolvectl, "#!/bin/sh\necho no bus >&2\nexit 1\n").unwrap();
        let applied = full_tunnel("adit0").apply(&paths).await.unwrap();
        assert!(applied.notes()[0].contains("no bus"), "{:?}", applied.notes());
        assert!(fs::read_to_string(&paths.resolv_conf).unwrap().contains("10.98.0.1"));
        applied.restore().await.unwrap();
        drop(tun);
    });
    namespace.expect(&before, "afterwards");
    let told = fs::read_to_string(log).unwrap();
    assert_eq!(
        told,
        "dns adit0 10.98.0.1\ndomain adit0 corp.test ~.\ndefault-route adit0 yes\nrevert adit0\n"
    );
}

#[test]
fn resolv_conf_that_is_a_mount_point_is_written_in_place() {
    let Some(namespace) = Namespace::new("mount") else { return };
    // As `ip netns exec` does with /etc/netns: a file mounted over another, for this process only.
    let folder = namespace.folder.display();
    fs::write(namespace.folder.join("mounted"), "nameserver 192.0.2.99\n").unwrap();
    let script = format!("mount --bind {folder}/mounted {folder}/resolv.conf && exec \"$@\"");
    let wrapper = ["unshare", "--mount", "sh", "-c", &script, "sh"];
    let before = (namespace.state(), fs::read(namespace.folder.join("mounted")).unwrap());
    let mut child = start(&mut in_namespace(&namespace, &wrapper, IS_KILLED));
    let mounted = fs::read_to_string(namespace.folder.join("mounted")).unwrap();
    assert!(mounted.contains("10.98.0.1"), "{mounted}");
    assert_eq!(namespace.state()[6], before.0[6], "the file underneath is not touched");
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until_gone(&namespace, "adit0");
    let recovering = in_namespace(&namespace, &wrapper, RECOVERS).output().unwrap();
    assert!(recovering.status.success(), "{}", String::from_utf8_lossy(&recovering.stderr));
    assert_eq!((namespace.state(), fs::read(namespace.folder.join("mounted")).unwrap()), before);
}
