export const limits = {
  yours: 'Your limits',
  meter: (short: string, left: string) => `Limits: ${short}, ${left}`,
  names: {
    hour: 'Messages this hour',
    day: 'Messages today',
    tokens: 'Tokens today',
    runs: 'Answers at once',
  },
  /** Why a message was not taken at once. */
  reached: {
    hour: 'This hour’s messages are used up.',
    day: 'Today’s messages are used up.',
    tokens: 'Today’s tokens are used up.',
    runs: 'As many of your answers are running as may at once.',
    frames: 'That was too fast.',
  },
  /** Nothing to wait for: the limit is none at all. */
  switchedOff: 'The operator has switched this off.',
  /** A limit in as few words as it can be said. */
  short: {
    none: 'No limit',
    off: 'Switched off',
    hour: (used: string, max: string) => `${used} of ${max} this hour`,
    day: (used: string, max: string) => `${used} of ${max} today`,
    tokens: (used: string, max: string) => `${used} of ${max} tokens today`,
    runs: (used: string, max: string) => `${used} of ${max} answers running`,
  },
  left: (count: string) => `${count} left`,
  noneLeft: { none: 'no limit', off: 'switched off' },
  detail: {
    used: (used: string, max: string | null) =>
      max === null ? `${used} used` : `${used} of ${max} used`,
    running: (used: string, max: string | null) =>
      max === null ? `${used} running` : `${used} of ${max} running`,
    freeAgain: 'free again when one ends',
  },
  moreNow: 'more from now on',
  more: (clock: string, span: string) => `more from ${clock} (in\u00a0${span})`,
  whenRoom: 'as soon as there is room',
  whenOneEnds: 'as soon as one of your answers ends',
  tryLater: 'Please try again later.',
  sendAgain: (at: string) => `Please send again ${at}.`,
  receipt: (run: string, used: string, max: string, more: string) =>
    `This answer used ${run} tokens; ${used} of ${max} today; ${more}.`,
  stopped: 'Stopped: today’s tokens are used up.',
  stoppedBy: 'Stopped by a limit',
  /** Where a prompt stands that waits its turn. */
  queued: 'Queued',
  queuedAt: (position: number) => `Queued, number ${position}`,
  inLine: 'In line on this server',
  inLineAt: (position: number) =>
    position === 1
      ? 'Next in line on this server'
      : `${position}${ordinal(position)} in line on this server`,
  waits: 'Waits for a limit',
  sendsItself: (when: string) => `Sends itself ${when}.`,
  yourMessageSendsItself: (when: string) => `Your message sends itself ${when}.`,
  wasSent: 'Your message was sent.',
  notSent: 'Not sent yet',
  notSentWith: (images: number) =>
    `Not sent yet, with ${images === 1 ? 'an image' : `${images} images`}`,
  inTime: (span: string) => `In ${span}.`,
  anyMoment: 'Any moment now.',
  edit: 'Edit',
  takeBack: 'Take back',
  time: {
    tomorrow: (time: string) => `tomorrow at ${time}`,
    onDay: (day: string, time: string) => `${day} at ${time}`,
    /** The same three behind a verb. */
    at: (time: string) => `at ${time}`,
    atTomorrow: (time: string) => `tomorrow at ${time}`,
    atDay: (day: string, time: string) => `on ${day} at ${time}`,
    lessThanAMinute: 'less than a minute',
    minutes: (n: number) => `${n}\u00a0min`,
    hours: (n: number) => `${n}\u00a0h`,
    hoursAndMinutes: (h: number, min: number) => `${h}\u00a0h\u00a0${min}\u00a0min`,
  },
};

function ordinal(n: number): string {
  const isTeen = n % 100 >= 11 && n % 100 <= 13;
  return isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
}
