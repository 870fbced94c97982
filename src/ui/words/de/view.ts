import type { Words } from '../words.ts';

const number = (value: number) => value.toLocaleString('de');

export const view: Words['view'] = {
  away: 'Die Verbindung ist weg; die Antwort geht ohne sie weiter',
  retrying: (status, attempt, of) =>
    `Die Claude-API ist ausgelastet${status === null ? '' : ` (${status})`}. Versuch ${attempt} von ${of}`,
  retryIn: (countdown) => `in ${countdown}`,
  retryNow: 'jetzt',
  quiet: (duration) => `seit ${duration} nichts gehört`,
  quietNow: 'Seit einer Weile ist nichts zu hören',
  inAll: (duration) => `insgesamt ${duration}`,
  written: (tokens) => `${tokens} Token geschrieben`,

  thoughtsSoFar: 'Gedanken bisher',
  thoughts: 'Gedanken',
  thoughtBriefly: 'Kurz nachgedacht',
  thoughtFor: (duration) => `${duration} nachgedacht`,

  answerActions: 'Diese Antwort',
  copyAnswer: 'Antwort kopieren',
  answerCopied: 'Kopiert',
  copyNotAllowed: 'Der Browser erlaubt es nicht',
  retry: 'Noch einmal',
  retryTitle: 'Fragt noch einmal, in einem eigenen Zweig. Was gesagt wurde, bleibt, wo es ist.',
  retrySending: 'Wird noch einmal gefragt …',
  retryFailed: 'Das hat nicht geklappt.',

  usage: (input, output) => `${input} hinein, ${output} heraus`,
  inputTokens: 'Eingabe-Token',
  outputTokens: 'Ausgabe-Token',
  cacheRead: 'Aus dem Cache gelesen',
  cacheWritten: 'In den Cache geschrieben',
  cost: 'Geschätzte Kosten',
  context: (used, max) => `Kontext: ${used} von ${max} Token`,

  tool: {
    writing: 'in Vorbereitung',
    running: 'läuft',
    asking: 'fragt Sie',
    done: 'fertig',
    failed: 'fehlgeschlagen',
    ended: 'kein Ergebnis',
    denied: 'abgelehnt',
  },
  input: 'Eingabe',
  result: 'Ergebnis',
  noResult: '(leer)',
  comparing: 'Wird verglichen …',

  lane: { running: 'arbeitet', done: 'fertig', failed: 'fehlgeschlagen' },
  tools: (count) => (count === 1 ? '1 Werkzeug' : `${number(count)} Werkzeuge`),
  laneSilent: 'Davon ist noch nichts zu hören.',
  laneReport: 'Was er berichtet hat',

  todoLabel: 'Claudes Aufgabenliste',
  todoTitle: 'Aufgaben',
  todoDone: (done, of) => `${number(done)} von ${number(of)} erledigt`,
  todo: { pending: 'offen', in_progress: 'in Arbeit', completed: 'erledigt' },

  saidAsking: 'Claude bittet um Ihre Zustimmung.',
  saidStopped: 'Angehalten.',
  saidSpent: (receipt) => `Angehalten: Die Token für heute sind aufgebraucht. ${receipt}`,
  saidFailed: (why) => `Die Antwort ist fehlgeschlagen: ${why}`,
  saidAnswer: (text) => `Claude hat geantwortet: ${text}`,

  aboutAgent: 'Über den Agenten',
  demoAgent: 'Das ist ein Demo-Agent: Hier antwortet ein Skript, nicht Claude.',

  emptyTitle: 'Woran wollen wir arbeiten?',
  emptyIntro:
    'Claude Code arbeitet in Ihrem Arbeitsbereich: Es liest und schreibt Dateien, führt Befehle aus und fragt, bevor es etwas tut, das Ihre Zustimmung braucht.',
  examples: [
    'Was macht dieses Projekt, und wie ist es aufgebaut?',
    'Finde einen Fehler, der sich zu beheben lohnt, und zeig mir die Lösung.',
    'Schreib ein kleines Skript, das meine Fotos nach Datum umbenennt.',
  ],
  inClone: ['Claude arbeitet in einem Klon von ', '.'],
  startOn: 'Mit einem Repository beginnen',
  ownerName: 'besitzer/name',
  clone: 'Klonen',
  cloning: 'Wird geklont …',
  cloningOf: (name) => `${name} wird geklont`,

  conversations: 'Unterhaltungen',
  chat: 'Unterhaltung',
  newChat: 'Neue Unterhaltung',
  files: 'Dateien',

  dismiss: 'Ausblenden',
};
