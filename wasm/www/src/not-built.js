// Stands in for @adit/profile in a build that was made before the WebAssembly: everything fails and says why.

export async function init() {
  throw new Error('This copy of the page was built without the checker. Build it with: cargo xtask web');
}
