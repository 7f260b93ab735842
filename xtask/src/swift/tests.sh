# What the suite `swift` runs, in the folder with Swift, at the repository's place. Quiet unless something fails.
set -eu
cd swift-package
export ADIT_TEST_STUBS=1
options="--scratch-path /adit/build/package --cache-path /adit/build/cache --disable-sandbox -Xlinker -L/adit/library"
swift build $options --build-tests -Xswiftc -warnings-as-errors
# Lines as they come: when a test ends the process, what stood before it is not lost.
stdbuf -oL swift test $options --skip-build -Xswiftc -warnings-as-errors
