import type { Words } from '../words.ts';

export const account: Words['account'] = {
  button: (user) => `Konto von ${user}`,
  signedInAs: (user) => `Angemeldet als ${user}`,
  who: ['Angemeldet als ', ''],
  devices: 'Angemeldete Geräte …',
  operators: 'Für Betreiber',
  signOut: 'Abmelden',
  signOutEverywhere: 'Überall abmelden …',
  language: 'Sprache',
  automatic: 'Automatisch',
  automaticTitle: 'Wie in Ihrem Browser eingestellt',

  devicesTitle: 'Angemeldete Geräte',
  devicesOf: (user) => `Hier sind Sie als ${user} angemeldet.`,
  nowhereElse: 'Sonst sind Sie nirgends angemeldet.',
  loading: 'Wird geladen …',
  tryAgain: 'Noch einmal versuchen',
  close: 'Schließen',
  failed: 'Das hat nicht geklappt.',
  thisDevice: 'Dieses Gerät',
  inUse: 'Gerade benutzt',
  lastUsed: (ago) => `Zuletzt benutzt ${ago}`,
  signedIn: (when) => `Angemeldet ${when}`,
  signOutDevice: (device, used) =>
    `${device} abmelden, ${used.charAt(0).toLowerCase()}${used.slice(1)}`,
  signingOut: 'Wird abgemeldet …',
  deviceSignedOut: (device) => `${device} ist abgemeldet.`,
  browserOn: (browser, system) =>
    /^iP/.test(system) ? `${browser} auf dem ${system}` : `${browser} unter ${system}`,
  aBrowser: 'Ein Browser',
  unknownDevice: 'Ein unbekanntes Gerät',

  justNow: 'gerade eben',
  todayAt: (time) => `heute um ${time}`,
  yesterdayAt: (time) => `gestern um ${time}`,
  onDay: (day) => `am ${day}`,

  askSignOut: 'Abmelden?',
  askEverywhere: 'Überall abmelden?',
  everywhere: 'Überall abmelden',
  everywhereMeans: [
    'Alle Browser und Programme, die als ',
    ' angemeldet sind, werden abgemeldet, auch dieser. Antworten, die gerade geschrieben werden, laufen weiter.',
  ],
  unsent: (count) =>
    count === 1
      ? 'Eine Nachricht, die Sie hier geschrieben haben, ist nicht gesendet. Sie bleibt in diesem Browser, bis Sie sich wieder anmelden.'
      : `${count} Nachrichten, die Sie hier geschrieben haben, sind nicht gesendet. Sie bleiben in diesem Browser, bis Sie sich wieder anmelden.`,
  forget: () => 'Jetzt löschen, wie an einem gemeinsam genutzten Computer',
  cancel: 'Abbrechen',

  ended: 'Ihre Anmeldung ist abgelaufen.',
  nothingLost:
    'Nichts geht verloren: Was Sie schreiben, bleibt hier, und es geht weiter, sobald Sie sich wieder angemeldet haben.',
  signInInNewTab: 'In neuem Tab anmelden',
  signIn: 'Anmelden',
};
