import type { Words } from '../words.ts';

export const chat: Words['chat'] = {
  waiting: 'Wartet auf Claude',
  thinking: 'Denkt nach',
  writing: 'Schreibt',
  preparing: (tool) => `Bereitet ${tool} vor`,
  running: (tool) => `Führt ${tool} aus`,
  compacting: 'Fasst frühere Nachrichten zusammen',
  asking: 'Wartet auf Zustimmung',
  subagent: (name) => `${name} arbeitet`,
  subagents: (count) => `${count} Subagenten arbeiten`,
  aSubagent: 'Subagent',

  linesFrom: (path, from) => `${path}, ab Zeile ${from}`,
  lines: (path, from, to) => `${path}, Zeilen ${from}–${to}`,
  patternIn: (pattern, where) => `${pattern} in ${where}`,
  denied: 'Das durfte nicht ausgeführt werden.',
  task: (id) => `Aufgabe ${id}`,
  underCost: (cost) => `unter ${cost}`,

  draining: 'Der Server startet gleich neu. Laufende Antworten gehen weiter.',
  expiring:
    'Ihre Anmeldung läuft bald ab. Was Sie schreiben, bleibt hier und geht weiter, sobald Sie sich wieder angemeldet haben.',
  behindParked: 'Eine andere Nachricht wartet schon auf ihr Limit.',
};
