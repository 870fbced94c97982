import type { Words } from '../words.ts';

export const share: Words['share'] = {
  menu: 'Teilen …',
  title: 'Diese Unterhaltung teilen',
  whatItDoes:
    'Wer hier angemeldet ist und den Link hat, kann die ganze Unterhaltung live mitlesen, samt Werkzeugaufrufen und Bildern. Schreiben, antworten oder etwas anhalten geht nicht.',
  loading: 'Wird geladen …',
  lasts: 'Der Link gilt',
  lasting: { week: '7 Tage lang', day: '1 Tag lang', always: 'bis ich ihn zurückziehe' },
  create: 'Link erstellen',
  created: 'Der Link ist da. Er wird nur dieses eine Mal gezeigt.',
  anewTitle: 'Brauchen Sie den Link noch einmal?',
  anewWhy:
    'Gespeichert ist nur sein Fingerabdruck, deshalb lässt er sich nicht noch einmal zeigen. Ein neuer Link tritt an seine Stelle: Der alte gilt dann nicht mehr, und wer damit zuschaut, ist draußen.',
  anew: 'Neuen Link erstellen',
  link: 'Link zu dieser Unterhaltung',
  copy: 'Kopieren',
  copied: 'Kopiert',
  once: 'Kopieren Sie ihn jetzt: Er wird nur dieses eine Mal gezeigt.',
  since: (when) => `Geteilt seit ${when}.`,
  until: (when) => `Gilt bis ${when}.`,
  untilWithdrawn: 'Gilt, bis Sie ihn zurückziehen.',
  nobody: 'Noch niemand hat ihn geöffnet.',
  watching: (count) =>
    count === 0
      ? 'Gerade schaut niemand zu.'
      : count === 1
        ? 'Gerade schaut eine Person zu.'
        : `Gerade schauen ${count} Personen zu.`,
  readers: 'Wer ihn geöffnet hat',
  now: 'schaut gerade zu',
  opened: (when) => `geöffnet am ${when}`,
  withdraw: 'Link zurückziehen',
  withdrawn: 'Der Link ist zurückgezogen. Niemand kann damit mehr zuschauen.',
  close: 'Schließen',
  readOnly: (by) => `Nur zum Lesen: geteilt von ${by}`,
  opening: 'Die geteilte Unterhaltung wird geöffnet …',
  empty: 'Hier wurde noch nichts gesagt.',
  home: 'Ihre Unterhaltungen',
  said: (by) => `${by} hat geschrieben`,
  claudeSaid: 'Claude hat geantwortet',
  stopped: 'Angehalten.',
  error: 'Fehler',
  code: 'Code:',
  asked: (by, tools) => `${by} wird um Erlaubnis gefragt: ${tools}`,
  image: (by, nth, of) => `Gesendet von ${by}, ${nth} von ${of}`,
  earlier: 'Frühere Nachrichten',
  earlierFailed: 'Frühere Nachrichten ließen sich nicht laden. Noch einmal versuchen',
  newBelow: 'Neues weiter unten',
  endedTitle: 'Diese Unterhaltung wird nicht mehr geteilt',
  ended:
    'Der Link wurde zurückgezogen oder ist abgelaufen, oder die Unterhaltung gibt es nicht mehr. Bitten Sie die Person, die ihn Ihnen geschickt hat, um einen neuen.',
  unknownTitle: 'Dieser Link funktioniert nicht',
  unknown:
    'Er wurde zurückgezogen, ist abgelaufen oder unterwegs unvollständig geworden. Bitten Sie die Person, die ihn Ihnen geschickt hat, um einen neuen.',
  tooManyTitle: 'Zu viele Links, die nicht funktionieren',
  tooMany:
    'Sie haben so viele Links geöffnet, die nirgendwohin führen, dass zehn Minuten lang keiner nachgesehen wird. Lassen Sie diese Seite offen: Sie versucht es von selbst wieder.',
  stoppedTitle: 'Diese Unterhaltung kann nicht gezeigt werden',
  signedOut: 'Ihre Anmeldung ist abgelaufen.',
  signIn: 'Anmelden und weiterlesen',
  conversation: 'Unterhaltung',
};
