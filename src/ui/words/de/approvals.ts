import type { Words } from '../words.ts';

export const approvals: Words['approvals'] = {
  label: 'Erlaubnis',
  sending: 'Ihre Antwort wird gesendet …',
  change: 'Ändern',
  answered: 'Beantwortet.',
  denied: 'Abgelehnt.',
  allowedOnce: 'Einmal erlaubt.',
  allowedEdited: 'Einmal erlaubt, so wie Sie es geändert haben.',
  allowedHere: 'Für diese Unterhaltung erlaubt.',

  wantsToUse: ['Claude möchte ', ' verwenden'],
  aTool: 'ein Werkzeug',
  allowOnce: 'Einmal erlauben',
  allowHere: 'Für diese Unterhaltung erlauben',
  edit: 'Bearbeiten …',
  tooLongToShow:
    'Die Eingabe ist zu lang, um sie hier zu zeigen; sie steht in der Karte des Werkzeugs darüber.',
  comparing: 'Wird verglichen …',
  alwaysTitle: 'Was „für diese Unterhaltung“ bedeutet',
  alwaysIntro:
    'Bis der Prozess dieser Unterhaltung endet, verwendet Claude ohne Rückfrage auch dies. Nichts davon wird auf die Platte geschrieben:',
  denyLabel: 'Warum nicht, oder was stattdessen (freiwillig)',
  denyPlaceholder: 'Grund (freiwillig)',
  deny: 'Ablehnen',

  anyTool: 'jedes Werkzeug',
  rule: (tool, content) => `${tool}: ${content}`,
  everyUse: (tool) => `jede Verwendung von ${tool}`,
  filesIn: (directory) => `Dateien in ${directory}`,
  mode: (mode) => `den Modus „${mode}“`,

  commandLabel: 'Der auszuführende Befehl',
  jsonLabel: 'Die Eingabe als JSON',
  commandWanted: 'Hier fehlt ein Befehl.',
  jsonWanted: 'Das ist noch kein JSON-Objekt.',
  allowThis: 'Dies einmal erlauben',
  back: 'Zurück',

  question: 'Claude hat eine Frage',
  questions: 'Claude hat Fragen',
  send: 'Senden',
  skip: 'Überspringen',
  another: (question) => `Eine andere Antwort auf: ${question}`,
  somethingElse: 'Etwas anderes',
  yourAnswer: 'Ihre Antwort',
};
