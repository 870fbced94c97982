import type { Words } from '../words.ts';

export const history: Words['history'] = {
  pinned: 'Angeheftet',
  pin: 'Anheften',
  unpin: 'Lösen',
};
