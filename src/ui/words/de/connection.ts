import type { Words } from '../words.ts';

export const connection: Words['connection'] = {
  live: 'Live',
  checking: 'Verbindung wird geprüft',
  catchingUp: 'Holt auf',
  connecting: 'Verbindet',
  reconnecting: 'Verbindet neu',
  offline: 'Offline',
  nextTry: (span) => `nächster Versuch in ${span}`,
  trying: 'versucht es',
  tryNow: 'Jetzt versuchen',
  refused: 'Abgelehnt: Der Server, oder was vor ihm steht, nimmt die Adresse dieser Seite nicht an',
  stopped: 'Getrennt',
  leaving: 'Meldet ab',
  signedOut: 'Abgemeldet',
};
