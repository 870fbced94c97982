import type { Words } from '../words.ts';

export const view: Words['view'] = {};
