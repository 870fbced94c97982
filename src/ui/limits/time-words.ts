/** When something happens: as a clock says it, and how long that is from now. */

/** `14:05`, `tomorrow at 09:15`, `3 Dec at 09:15`, as this browser writes them. The midnight to come is `00:00`. */
export function clockWords(at: number, now: number): string {
  const time = new Date(at)
    .toLocaleTimeString([], { hour: 'numeric', minute: '2-digit' })
    .replaceAll(' ', '\u00a0');
  const tomorrow = startOfDay(now, 1);
  if (at <= tomorrow) return time;
  if (at < startOfDay(now, 2)) return `tomorrow at ${time}`;
  return `${new Date(at).toLocaleDateString([], { day: 'numeric', month: 'short' })} at ${time}`;
}

/** The same, behind a verb: `at 14:05`, `tomorrow at 09:15`, `on 3 Dec at 09:15`. */
export function atWords(at: number, now: number): string {
  const words = clockWords(at, now);
  if (at <= startOfDay(now, 1)) return `at ${words}`;
  return at < startOfDay(now, 2) ? words : `on ${words}`;
}

/** `5 h 12 min`, `42 min`, `less than a minute`: rounded up, so that it is never promised too early. */
export function spanWords(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  if (ms < 60_000) return 'less than a minute';
  if (minutes < 60) return together(minutes, 'min');
  const [h, min] = [Math.floor(minutes / 60), minutes % 60];
  return min === 0 ? together(h, 'h') : together(h, 'h', min, 'min');
}

/** No line breaks in a span. */
function together(...parts: (string | number)[]): string {
  return parts.join('\u00a0');
}

function startOfDay(now: number, daysOn: number): number {
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() + daysOn);
  return day.getTime();
}
