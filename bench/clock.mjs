/** Milliseconds of a clock that all processes of this machine share; to compare what one sent with what another received. */
export function sharedMs() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}
