import type { Words } from '../words.ts';

export const markdown: Words['markdown'] = {};
