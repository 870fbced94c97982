import type { Words } from '../words.ts';

export const api: Words['api'] = {
  unreachable: 'Der Server ist gerade nicht erreichbar.',
  status: (status) => `Der Server hat mit ${status} geantwortet.`,
};
