import type { Words } from '../words.ts';

export const offline: Words['offline'] = {
  newVersion: 'Eine neue Fassung dieser Seite ist da.',
  reload: 'Neu laden',
  later: 'Später',
  install: 'Als App installieren',
  notify: 'Benachrichtigen, wenn Claude fertig ist oder fragt',
  notifyDenied:
    'Dieser Browser lässt die Seite nicht benachrichtigen. Das ändern seine Einstellungen für diese Website.',
  ended: 'Claude hat geantwortet.',
  asks: 'Claude fragt Sie etwas.',
};
