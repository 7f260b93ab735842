# What the suite `swift` runs, in the folder with Swift, at the repository's place. Quiet unless something fails.
set -eu
cd swift-package
export ADIT_TEST_STUBS=1
build=/adit/build/package
options="--scratch-path $build --cache-path /adit/build/cache --disable-sandbox -Xlinker -L/adit/library"
options="$options -Xswiftc -warnings-as-errors"
swift build $options --build-tests
# Lines as they come: when a test ends the process, what stood before it is not lost.
stdbuf -oL swift test $options --skip-build

# The documentation: every link leads somewhere, every parameter is told of.
tools=$(dirname "$(readlink -f "$(command -v swiftc)")")
triple=$(swiftc -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)".*/\1/p')
docs=/adit/build/docs
rm -rf "$docs"
for module in Adit AditPacketTunnel AditManager; do
  mkdir -p "$docs/$module.graphs"
  "$tools/swift-symbolgraph-extract" -module-name $module -I $build/debug/Modules -I Sources/AditFFI -target "$triple" \
    -output-dir "$docs/$module.graphs" -minimum-access-level public -skip-inherited-docs
  "$tools/docc" convert Sources/$module/$module.docc --additional-symbol-graph-dir "$docs/$module.graphs" \
    --fallback-display-name $module --fallback-bundle-identifier adit.$module --warnings-as-errors \
    --output-path "$docs/$module.doccarchive"
  echo "Test Case 'Documentation.$module' passed (docc)"
done
