import type { Words } from '../words.ts';

export const limits: Words['limits'] = {
  yours: 'Ihre Limits',
  meter: (short, left) => `Limits: ${short}, ${left}`,
  names: {
    hour: 'Nachrichten in dieser Stunde',
    day: 'Nachrichten heute',
    tokens: 'Tokens heute',
    runs: 'Antworten gleichzeitig',
  },
  reached: {
    hour: 'Die Nachrichten dieser Stunde sind aufgebraucht.',
    day: 'Die Nachrichten von heute sind aufgebraucht.',
    tokens: 'Die Tokens von heute sind aufgebraucht.',
    runs: 'Es laufen schon so viele Ihrer Antworten, wie gleichzeitig dürfen.',
    frames: 'Das war zu schnell.',
  },
  switchedOff: 'Der Betreiber hat das abgeschaltet.',
  short: {
    none: 'Kein Limit',
    off: 'Abgeschaltet',
    hour: (used, max) => `${used} von ${max} in dieser Stunde`,
    day: (used, max) => `${used} von ${max} heute`,
    tokens: (used, max) => `${used} von ${max} Tokens heute`,
    runs: (used, max) => `${used} von ${max} Antworten laufen`,
  },
  left: (count) => `noch ${count}`,
  noneLeft: { none: 'kein Limit', off: 'abgeschaltet' },
  detail: {
    used: (used, max) => (max === null ? `${used} verbraucht` : `${used} von ${max} verbraucht`),
    running: (used, max) => (max === null ? `${used} laufen` : `${used} von ${max} laufen`),
    freeAgain: 'wieder frei, wenn eine endet',
  },
  moreNow: 'ab jetzt wieder',
  more: (clock, span) => `wieder ab ${clock} (in\u00a0${span})`,
  whenRoom: 'sobald Platz ist',
  whenOneEnds: 'sobald eine Ihrer Antworten endet',
  tryLater: 'Bitte versuchen Sie es später noch einmal.',
  sendAgain: (at) => `Bitte senden Sie ${at} noch einmal.`,
  receipt: (run, used, max, more) =>
    `Diese Antwort hat ${run} Tokens verbraucht; heute ${used} von ${max}; ${more}.`,
  stopped: 'Angehalten: Die Tokens von heute sind aufgebraucht.',
  stoppedBy: 'Von einem Limit angehalten',
  queued: 'Wartet',
  queuedAt: (position) => `Wartet, Nummer ${position}`,
  inLine: 'In der Warteschlange dieses Servers',
  inLineAt: (position) =>
    position === 1
      ? 'Als Nächstes auf diesem Server an der Reihe'
      : `An ${position}. Stelle auf diesem Server`,
  waits: 'Wartet auf ein Limit',
  sendsItself: (when) => `Wird ${when} von selbst gesendet.`,
  yourMessageSendsItself: (when) => `Ihre Nachricht wird ${when} von selbst gesendet.`,
  wasSent: 'Ihre Nachricht wurde gesendet.',
  notSent: 'Noch nicht gesendet',
  notSentWith: (images) =>
    `Noch nicht gesendet, mit ${images === 1 ? 'einem Bild' : `${images} Bildern`}`,
  inTime: (span) => `In ${span}.`,
  anyMoment: 'Jeden Moment.',
  edit: 'Bearbeiten',
  takeBack: 'Zurücknehmen',
  time: {
    tomorrow: (time) => `morgen um ${time}`,
    onDay: (day, time) => `${day} um ${time}`,
    at: (time) => `um ${time}`,
    atTomorrow: (time) => `morgen um ${time}`,
    atDay: (day, time) => `am ${day} um ${time}`,
    lessThanAMinute: 'weniger als einer Minute',
    minutes: (n) => `${n}\u00a0Min.`,
    hours: (n) => `${n}\u00a0Std.`,
    hoursAndMinutes: (h, min) => `${h}\u00a0Std.\u00a0${min}\u00a0Min.`,
  },
};
