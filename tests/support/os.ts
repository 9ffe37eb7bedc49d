/**
 * A test of what calls the C library. `src/os` opens that on first use and for good, which Deno would take for a leak
 * of the test that happened to be first.
 *
 * @param name What is so.
 * @param fn The test.
 * @param options `ignore`: whether this system cannot run it.
 */
export function osTest(
  name: string,
  fn: () => void | Promise<void>,
  options: { readonly ignore?: boolean } = {},
): void {
  Deno.test({ name, fn, ignore: options.ignore ?? false, sanitizeResources: false });
}
