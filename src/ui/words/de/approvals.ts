import type { Words } from '../words.ts';

export const approvals: Words['approvals'] = {};
