import type { Words } from '../words.ts';

export const thread: Words['thread'] = {
  conversation: 'Unterhaltung',
  opening: 'Die Unterhaltung wird geöffnet …',
  youSaid: 'Sie haben geschrieben',
  claudeSaid: 'Claude hat geantwortet',
  imageAlt: (at, of) => `Mit dieser Nachricht gesendet, ${at} von ${of}`,
  sending: 'Wird gesendet …',
  sentLater: 'Wird gesendet, sobald die Verbindung wieder steht',
  sendNow: 'Jetzt senden',
  takeBack: 'Zurücknehmen',
  stopped: 'Angehalten.',
  error: 'Fehler',
  errorCode: 'Code:',
  compacted: 'Frühere Nachrichten wurden zusammengefasst, um Platz zu schaffen',
  fallback: (model) =>
    `Das übliche Modell ist ausgelastet; ${model || 'ein anderes'} antwortet stattdessen`,
  withdrawn: 'Die Verbindung zu Claude ist abgerissen; dieser Teil wird neu geschrieben',
  earlier: 'Frühere Nachrichten',
  earlierLoading: 'Frühere Nachrichten werden geladen …',
  earlierFailed: 'Frühere Nachrichten ließen sich nicht laden. Noch einmal versuchen',
  newBelow: 'Neues weiter unten',
  toTheEnd: 'Zum Ende',
  stillAnswering: 'Antwortet noch',
  newAnswers: (count) => (count === 1 ? '1 neue Antwort' : `${count} neue Antworten`),
  copyLink: 'Link kopieren',
  linkCopied: 'Link kopiert',
  linkInAddress: 'Link steht in der Adresszeile',
  linkGone: 'Die Nachricht, auf die dieser Link zeigt, ist nicht mehr in der Unterhaltung.',
  linkFailed:
    'Die Nachricht, auf die dieser Link zeigt, ließ sich nicht laden. Öffnen Sie den Link noch einmal.',
};
