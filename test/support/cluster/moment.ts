/** Milliseconds of the machine's monotonic clock, the same for all its processes, the agents among them. */
export function moment(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
