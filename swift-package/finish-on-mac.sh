#!/bin/sh
# What only a Mac can do for a release: the simulator's slice, Apple's own layout of the XCFramework, and its signature.
#
#   swift-package/finish-on-mac.sh "Apple Distribution: Example Ltd"
#
# Takes the name of a signing identity in the keychain; without one the framework stays unsigned. Needs Xcode and rustup.
# Leaves target/package/Adit.xcframework and its zip, and prints the zip's checksum for swift-package/XCFramework.release.
# On Linux `cargo xtask package apple` makes the same framework without the simulator and without a signature.
set -eu
if [ "$(uname)" != Darwin ] || ! command -v xcodebuild > /dev/null; then
    echo "error: needs a Mac with Xcode; on Linux run: cargo xtask package apple" >&2
    exit 2
fi
identity=${1-}
cd "$(dirname "$0")/.."
out=target/package/mac
framework=target/package/Adit.xcframework
rm -rf "$out" "$framework" "$framework.zip"
mkdir -p "$out/Headers/AditFFI"
cp swift-package/Sources/AditFFI/AditFFI.h swift-package/Sources/AditFFI/adit.h "$out/Headers/AditFFI/"
printf 'module AditFFI {\n    header "AditFFI.h"\n    header "adit.h"\n    export *\n}\n' > "$out/Headers/AditFFI/module.modulemap"

export IPHONEOS_DEPLOYMENT_TARGET=16.0 MACOSX_DEPLOYMENT_TARGET=13.0
# As `cargo xtask package` builds it: xtask/src/package/cross.rs says why.
rustup component add rust-src
cargo_home=${CARGO_HOME:-$HOME/.cargo}
rust_source=$(rustc --print sysroot)/lib/rustlib/src/rust
# Words apart by spaces: none of the paths may hold one.
RUSTFLAGS="-Zlocation-detail=file -Zuse-sync-unwind=yes -Cforce-unwind-tables=no"
RUSTFLAGS="$RUSTFLAGS --remap-path-prefix=$PWD=. --remap-path-prefix=$cargo_home=cargo --remap-path-prefix=$rust_source=rust"
export RUSTFLAGS RUSTC_BOOTSTRAP=1
slices=
for target in aarch64-apple-ios aarch64-apple-ios-sim aarch64-apple-darwin; do
    rustup target add "$target"
    cargo rustc --locked -p adit-bindings --lib --profile phone --target "$target" --crate-type staticlib \
        -Zbuild-std=std,panic_unwind -Zbuild-std-features=panic-unwind,optimize_for_size,backtrace-trace-only \
        -- -Cllvm-args=-homogeneous-prolog-epilog -Cllvm-args=-machine-outliner-reruns=2
    mkdir -p "$out/$target"
    # What tells a debugger of ring's C and assembler has this machine's paths in it.
    strip -S -o "$out/$target/libadit_bindings.a" "target/$target/phone/libadit_bindings.a"
    slices="$slices -library $out/$target/libadit_bindings.a -headers $out/Headers"
done
# Word by word: the paths hold no spaces.
# shellcheck disable=SC2086
xcodebuild -create-xcframework $slices -output "$framework"
for slice in "$framework"/*/; do
    cp swift-package/Sources/Adit/PrivacyInfo.xcprivacy "$slice"
done
if [ -n "$identity" ]; then
    codesign --timestamp --sign "$identity" "$framework"
fi
(cd target/package && zip -q -r -X -y Adit.xcframework.zip Adit.xcframework)
swift package compute-checksum "$framework.zip"
