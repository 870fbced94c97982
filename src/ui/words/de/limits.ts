import type { Words } from '../words.ts';

export const limits: Words['limits'] = {};
