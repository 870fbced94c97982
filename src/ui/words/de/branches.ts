import type { Words } from '../words.ts';

export const branches: Words['branches'] = {};
