import type { Words } from '../words.ts';

export const compose: Words['compose'] = {};
