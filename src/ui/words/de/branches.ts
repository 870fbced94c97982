import type { Words } from '../words.ts';

export const branches: Words['branches'] = {
  label: 'Zweige',
  previous: 'Voriger Zweig',
  next: 'Nächster Zweig',
  place: (at, of) => `Zweig ${at} von ${of}`,
  edit: 'Bearbeiten',
  editLabel: 'Ihre Nachricht, um sie neu zu senden',
  editNote: 'Damit beginnt ein Zweig. Was gesagt wurde, bleibt, wo es ist.',
  cancel: 'Abbrechen',
  askAgain: 'Noch einmal fragen',
  send: 'Senden',
  failed: 'Das hat nicht geklappt.',
};
