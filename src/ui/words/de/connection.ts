import type { Words } from '../words.ts';

export const connection: Words['connection'] = {};
