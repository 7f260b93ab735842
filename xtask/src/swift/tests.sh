# What the suite `swift` runs, in the folder with Swift, at the repository's place. Quiet unless something fails.
set -eu
cd swift-package
export ADIT_TEST_STUBS=1
build=/adit/build/package
options="--scratch-path $build --cache-path /adit/build/cache --disable-sandbox -Xlinker -L/adit/library"
options="$options -Xswiftc -warnings-as-errors"
swift build $options --build-tests
# Lines as they come: when a test ends the process, what stood before it is not lost.
said=/adit/build/tests.said
ended=/adit/build/tests.ended
{
  code=0
  stdbuf -oL swift test $options --skip-build || code=$?
  echo $code > "$ended"
} | tee "$said"
[ "$(cat "$ended")" = 0 ] || exit 1
# A test that XCTest does not find, in a class it does not know or with a form of its own, is not passed over.
written=$(find Tests -name '*.swift' -exec grep -hE '^ *(@[A-Za-z]+ )*func test[A-Z]' {} + | wc -l)
ran=$(grep -cE "^Test Case '[^']*' (passed|failed|skipped)" "$said" || true)
if [ "$written" != "$ran" ]; then
  echo "Test Case 'Tests.eachThatIsWrittenIsRun' failed: $written are written and $ran were run"
  exit 1
fi
echo "Test Case 'Tests.eachThatIsWrittenIsRun' passed ($ran)"

# The manifest as Apple's systems read it: the four ways to the library. $1 is what a release says of it.
manifest=/adit/build/manifest
rm -rf "$manifest"
mkdir -p "$manifest"
cp Package.swift "$manifest/"
dump() {
  env -u ADIT_TEST_STUBS ADIT_TEST_APPLE=1 "$@" swift package --package-path "$manifest" --scratch-path "$manifest/.build" \
    --cache-path /adit/build/cache --manifest-cache none --disable-sandbox dump-package > "$manifest.said" 2>&1
}
says() {
  name=$1
  shift
  for words; do
    sed 's|\\/|/|g' "$manifest.said" | grep -qF -- "$words" || {
      echo "Test Case 'Manifest.$name' failed: it does not say $words, but:"
      cat "$manifest.said"
      exit 1
    }
  done
  echo "Test Case 'Manifest.$name' passed (SwiftPM)"
}
dump ADIT_XCFRAMEWORK=../package/Adit.xcframework
says aLocalLibrary '"path" : "../package/Adit.xcframework"' '"type" : "binary"'
if dump ADIT_XCFRAMEWORK=/package/Adit.xcframework; then echo "an absolute path was taken"; exit 1; fi
says anAbsolutePath "must be a path from"
if dump ADIT_XCFRAMEWORK=; then echo "there is a library without any"; exit 1; fi
says noLibrary "Set ADIT_XCFRAMEWORK"
printf '%s' "$1" > "$manifest/XCFramework.release"
dump ADIT_XCFRAMEWORK=
says aRelease "\"url\" : \"$(sed -n 's/^url: //p' "$manifest/XCFramework.release")\"" \
  "\"checksum\" : \"$(sed -n 's/^checksum: //p' "$manifest/XCFramework.release")\"" '"type" : "binary"'

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
