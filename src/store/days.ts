/**
 * Days as the operator's clock on the wall has them. Temporal knows those that have 23 or 25 hours, and those
 * that do not begin at midnight.
 */
import { Temporal } from 'temporal-polyfill';

export interface Day {
  /** Its first millisecond, epoch ms. */
  readonly from: number;
  /** The first millisecond of the next one. */
  readonly until: number;
  /** As ISO 8601 writes it: `2026-11-25`. */
  readonly date: string;
}

export class Days {
  readonly #timeZone: string;
  #last: Day = { from: 0, until: 0, date: '' };

  /** @param timeZone An IANA name. @throws {RangeError} For one that is not known. */
  constructor(timeZone: string) {
    this.#timeZone = Temporal.Now.zonedDateTimeISO(timeZone).timeZoneId;
  }

  /** The day that `at`, epoch ms, is in. */
  of(at: number): Day {
    if (at < this.#last.from || at >= this.#last.until) this.#last = this.#dayOf(at);
    return this.#last;
  }

  #dayOf(at: number): Day {
    const time = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(this.#timeZone);
    const start = time.startOfDay();
    return {
      from: start.epochMilliseconds,
      until: start.add({ days: 1 }).startOfDay().epochMilliseconds,
      date: time.toPlainDate().toString(),
    };
  }
}
