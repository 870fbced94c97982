/** The operators' page's own words, apart from the chat's, whose readers do not load them. */
import { ops as german } from './de/ops.ts';
import { ops as english } from './en/ops.ts';
import { language } from './words.ts';

export type OpsWords = typeof english;

export function opsWords(): OpsWords {
  return language === 'de' ? german : english;
}
